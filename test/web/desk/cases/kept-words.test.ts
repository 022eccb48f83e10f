/** What was typed on a case's page is there until it was sent, saved or taken off. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { repliesOf } from '../../../../core/replies/view.ts'
import { copyConfig } from '../../../helpers/config.ts'
import { emptyLine, stand, town, type Stood } from '../../../helpers/contacts.ts'
import { temporaryFolder } from '../../../helpers/running.ts'
import { openSite, type Page, type Site } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'
import { formOf } from './support.ts'

let site: Site
beforeAll(async () => {
  const folder = temporaryFolder()
  copyConfig(folder, { water: 'approval: true' })
  site = await openSite({ CONFIG_DIR: folder })
})
afterAll(() => site.close())

let agent: SignedIn
let colleague: SignedIn
let stood: Stood
let path: string
beforeEach(async () => {
  ;[agent, colleague] = [
    await signIn(site, 'agent', ['streets', 'water']),
    await signIn(site, 'agent', ['streets', 'water'])
  ]
  await inHand()
})

async function inHand(department = 'streets'): Promise<void> {
  await emptyLine(site.runtime, department)
  stood = await stand(site.runtime, {
    to: town(department),
    subject: 'A hole in Elm Street',
    text: `It is deep. ${crypto.randomUUID()}`,
    sender: { name: 'Rosa Delgado', emails: ['rosa@people.example'], phones: ['+12175550142'] }
  })
  const token = (await agent.get('/desk')).input('_csrf')
  const answer = await agent.post(`/desk/departments/${department}/take`, { _csrf: token })
  path = answer.headers.get('location')!
}

/** Presses a button of the boxes on a page, without a script. */
async function press(fields: Record<string, string>, page?: Page): Promise<Page> {
  const shown = page ?? (await agent.get(path))
  return agent.post(`${path}/compose`, formOf(shown, `${path}/compose`, fields))
}

const reply = (page: Page) => /<textarea id="answer"[^>]*>\n([^<]*)</.exec(page.text)?.[1]
const note = (page: Page) => /<textarea id="note-text"[^>]*>\n([^<]*)</.exec(page.text)?.[1]
const replies = () => repliesOf(site.runtime.db, [stood.caseId], [stood.contactId])
const stateOf = async () =>
  (
    await site.runtime.db
      .selectFrom('cases')
      .select('state')
      .where('id', '=', stood.caseId)
      .executeTakeFirstOrThrow()
  ).state

describe('two boxes on one page', () => {
  test('saving the note keeps the words of the reply, and the reverse', async () => {
    await press({ text: 'We fill it on Monday.', note: 'Crew two is free.', do: 'note' })
    const after = await agent.get(path)
    expect([reply(after), note(after)]).toEqual(['We fill it on Monday.', ''])
    expect(after.text).toContain('The note is kept.')
    await press({ text: 'We fill it on Monday.', note: 'Crew one', do: 'send' })
    const sent = await agent.get(path)
    expect([reply(sent), note(sent)]).toEqual(['', 'Crew one'])
    expect((await replies()).map(({ text }) => text)).toEqual(['We fill it on Monday.'])
  })

  test('a note that names nobody there is kept, and its writer is told so', async () => {
    await press({ note: 'Crew two is free, @Nobody. Ask water@town.example.', do: 'note' })
    const page = await agent.get(path)
    expect(page.text).toContain('The note is kept, but nobody is told')
    expect(page.text).toContain('Crew two is free, @Nobody.')
    await press({ note: 'Ask water@town.example.', do: 'note' })
    expect((await agent.get(path)).text).not.toContain('nobody is told')
  })

  test('a refused reply comes back with the note beside it', async () => {
    await press({ text: 'Hello', note: 'Crew one', to: 'other', do: 'send' })
    const page = await agent.get(path)
    expect([reply(page), note(page)]).toEqual(['Hello', 'Crew one'])
  })

  test('colleagues who do not hold the case have the note alone', async () => {
    const page = await colleague.get(path)
    expect(reply(page)).toBeUndefined()
    await colleague.post(
      `${path}/compose`,
      formOf(page, `${path}/compose`, { note: 'I know that corner.', do: 'note' })
    )
    expect((await agent.get(path)).text).toContain('I know that corner.')
  })
})

