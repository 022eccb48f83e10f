/** A message that comes while the page of its case is open: nobody answers or ends over it. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { emptyLine, stand, tokenFor, town, type Stood } from '../../../helpers/contacts.ts'
import { openSite, type Page, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'
import { formOf } from './support.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const rosa = { name: 'Rosa Delgado', emails: ['rosa@people.example'] }
let agent: SignedIn
let stood: Stood
let path: string
beforeEach(async () => {
  await emptyLine(site.runtime, 'streets')
  agent = await signIn(site, 'agent', ['streets'])
  stood = await stand(site.runtime, { to: town('streets'), subject: 'A hole', sender: rosa })
  const token = (await agent.get('/desk')).input('_csrf')
  const taken = await agent.post('/desk/departments/streets/take', { _csrf: token })
  path = taken.headers.get('location')!
})

const writeAgain = () =>
  stand(site.runtime, {
    to: town('streets'),
    tokens: [tokenFor(site.runtime, stood.receipt)],
    text: `It has grown. ${crypto.randomUUID()}`,
    sender: rosa
  })
const answered = 'We fill it on Friday.'
const sendFrom = (page: Page) =>
  agent.post(
    `${path}/compose`,
    formOf(page, `${path}/compose`, { text: answered, outcomeId: 'reply-sent', do: 'send-close' })
  )
const state = async () =>
  (
    await site.runtime.db
      .selectFrom('cases')
      .select('state')
      .where('id', '=', stood.caseId)
      .executeTakeFirstOrThrow()
  ).state

test('a reply from a page that does not show it comes back with its words, and goes from the next', async () => {
  const page = await agent.get(path)
  await writeAgain()
  const back = await sendFrom(page)
  expect(back.headers.get('location')).toBe(`${path}#reply`)
  const again = await agent.get(path)
  expect(again.text).toContain('a message came to this case after your page was loaded')
  expect(again.text).toContain('It has grown.')
  expect(again.text).toContain(answered)
  expect(await state()).toBe('taken')
  await sendFrom(again)
  expect(await state()).toBe('closed')
})

test('closing without a reply is refused the same way, once', async () => {
  const close = async (page: Page) =>
    agent.post(`${path}/close`, {
      _csrf: page.input('_csrf'),
      shown: page.input('shown'),
      outcome: 'No action needed',
      reason: 'it was filled already'
    })
  const page = await agent.get(path)
  await writeAgain()
  const refused = await close(page)
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('a message came to this case after your page was loaded')
  expect(refused.text).toContain('it was filled already')
  expect(await state()).toBe('taken')
  await close(await agent.get(path))
  expect(await state()).toBe('closed')
})
