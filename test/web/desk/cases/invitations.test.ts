/** Invitations and cards on a case: shown as what they say, not only as files. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { fileDocument } from '../../../../core/intake/file-document.ts'
import { trailSteps } from '../../../../core/contacts/tables.ts'
import { fileKind, stepWords } from '../../../../web/desk/shared/words.ts'
import { emptyLine, stand, town } from '../../../helpers/contacts.ts'
import { openSite, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let agent: SignedIn
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())
beforeEach(async () => {
  agent = await signIn(site, 'agent', ['streets'])
  await emptyLine(site.runtime, 'streets')
})

const entry = 'Porch\nWhere: 7 Oak Street\nWhen: 2026-12-03 09:00 (UTC)\nOrganizer: Ana Ruiz'
const card = 'Ana Ruiz\n+1 217 555 0142\n7 Oak Street, Springfield'
const document = (name: string, mediaType: string, text: string) => ({
  ...fileDocument({ name, mediaType, bytes: Buffer.from(text) }),
  text,
  confidence: 1
})

async function pageOf(text: string): Promise<string> {
  await stand(site.runtime, {
    to: town('streets'),
    text,
    documents: [
      document('invitation.ics', 'text/calendar', entry),
      document('card.vcf', 'text/vcard', card)
    ]
  })
  const token = (await agent.get('/desk')).input('_csrf')
  const answer = await agent.post('/desk/departments/streets/take', { _csrf: token })
  return (await agent.get(answer.headers.get('location')!)).text
}

test('beside other words, an invitation and a card say what is in them', async () => {
  const page = await pageOf(`Please come. ${crypto.randomUUID()}`)
  expect(page).toContain(`>${entry}</div>`)
  expect(page).toContain(`>${card}</div>`)
  expect(page).toContain('Calendar entry, ')
  expect(page).toContain('Visiting card, ')
})

test('where they are all that was said, nothing is said twice', async () => {
  const page = await pageOf(entry)
  expect(page.split(`>${entry}</div>`)).toHaveLength(2)
})

test('every step of a trail has words, and so do files of which a type says little', () => {
  for (const step of trailSteps) expect(stepWords[step]).toMatch(/^[A-Z][a-z ]+$/)
  expect(['text/x-vcard', 'text/directory', 'application/pdf'].map(fileKind)).toEqual([
    'Visiting card',
    'Visiting card',
    'application/pdf'
  ])
})
