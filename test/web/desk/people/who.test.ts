import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import { quarantine } from '../../../../core/contacts/state.ts'
import { importRows } from '../../../../core/matching/register.ts'
import { personOf, shownOf } from '../../../../core/people/sender.ts'
import { bringIn, lineOf, stand, town, type Mail, type Stood } from '../../../helpers/contacts.ts'
import { openSite, type Page, type Site, type Visitor } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let supervisor: SignedIn
let agent: SignedIn
let clerk: SignedIn
beforeAll(async () => {
  site = await openSite()
  supervisor = await signIn(site, 'supervisor', ['parks'])
  agent = await signIn(site, 'agent', ['parks'])
  clerk = await signIn(site, 'mailroom')
  const people = ['María Ochoa Whitfield', 'Anselm Ørsted', 'Jo-Ann Pettibone'].map((name, n) => ({
    name,
    emails: [`p${n}@mail.example`],
    phones: [`(312) 555-010${n}`],
    addresses: []
  }))
  await importRows(
    site.runtime.db,
    'register.csv',
    people.map((one, n) => ({
      externalId: String(n),
      person: personOf(one, 'US'),
      shown: shownOf(one)
    }))
  )
})
afterAll(() => site.close())

async function act(who: Visitor, path: string, fields: Record<string, string>): Promise<Page> {
  const page = await who.get('/desk/counter')
  return who.post(path, { _csrf: page.input('_csrf'), ...fields })
}

const anonymous = (more: Mail = {}) =>
  stand(site.runtime, {
    text: 'The lamp on Cedar Court is dark.',
    channel: 'postal',
    sender: {},
    raw: { externalId: randomUUID() },
    ...more
  })
const whoOf = ({ contactId }: Stood) => `/desk/who/${contactId}/sender`
const choiceOf = (page: Page) => /name="person" value="(\d+)"/.exec(page.text)?.[1]

describe('"this is from …" on the page of a case', () => {
  test('finds somebody by a surname, links what is chosen, and takes it back; its place stays', async () => {
    const letter = await anonymous()
    const place = (await lineOf(site.runtime)).indexOf(letter.caseId)
    expect((await agent.get(`/desk/cases/${letter.caseId}`)).text).toContain(
      `action="${whoOf(letter)}/find"`
    )
    const found = await act(agent, `${whoOf(letter)}/find`, { who: 'whitfield' })
    expect(found.text).toContain('María Ochoa Whitfield')
    const chosen = choiceOf(found)!
    expect(
      (
        await act(agent, whoOf(letter), { person: chosen, reason: 'she called about it' })
      ).headers.get('location')
    ).toBe(whoOf(letter))
    const page = await agent.get(`/desk/cases/${letter.caseId}`)
    expect(page.text).toMatch(/Sender is.*María Ochoa Whitfield[\s\S]*she called about it/)
    expect((await supervisor.get(`/desk/people/${chosen}`)).text).toMatch(
      /The lamp on Cedar Court is dark\.[\s\S]*Parks[^<]*, waiting in line/
    )
    const undo = /links\/\d+\/undo/.exec((await agent.get(whoOf(letter))).text)![0]
    await act(agent, `${whoOf(letter)}/${undo}`, { reason: 'it was her sister' })
    expect((await agent.get(`/desk/cases/${letter.caseId}`)).text).not.toContain('Sender is')
    expect((await lineOf(site.runtime)).indexOf(letter.caseId)).toBe(place)
  })

  test('makes somebody new of what is given there', async () => {
    const letter = await anonymous()
    await act(agent, whoOf(letter), { person: 'new', name: 'Hester Quill', phone: '217 555 0177' })
    expect((await agent.get(`/desk/cases/${letter.caseId}`)).text).toMatch(
      /Sender is, for the first time,[\s\S]*Hester Quill/
    )
    const text = await anonymous({ channel: 'sms', sender: { phones: ['+12175550177'] } })
    expect((await agent.get(`/desk/cases/${text.caseId}`)).text).toMatch(
      /Sender is[\s\S]*Hester Quill[\s\S]*the only person on record with this number/
    )
  })

  test('says when nothing was given, when nobody fits, and who cannot be told', async () => {
    const letter = await anonymous()
    await act(agent, whoOf(letter), { person: 'new' })
    expect((await agent.get(whoOf(letter))).text).toContain('Give at least a name')
    expect((await act(agent, `${whoOf(letter)}/find`, { who: 'Zzyzx' })).text).toContain(
      'Nobody on record fits'
    )
    expect((await act(agent, whoOf(letter), { person: '' })).status).toBe(400)
    expect((await act(agent, whoOf(letter), { person: 'nobody' })).status).toBe(303)
  })

  test("is for those who may see the contact, and shows of others' people what the register says", async () => {
    const [water, parks] = [await anonymous({ to: town('water') }), await anonymous()]
    for (const path of [
      whoOf(water),
      `/desk/who/${randomUUID()}/sender`,
      `/desk/who/${parks.contactId}/subject`,
      '/desk/who/nonsense/sender'
    ])
      expect((await agent.get(path)).status).toBe(404)
    expect((await clerk.get(whoOf(parks))).status).toBe(404)
    await stand(site.runtime, {
      to: town('water'),
      text: randomUUID(),
      channel: 'web',
      sender: { name: 'Wilma Waterhouse', phones: ['217 555 0133'] }
    })
    const known = await act(supervisor, `${whoOf(parks)}/find`, { who: 'Waterhouse' })
    expect((await act(agent, `${whoOf(parks)}/find`, { who: 'Waterhouse' })).text).not.toContain(
      'Wilma'
    )
    expect((await act(agent, whoOf(parks), { person: choiceOf(known)! })).status).toBe(404)
  })
})

