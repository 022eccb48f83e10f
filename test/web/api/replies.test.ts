import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import fs from 'node:fs'
import { channels } from '../../../channels/index.ts'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { apiCaller, type ApiCaller } from '../../helpers/api.ts'
import { emptyLine, stand, town, type Mail, type Stood } from '../../helpers/contacts.ts'
import { temporaryFolder } from '../../helpers/running.ts'
import { copyConfig } from '../../helpers/config.ts'
import { openSite, type Site } from '../../helpers/site.ts'
import { makeStaff } from '../../helpers/staff.ts'

let site: Site
let folder: string
let key: ApiCaller
beforeAll(async () => {
  folder = temporaryFolder()
  copyConfig(folder, { water: 'approval: true' })
  site = await openSite({ CONFIG_DIR: folder })
  key = await apiCaller(site, ['line:serve:streets', 'line:serve:water'])
})
afterEach(async () => {
  await emptyLine(site.runtime, 'streets')
  await emptyLine(site.runtime, 'water')
})
afterAll(async () => {
  await site.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

const rosa = {
  name: 'Rosa Delgado',
  emails: ['rosa@people.example'],
  phones: ['217-555-0142'],
  addresses: ['12 Alder Lane, Willow Creek, IL 62001']
}

/** A case that the key holds. */
async function inHand(mail: Mail = {}, department = 'streets'): Promise<Stood> {
  const stood = await stand(site.runtime, {
    to: town(department),
    subject: 'A hole in Elm Street',
    text: `It is deep. ${crypto.randomUUID()}`,
    sender: rosa,
    ...mail
  })
  expect((await key.post(`/v1/lines/${department}/take`)).json.caseId).toBe(stood.caseId)
  return stood
}

const reply = ({ caseId }: Stood, body: object, headers: Record<string, string> = {}) =>
  key.post(`/v1/cases/${caseId}/replies`, body, headers)
const replies = async ({ caseId }: Stood) => (await key.get(`/v1/cases/${caseId}/replies`)).json
const dispatch = ({ contactId }: Stood) =>
  openDispatcher(site.runtime, channels).acknowledge([contactId])

describe('a reply', () => {
  test('goes by the likeliest way, in the language and under the subject of the resident', async () => {
    const stood = await inHand({ language: 'es' })
    const { status, json } = await reply(stood, { text: 'Lo reparamos el jueves.' })
    expect(status).toBe(201)
    expect(json).toEqual({
      replyId: expect.any(String),
      contactId: stood.contactId,
      author: key.actor,
      at: expect.any(String),
      way: 'mail',
      address: 'rosa@people.example',
      name: 'Rosa Delgado',
      typed: false,
      language: 'es',
      subject: 'Re: A hole in Elm Street',
      text: 'Lo reparamos el jueves.',
      state: 'waiting',
      files: []
    })
    await dispatch(stood)
    expect((await replies(stood)).replies).toEqual([
      { ...json, state: 'sent', delivery: 'filed', sentAt: expect.any(String) }
    ])
  })

  test('goes by the way that is asked for, with files and a saved reply', async () => {
    const stood = await inHand()
    const { json } = await reply(stood, {
      way: 'letter',
      language: 'en',
      text: 'See the map.',
      savedReply: 'repair-date',
      files: [{ name: 'a/map.txt', mediaType: 'text/plain', content: 'YSBtYXA=' }]
    })
    expect(json).toMatchObject({
      way: 'letter',
      address: '12 Alder Lane\nWillow Creek\nIL 62001',
      text: expect.stringMatching(/^See the map\.\n\nDear Rosa Delgado,/),
      state: 'waiting',
      files: [{ name: 'a_map.txt', bytes: 5 }]
    })
    const letter = await key.get(`/v1/cases/${stood.caseId}/replies/${json.replyId}/letter`)
    expect([letter.status, letter.headers.get('content-type')]).toEqual([200, 'application/pdf'])
    expect(letter.bytes.subarray(0, 5).toString()).toBe('%PDF-')
  })

  test.each([
    ['their number as they wrote it', { address: '217-555-0142', way: 'text' }, '+12175550142'],
    ['their address in capitals', { address: 'ROSA@People.example' }, 'rosa@people.example'],
    [
      'what was typed, and says so',
      { address: 'b@c.example', way: 'mail', typed: true },
      'b@c.example'
    ]
  ])('goes to %s', async (_, where, address) => {
    const { json } = await reply(await inHand(), { text: 'Thursday.', ...where })
    expect(json).toMatchObject({ address, typed: 'typed' in where })
  })

  test.each([
    ['to an address that the resident did not give', 'REPLY_ADDRESS', { address: 'b@c.example' }],
    [
      'to a typed one that is no mailbox',
      'REPLY_TYPED',
      { address: 'b@c', way: 'mail', typed: true }
    ],
    ['to a typed address without a way', 'REPLY_ADDRESS', { address: 'b@c.example', typed: true }],
    ['in a language that the agency has not', 'REPLY_LANGUAGE', { language: 'fr' }],
    ['with a saved reply of another department', 'SAVED_REPLY_UNKNOWN', { savedReply: 'nope' }],
    ['without words', 'REPLY_EMPTY', { text: ' \u200b' }],
    [
      'by text with a file',
      'REPLY_FILES',
      { way: 'text', files: [{ name: 'a', content: 'YQ==' }] }
    ],
    ['longer than a text may be', 'REPLY_TOO_LONG', { way: 'text', text: 'x'.repeat(1_600) }],
    ['with a field that there is not', 'REQUEST_INVALID', { priority: 1 }],
    ['longer than a reply may be', 'REQUEST_INVALID', { text: 'x'.repeat(20_001) }]
  ])('%s is refused, and nothing is kept', async (_, code, body) => {
    const stood = await inHand()
    expect((await reply(stood, { text: 'Thursday.', ...body })).json.code).toBe(code)
    expect((await replies(stood)).replies).toEqual([])
  })

  test('is sent once by a request sent twice, also where its first answer was lost', async () => {
    const stood = await inHand()
    const again = { 'idempotency-key': `reply-${stood.caseId}` }
    const first = await reply(stood, { text: 'Thursday.' }, again)
    await site.runtime.db.deleteFrom('idempotent_requests').execute()
    expect((await reply(stood, { text: 'Thursday.' }, again)).json).toEqual(first.json)
    expect((await replies(stood)).replies).toHaveLength(1)
    await site.runtime.db.deleteFrom('idempotent_requests').execute()
    await reply(stood, { text: 'No, Friday.' }, again)
    expect((await replies(stood)).replies).toHaveLength(2)
  })

  test('needs the case in hand, or one that has ended; for other departments there is none', async () => {
    const stood = await inHand()
    await key.post(`/v1/cases/${stood.caseId}/return`, { reason: 'later' })
    expect((await reply(stood, { text: 'x' })).json.code).toBe('CASE_NOT_TAKEN')
    await key.post('/v1/lines/streets/take')
    await key.post(`/v1/cases/${stood.caseId}/close`, {})
    expect((await reply(stood, { text: 'One more thing.' })).status).toBe(201)
    const parks = await apiCaller(site, ['line:serve:parks', 'line:read:streets'])
    const path = `/v1/cases/${stood.caseId}/replies`
    expect((await parks.get(path)).json.code).toBe('CASE_UNKNOWN')
    expect((await parks.post(path, { text: 'x' })).json.code).toBe('CASE_UNKNOWN')
  })
})

describe('where a second person looks first', () => {
  const propose = async () => {
    const stood = await inHand({}, 'water')
    const { json } = await reply(stood, { text: 'The pipe is mended.' })
    expect(json.state).toBe('proposed')
    return { stood, path: `/v1/cases/${stood.caseId}/replies/${json.replyId}` }
  }

  test('it waits for a person at the desk: no key lets it go', async () => {
    const { path } = await propose()
    const second = await apiCaller(site, ['line:serve:water'])
    for (const [caller, verb] of [
      [key, 'approve'],
      [second, 'approve'],
      [second, 'send-back']
    ] as const)
      expect((await caller.post(`${path}/${verb}`, { words: 'x' })).status).toBe(404)
  })

  test('a reply of another case is not there', async () => {
    const { path } = await propose()
    const other = await inHand()
    const id = path.split('/').at(-1)!
    expect((await key.get(`/v1/cases/${other.caseId}/replies/${id}/letter`)).json.code).toBe(
      'NOT_FOUND'
    )
  })
})

describe('a note', () => {
  test('is written by whoever serves the department, names colleagues, and is never sent', async () => {
    const ben = await makeStaff(site.runtime, 'agent', ['streets'])
    const stranger = await makeStaff(site.runtime, 'mailroom', ['parks'])
    const stood = await inHand()
    const other = await apiCaller(site, ['line:serve:streets'])
    const text = `Crew two is free, @${ben.name} @${stranger.name}`
    const made = await other.post(`/v1/cases/${stood.caseId}/notes`, { text })
    expect([made.status, made.json]).toEqual([
      201,
      {
        noteId: expect.any(String),
        author: other.actor,
        at: expect.any(String),
        text,
        mentions: [{ staffId: ben.id, read: false }]
      }
    ])
    expect((await key.get(`/v1/cases/${stood.caseId}/notes`)).json.notes).toEqual([made.json])
    expect((await replies(stood)).replies).toEqual([])
    expect((await key.post(`/v1/cases/${stood.caseId}/notes`, { text: '\u200b' })).json.code).toBe(
      'NOTE_EMPTY'
    )
  })

  test('is written once by a request sent twice, also where its first answer was lost', async () => {
    const stood = await inHand()
    const path = `/v1/cases/${stood.caseId}/notes`
    const again = { 'idempotency-key': `note-${stood.caseId}` }
    const first = await key.post(path, { text: 'Crew two' }, again)
    await site.runtime.db.deleteFrom('idempotent_requests').execute()
    expect((await key.post(path, { text: 'Crew two' }, again)).json).toEqual(first.json)
    expect((await key.get(path)).json.notes).toHaveLength(1)
  })

  test('of another department is not there', async () => {
    const stood = await inHand()
    const parks = await apiCaller(site, ['line:serve:parks'])
    const path = `/v1/cases/${stood.caseId}/notes`
    expect((await parks.get(path)).json.code).toBe('CASE_UNKNOWN')
    expect((await parks.post(path, { text: 'x' })).json.code).toBe('CASE_UNKNOWN')
  })
})

describe('a duty', () => {
  const duties = async ({ caseId }: Stood) =>
    (await key.get(`/v1/cases/${caseId}/duties`)).json.duties
  const settle = ({ caseId }: Stood, dutyId: string, body: object, caller = key) =>
    caller.post(`/v1/cases/${caseId}/duties/${dutyId}`, body)

  test('stands in its department and on its case until it is settled', async () => {
    const stood = await inHand()
    await reply(stood, { text: 'Tell her.', way: 'call' })
    const [duty] = await duties(stood)
    expect(duty).toMatchObject({ kind: 'call', caseId: stood.caseId, address: '217-555-0142' })
    const listed = (await key.get('/v1/lines/streets/duties')).json
    expect(listed.duties).toContainEqual({
      ...duty,
      receipt: stood.receipt,
      department: 'streets',
      subject: 'A hole in Elm Street'
    })
    const settled = await settle(stood, duty.dutyId, { how: 'reached', words: 'She is glad' })
    expect([settled.status, settled.json.settled]).toEqual([
      200,
      { by: key.actor, at: expect.any(String), how: 'reached', words: 'She is glad' }
    ])
    expect((await key.get('/v1/lines/streets/duties')).json.total).toBe(listed.total - 1)
    expect((await replies(stood)).replies[0].state).toBe('sent')
    expect((await settle(stood, duty.dutyId, { how: 'reached', words: 'x' })).json.code).toBe(
      'DUTY_SETTLED'
    )
  })

  test('is settled by a way of its kind, with words, by who serves the department', async () => {
    const stood = await inHand()
    await reply(stood, { text: 'Tell her.', way: 'call' })
    const [{ dutyId }] = await duties(stood)
    const other = await inHand()
    const parks = await apiCaller(site, ['line:serve:parks'])
    const refused = [
      [await settle(stood, dutyId, { how: 'printed', words: 'x' }), 'DUTY_ENDING'],
      [await settle(stood, dutyId, { how: 'reached', words: ' ' }), 'REASON_REQUIRED'],
      [await settle(stood, dutyId, { how: 'flown', words: 'x' }), 'REQUEST_INVALID'],
      [await settle(other, dutyId, { how: 'reached', words: 'x' }), 'NOT_FOUND'],
      [await settle(stood, dutyId, { how: 'reached', words: 'x' }, parks), 'CASE_UNKNOWN'],
      [await parks.get('/v1/lines/streets/duties'), 'KEY_SCOPE'],
      [await parks.get(`/v1/cases/${stood.caseId}/duties`), 'CASE_UNKNOWN']
    ] as const
    expect(refused.map(([{ json }]) => json.code)).toEqual(refused.map(([, code]) => code))
  })
})

test('the audit finds nothing in all of this', async () => {
  const { problems, overtakes } = await verifyAudit(site.runtime.db)
  // Accounts made for tests are not in the ledger.
  expect(problems.filter((problem) => !problem.startsWith('account '))).toEqual([])
  expect(overtakes).toBe(0)
})
