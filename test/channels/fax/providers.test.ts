import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { fax } from '../../../channels/fax/index.ts'
import { MAX_UNCHECKED_BYTES } from '../../../channels/fax/limits.ts'
import { openHttpDoor, type HttpDelivery, type HttpDoor } from '../../contract/http-door.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { openFileHost, type FileHost } from '../../helpers/file-host.ts'
import { holdMinute } from '../../helpers/hold-minute.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'
import { releaseContact } from '../../../core/contacts/quarantine.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { faxPdf, phaxioFields, phaxioPost, telnyxAccount } from './support.ts'

const telnyx = telnyxAccount()
const token = 'callback token'
let runtime: TestRuntime
let door: HttpDoor
let store: FileHost
let pipeline: Pipeline
beforeAll(async () => {
  store = await openFileHost()
  runtime = await createTestRuntime('postgres', {
    PUBLIC_URL: 'http://town.example',
    TELNYX_PUBLIC_KEY: telnyx.publicKey,
    TELNYX_MEDIA_HOSTS: store.host,
    PHAXIO_CALLBACK_TOKEN: token
  })
  door = await openHttpDoor(runtime, fax)
  pipeline = openPipeline(runtime)
})
afterAll(async () => {
  await door.close()
  await pipeline.close()
  await runtime.remove()
  await store.close()
})
let number = 0
let id: string
beforeEach(() => {
  id = `fax-${++number}`
})

/** Delivers, and answers with the contact once it is as far as it goes by itself. */
async function deliver(delivery: HttpDelivery) {
  const { response } = await door.post(delivery)
  expect(response.status).toBe(200)
  const said = await response.text()
  const row = await runtime.db
    .selectFrom('contacts')
    .select('id')
    .where('receipt', '=', said)
    .executeTakeFirst()
  if (!row) return { said, contact: undefined }
  await pipeline.run([row.id])
  return { said, contact: await contactRow(runtime, row.id) }
}

async function received(payload: Record<string, unknown>, type?: string) {
  return deliver(
    telnyx.post(telnyx.received({ fax_id: id, from: '+12025550143', ...payload }, type))
  )
}