describe('looking people up', () => {
  test.each([
    ['Whitfield', 'María'],
    ['ochoa', 'María'],
    ['MARIA', 'María'],
    ['whit', 'María'],
    ['Pettibone', 'Jo-Ann'],
    ['joann', undefined],
    ['jo-ann pet', 'Jo-Ann'],
    ['whitfield maria', 'María'],
    ["'; drop", undefined],
    ['a & b | !', undefined]
  ])('%s', async (typed, first) => {
    const page = await act(supervisor, '/desk/people', { who: typed })
    expect(page.status).toBe(200)
    if (first) expect(page.text).toContain(first)
    else expect(page.text).toContain('Nobody on record fits')
  })
})

test('the list "who is this" says what each is about and who it may be', async () => {
  await anonymous({
    channel: 'phone',
    text: 'Voicemail about the hydrant.',
    sender: { phones: ['+13125550101'] }
  })
  expect((await supervisor.get('/desk/people')).text).toMatch(
    /Voicemail about the hydrant\.[\s\S]*May be[\s\S]*Anselm/
  )
})

describe('on the transcription page', () => {
  test('who it is from can be said before anything is written down, and stays', async () => {
    const { contactId } = await bringIn(site.runtime, {
      channel: 'phone',
      sender: { phones: ['+12175550188'] },
      text: randomUUID()
    })
    await quarantine(site.runtime.db, contactId, 'TEXT_UNSURE', {
      step: 'documents',
      verdict: 'unsure',
      reason: 'nobody could make it out',
      evidence: {}
    })
    expect((await clerk.get(`/desk/transcribe/${contactId}`)).text).toContain(
      'Nobody on record is taken to be the sender'
    )
    const found = await act(clerk, `/desk/who/${contactId}/sender/find`, { who: 'Pettibone' })
    await act(clerk, `/desk/who/${contactId}/sender`, { person: choiceOf(found)! })
    expect((await clerk.get(`/desk/transcribe/${contactId}`)).text).toMatch(
      /It is[\s\S]*Jo-Ann Pettibone/
    )
    await act(clerk, `/desk/transcribe/${contactId}`, {
      text: 'The alley light is out.',
      language: 'en',
      senderName: 'Somebody Else',
      senderPhone: '217 555 0199',
      do: 'list'
    })
    const {
      rows: [row]
    } = await sql<{
      sender: unknown
    }>`select envelope -> 'sender' as sender from contacts where id = ${contactId}`.execute(
      site.runtime.db
    )
    expect(row!.sender).toMatchObject({
      name: 'Somebody Else',
      phones: ['+12175550188', '217 555 0199']
    })
    expect(
      (
        await site.runtime.db
          .selectFrom('contacts')
          .select('state')
          .where('id', '=', contactId)
          .executeTakeFirstOrThrow()
      ).state
    ).toBe('read')
  })
})