describe('two windows on one case', () => {
  test('what was sent from one does not come back by the other, nor is it sent twice', async () => {
    await press({ text: 'We fill it on Monday.', do: 'draft' })
    const [one, two] = [await agent.get(path), await agent.get(path)]
    await press({ text: 'We fill it on Monday.', do: 'send' }, one)
    await press({ text: 'We fill it on Monday.', note: 'Crew one', do: 'note' }, two)
    const page = await agent.get(path)
    expect(reply(page)).toBe('')
    expect(page.text).not.toContain('another window')
    await press({ text: 'We fill it on Monday.', do: 'send' }, two)
    expect((await agent.get(path)).text).toContain(
      'Nothing was sent: another window of yours has sent these words meanwhile.'
    )
    expect(await replies()).toHaveLength(1)
  })

  test('what was typed in the other and not sent stays', async () => {
    const [one, two] = [await agent.get(path), await agent.get(path)]
    await press({ text: 'Half a thought', do: 'draft' }, two)
    await press({ text: 'We fill it on Monday.', do: 'send' }, one)
    const page = await agent.get(path)
    expect(reply(page)).toBe('Half a thought')
    expect(page.text).toMatch(/Kept from another window, \d+:\d\d [AP]M/)
    expect(page.text).not.toContain('Not in the box')
    await press({ do: 'discard' })
    const after = await agent.get(path)
    expect(reply(after)).toBe('')
    expect(after.text).toContain('The words kept from another window are gone.')
    expect(after.text).not.toContain('Kept from another window')
  })

  test('a note says where its words are from, too', async () => {
    const [one, two] = [await agent.get(path), await agent.get(path)]
    await press({ note: 'Half a thought', do: 'draft-note' }, two)
    await press({ note: 'Crew one', do: 'note' }, one)
    expect(note(await agent.get(path))).toBe('Half a thought')
    expect((await agent.get(path)).text).toContain('Kept from another window')
    const { headers } = await press({ note: 'Half a thought', do: 'discard-note' })
    expect(headers.get('location')).toBe(`${path}#note`)
    expect(note(await agent.get(path))).toBe('')
  })

  test('words laid beside those in the box are told apart from them', async () => {
    const [one, two] = [await agent.get(path), await agent.get(path)]
    await press({ text: 'One', do: 'draft' }, one)
    await press({ text: 'Two', do: 'draft' }, two)
    const page = await agent.get(path)
    expect(reply(page)).toBe('Two')
    expect(page.text).toMatch(/Not in the box: kept from another window, \d+:\d\d [AP]M/)
  })
})

describe('sending and closing', () => {
  test('are one: where the closing is refused, nothing was sent, and the words are there', async () => {
    await press({ text: 'We fill it on Monday.', outcomeId: 'unheard-of', do: 'send-close' })
    expect([await stateOf(), await replies()]).toEqual(['taken', []])
    expect(reply(await agent.get(path))).toBe('We fill it on Monday.')
  })

  test('by two presses at once send one reply, close once and take one next case', async () => {
    const next = await stand(site.runtime, { to: town('streets'), text: crypto.randomUUID() })
    await stand(site.runtime, { to: town('streets'), text: crypto.randomUUID() })
    const page = await agent.get(path)
    const words = { text: 'We fill it on Monday.', do: 'send-close-next' }
    const answers = await Promise.all([press(words, page), press(words, page)])
    expect(answers.map(({ headers }) => headers.get('location')).toSorted()).toEqual(
      [path, `/desk/cases/${next.caseId}`].toSorted()
    )
    expect([await stateOf(), (await replies()).length]).toEqual(['closed', 1])
  })

  test('a second press closes what the first one only sent', async () => {
    const page = await agent.get(path)
    await press({ text: 'We fill it on Monday.', do: 'send' }, page)
    await press({ text: 'We fill it on Monday.', do: 'send-close' }, page)
    expect([await stateOf(), (await replies()).length]).toEqual(['closed', 1])
  })
})