describe('Telnyx', () => {
  test('a fax becomes a contact with its pages as they were fetched, the caller as sender', async () => {
    const pdf = await faxPdf('The hydrant on Elm Street leaks')
    store.tell('/one.pdf', { body: pdf, headers: { 'content-type': 'application/pdf' } })
    const { contact } = await received({ media_url: `${store.url}/one.pdf`, page_count: 1 })
    expect(contact).toMatchObject({
      channel: 'fax',
      source: 'telnyx',
      external_id: id,
      recipients: ['+12025550199'],
      state: 'settled',
      outcome: 'case'
    })
    expect(contact!.envelope).toMatchObject({
      channel: 'fax',
      sender: { emails: [], phones: ['+12025550143'] },
      documents: [{ mediaType: 'application/pdf', bytes: pdf.length }],
      evidence: {
        signed: true,
        fax: {
          callerNumber: '+12025550143',
          calledNumber: '+12025550199',
          communication: id,
          pages: 1
        }
      }
    })
    expect((await runtime.blobs.get(contact!.envelope!.documents[0]!.sha256)).equals(pdf)).toBe(
      true
    )
  })

  test('a partial fax is a delivery, marked so', async () => {
    store.tell('/part.pdf', { body: await faxPdf('only half of') })
    const { contact } = await received({
      media_url: `${store.url}/part.pdf`,
      partial_content: true,
      failure_reason: 'sender_hung_up'
    })
    expect(contact).toMatchObject({
      state: 'settled',
      envelope: {
        evidence: {
          incomplete: 'The fax broke off (sender_hung_up); pages may be missing.',
          fax: { partial: true }
        }
      }
    })
    expect(contact!.trail.map(({ reason }) => reason)).toContain('a fax by Telnyx, which broke off')
  })

  test('pages on a host that is not theirs are not fetched; a person is told why there are none, and the place is kept', async () => {
    const elsewhere = await openFileHost()
    elsewhere.tell('/x.pdf', { body: await faxPdf('from elsewhere') })
    const { contact } = await received({ media_url: `${elsewhere.url}/x.pdf` })
    expect(contact).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'TEXT_UNSURE',
      envelope: { documents: [] }
    })
    expect(contact!.trail.at(-1)!.reason).toMatch(
      /could not be fetched from Telnyx.*not one of the provider/
    )
    expect(elsewhere.asked).toEqual([])
    await elsewhere.close()
  })

  test('a fax whose caller is withheld is anonymous', async () => {
    store.tell('/anonymous.pdf', { body: await faxPdf('who I am does not matter') })
    for (const from of ['anonymous', 'Restricted', '+266696687', '', '0000000000']) {
      id = `fax-${++number}`
      const { contact } = await received({ media_url: `${store.url}/anonymous.pdf`, from })
      expect([from, contact!.envelope!.sender]).toEqual([
        from,
        { emails: [], phones: [], addresses: [] }
      ])
    }
  })

  test('events without pages, and those of faxes we sent, are answered and not taken', async () => {
    for (const [type, payload] of [
      ['fax.receiving.started', {}],
      ['fax.failed', {}],
      ['fax.delivered', { direction: 'outbound' }],
      ['fax.received', { direction: 'outbound' }]
    ] as const) {
      expect(await received(payload, type)).toEqual({ said: 'nothing to take', contact: undefined })
    }
  })

  test('an event nobody knows yet is taken: it may bring a fax', async () => {
    const { contact } = await received({}, 'fax.received.in-part')
    expect(contact).toMatchObject({
      external_id: `fax.received.in-part:${id}`,
      state: 'quarantined'
    })
  })

  test('a forged notice has nothing fetched', async () => {
    store.tell('/forged.pdf', { body: 'x' })
    const { contact } = await deliver(
      telnyx.post(telnyx.received({ fax_id: id, media_url: `${store.url}/forged.pdf` }), {
        signature: 'wrong'
      })
    )
    expect(contact).toMatchObject({ state: 'quarantined', envelope: { documents: [] } })
    expect(store.asked.filter(({ path }) => path === '/forged.pdf')).toEqual([])
  })

  test('released by a person, its pages are fetched and it goes to its line at its place', async () => {
    store.tell('/released.pdf', {
      body: await faxPdf('The key had not been set yet; this fax was real'),
      headers: { 'content-type': 'application/pdf' }
    })
    const { contact } = await deliver(
      telnyx.post(telnyx.received({ fax_id: id, media_url: `${store.url}/released.pdf` }), {
        signature: 'none'
      })
    )
    await releaseContact(runtime.db, contact!.id, 'staff:ann', 'the number is known to us')
    await pipeline.run([contact!.id])
    expect(await contactRow(runtime, contact!.id)).toMatchObject({
      state: 'settled',
      ordinal: contact!.ordinal,
      arrived_at: contact!.arrived_at,
      envelope: {
        documents: [{ mediaType: 'application/pdf' }],
        text: expect.stringContaining('this fax was real')
      }
    })
  })

  test("a body changed by one byte, or a timestamp that was not signed, is not Telnyx's", async () => {
    const event = telnyx.received({ fax_id: id })
    const post = telnyx.post(event)
    const changed = {
      ...post,
      body: Buffer.from(Buffer.from(post.body).toString().replace('+12025550199', '+12025550198'))
    }
    const moved = {
      ...telnyx.post(telnyx.received({ fax_id: `${id}b` })),
      headers: {
        ...telnyx.post(telnyx.received({ fax_id: `${id}b` })).headers,
        'telnyx-timestamp': '1764093601'
      }
    }
    for (const delivery of [changed, moved])
      expect((await deliver(delivery)).contact).toMatchObject({
        state: 'quarantined',
        evidence: { signed: false, quarantine: expect.stringContaining('signature') }
      })
  })
})