describe('words of a form that was refused', () => {
  const call = { text: 'We fill it on Monday.', to: 'call +12175550142' }

  async function duty(): Promise<string> {
    return /action="([^"]+\/duties\/[^"]+)"/.exec((await agent.get(path)).text)![1]!
  }

  test('about a call that a colleague settled first come back on the page', async () => {
    await press({ ...call, do: 'send' })
    expect((await agent.get(path)).text).toContain('to be called')
    const [action, token] = [await duty(), (await agent.get(path)).input('_csrf')]
    await colleague.post(action, {
      _csrf: (await colleague.get(path)).input('_csrf'),
      how: 'reached',
      words: 'She was glad'
    })
    const page = await agent.post(action, {
      _csrf: token,
      how: 'unreachable',
      words: 'Rang three times'
    })
    expect(page.status).toBe(409)
    expect(page.text).toContain('<h1>A hole in Elm Street</h1>')
    expect(page.text).toContain('Not done')
    expect(page.text).toMatch(/<textarea[^>]*name="words"[^>]*>\nRang three times<\/textarea>/)
    expect(page.text).toContain('They cannot be reached')
    expect(page.text).toContain('She was glad')
    expect(page.text).not.toContain(`action="${action}" autocomplete="off"><button`)
  })

  test('that another press can mend come back to be sent from there', async () => {
    const token = (await agent.get(path)).input('_csrf')
    const page = await agent.post(`${path}/pause`, {
      _csrf: token,
      reason: 'Which side of the street?',
      until: '2001-01-01'
    })
    expect(page.text).toMatch(/name="reason"[^>]*>\nWhich side of the street\?<\/textarea>/)
    expect(page.text).toMatch(/id="typed-\d" name="until"[^>]*value="2001-01-01"/)
    expect(page.text).toContain('Wait for the resident</button>')
    expect(await stateOf()).toBe('taken')
  })

  test('about a reply that a colleague let go come back on the page', async () => {
    await inHand('water')
    await press({ text: 'It is nothing.', do: 'send' })
    const third = await signIn(site, 'agent', ['streets', 'water'])
    const token = (await third.get(path)).input('_csrf')
    const action = /action="([^"]+)\/approve"/.exec((await colleague.get(path)).text)![1]!
    await colleague.post(`${action}/approve`, {
      _csrf: (await colleague.get(path)).input('_csrf')
    })
    const page = await third.post(`${action}/send-back`, { _csrf: token, words: 'Kinder, please' })
    expect(page.status).toBe(409)
    expect(page.text).toMatch(/name="words"[^>]*>\nKinder, please<\/textarea>/)
  })

  test('of a case that is with another department by now come back to be copied', async () => {
    const token = (await agent.get(path)).input('_csrf')
    await site.runtime.line.transfer(stood.caseId, `staff:${agent.staff.id}`, 'parks', '')
    const page = await agent.post(`${path}/return`, { _csrf: token, reason: 'I speak no Hmong' })
    expect(page.status).toBe(404)
    expect(page.text).toContain('I speak no Hmong')
    await emptyLine(site.runtime, 'parks')
  })
})

describe('held words', () => {
  test('say to whom they were to go and what the case came to', async () => {
    await press({ text: 'We fill it.', to: 'call +12175550142', do: 'draft' })
    await site.runtime.line.giveBack(stood.caseId, `staff:${agent.staff.id}`, 'lease over')
    const page = await agent.get(path)
    const notice = /What you wrote is kept[\s\S]*?<\/div><\/div>/.exec(page.text)![0]
    expect(notice).toContain('<dd>Call: +12175550142</dd>')
    expect(notice).toContain('<dt>Outcome</dt><dd>We answered you.</dd>')
    expect(notice).toContain('We fill it.')
  })
})