describe('Phaxio', () => {
  const post = async (
    given: Record<string, unknown>,
    more: Record<string, string> = {},
    text?: string
  ) =>
    deliver(
      phaxioPost(
        token,
        phaxioFields({ id, from_number: '+12025550143', ...given }, more),
        text === undefined ? undefined : await faxPdf(text)
      )
    )

  test('a fax becomes a contact with the pages that came with it', async () => {
    const { contact } = await post(
      { id: 4711, num_pages: 1, completed_at: '2026-11-25T12:00:00Z' },
      {},
      'The bus shelter has no roof'
    )
    expect(contact).toMatchObject({
      channel: 'fax',
      source: 'phaxio',
      external_id: '4711',
      recipients: ['+12025550199'],
      state: 'settled'
    })
    expect(contact!.envelope).toMatchObject({
      sender: { phones: ['+12025550143'] },
      documents: [{ name: 'fax.pdf', mediaType: 'application/pdf' }],
      evidence: { fax: { communication: '4711', pages: 1 } }
    })
  })

  test('a fax that broke off is a delivery, marked so', async () => {
    const { contact } = await post(
      { status: 'partialsuccess', error_message: 'Sender hung up' },
      { success: 'false' },
      'only half of'
    )
    expect(contact!.envelope!.evidence).toMatchObject({
      incomplete: 'The fax broke off (Sender hung up); pages may be missing.'
    })
  })

  test('a call that failed before its first page, and news of what we sent, are answered and not taken', async () => {
    expect(await post({}, { success: 'false' })).toMatchObject({ said: 'nothing to take' })
    expect(await post({}, { direction: 'sent' }, 'our own')).toMatchObject({
      said: 'nothing to take'
    })
  })

  test('a callback of a fax without its file waits for a person', async () => {
    expect((await post({})).contact).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'TEXT_UNSURE'
    })
  })

  test("a changed field, a changed file and a signature for another address are not Phaxio's", async () => {
    const file = await faxPdf('the original')
    const fields = phaxioFields({ id })
    const good = phaxioPost(token, fields, file)
    const signature = good.headers['x-phaxio-signature']!
    const changed = [
      phaxioPost(token, { ...fields, success: 'false' }, file, { signature }),
      phaxioPost(token, fields, await faxPdf('another'), { signature }),
      phaxioPost('another token', fields, file)
    ]
    for (const delivery of changed)
      expect((await deliver(delivery)).contact).toMatchObject({
        state: 'quarantined',
        evidence: { quarantine: "The signature of the fax is not Phaxio's." }
      })
  })
})

test('without a key nothing can be checked: faxes wait for a person and are not refused', async () => {
  const plain = await createTestRuntime('postgres', { PUBLIC_URL: 'http://town.example' })
  const open = await openHttpDoor(plain, fax)
  for (const delivery of [
    telnyx.post(telnyx.received({ fax_id: id })),
    phaxioPost(token, phaxioFields({ id }), await faxPdf('x'))
  ]) {
    expect((await open.post(delivery)).response.status).toBe(200)
  }
  const rows = await plain.db.selectFrom('contacts').select('evidence').orderBy('ordinal').execute()
  expect(rows.map(({ evidence }) => evidence['quarantine'])).toEqual([
    'TELNYX_PUBLIC_KEY is not set, so the signature could not be checked.',
    'PHAXIO_CALLBACK_TOKEN is not set, so the signature could not be checked.'
  ])
  await open.close()
  await plain.remove()
})

const padded = (bytes: number, id: string) =>
  phaxioPost(token, phaxioFields({ id }), Buffer.alloc(bytes), { signature: 'none' })

test('without a token a callback is taken at its smaller bound, and not just over it', async () => {
  const plain = await createTestRuntime('postgres', { PUBLIC_URL: 'http://town.example' })
  const open = await openHttpDoor(plain, fax)
  const frame = padded(0, id).body.length
  for (const [more, status] of [
    [0, 200],
    [1, 413]
  ] as const)
    expect((await open.post(padded(MAX_UNCHECKED_BYTES - frame + more, id))).response.status).toBe(
      status
    )
  await open.close()
  await plain.remove()
})

test('unsigned faxes are kept up to a bound of bytes; the rest is told to come later, and a signed one still comes in', async () => {
  const open = await openHttpDoor(runtime, fax)
  holdMinute()
  const posts = [
    padded(20 * 1024 ** 2, `${id}a`),
    padded(20 * 1024 ** 2, `${id}b`),
    phaxioPost(token, phaxioFields({ id }), await faxPdf('x'))
  ]
  const verdicts = []
  for (const post of posts) verdicts.push((await open.post(post)).answer.verdict)
  jest.restoreAllMocks()
  expect(verdicts).toEqual(['accepted', 'later', 'accepted'])
  await open.close()
})
