import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { newReceipt } from '../../../core/contacts/receipts.ts'
import { bringIn } from '../../helpers/contacts.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'
import { openSite, Visitor, type Site } from '../../helpers/site.ts'

let site: Site
let pipeline: Pipeline
let receipt: string
beforeAll(async () => {
  site = await openSite()
  pipeline = openPipeline(site.runtime)
  const bytes = Buffer.from('message=My+secret+matter&name=Ana+Ruiz')
  receipt = (
    await site.runtime.acceptor.accept({
      channel: 'web',
      source: 'contact',
      bytes,
      mediaType: 'application/x-www-form-urlencoded',
      evidence: {}
    })
  ).receipt
})
afterAll(async () => {
  await pipeline.close()
  await site.close()
})

const visit = () => new Visitor(site.url)

test('shows state, department, arrival and what happens next, and nothing of what was said', async () => {
  const page = await visit().get(`/r/${receipt}?sent=1`)
  expect(page.status).toBe(200)
  for (const part of [receipt, 'We have your message', 'Received', 'Contact form'])
    expect(page.text).toContain(part)
  expect(page.text).not.toMatch(/\bsecret\b|\bAna\b/)
  expect(page.headers.get('cache-control')).toBe('no-store')
})

test("speaks the resident's language", async () => {
  expect((await visit().get(`/r/${receipt}`, { 'accept-language': 'es' })).text).toContain(
    'Recibido: el programa lo está leyendo'
  )
})

describe('a message in line', () => {
  const sender = { name: 'Ana Ruiz', emails: ['ana.ruiz@mail.example'], phones: [], addresses: [] }
  let waiting: string

  beforeAll(async () => {
    for (const text of ['The first matter of the day', 'The swing is broken', 'A third one']) {
      const accepted = await bringIn(site.runtime, { text, sender })
      await pipeline.run([accepted.contactId])
      if (text.includes('swing')) waiting = accepted.receipt
    }
  })

  test('shows its place as heading, picture and sentence, and what happened when', async () => {
    const { text } = await visit().get(`/r/${waiting}`)
    expect(text.match(/<h1>/g)).toHaveLength(1)
    expect(text).toContain('<h1>Waiting: number 2 of 3 in Parks and Recreation</h1>')
    expect(text).toContain('<title>Waiting: number 2 of 3')
    expect(text.match(/<circle class="(ahead|you|behind)"/g)).toEqual([
      '<circle class="ahead"',
      '<circle class="you"',
      '<circle class="behind"'
    ])
    for (const part of [
      '1 message arrived before yours and is read first. 1 arrived after it.',
      'Sorted to Parks and Recreation',
      'Waiting at place 2 of 3'
    ])
      expect(text).toContain(part)
    expect(text).not.toMatch(/\bswing\b|\bAna\b|ana\.ruiz/)
  })

  test('takes more by its page: it joins, says so, and stays at its receipt', async () => {
    const visitor = visit()
    const page = await visitor.get(`/r/${waiting}`)
    const form = new FormData()
    for (const name of ['_token', '_language', 'receipt']) form.append(name, page.input(name))
    form.append('message', 'It is the swing by the creek')
    form.append('files', new Blob(['seen']), 'seen.txt')
    const sent = await visitor.post(`/r/${waiting}`, form)
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/r/${waiting}?added=1`])
    const { id } = await site.runtime.db
      .selectFrom('contacts')
      .select('id')
      .orderBy('ordinal', 'desc')
      .executeTakeFirstOrThrow()
    await pipeline.run([id])
    const joined = await site.runtime.db
      .selectFrom('contacts')
      .innerJoin('cases', 'cases.id', 'contacts.case_id')
      .select(['contacts.outcome', 'cases.receipt'])
      .where('contacts.id', '=', id)
      .executeTakeFirstOrThrow()
    expect(joined).toEqual({ outcome: 'follow-up', receipt: waiting })
    const after = (await visitor.get(`/r/${waiting}?added=1`)).text
    for (const part of [
      'It was added to this message',
      'Another message was added',
      'number 2 of 3'
    ])
      expect(after).toContain(part)
  })

  test('takes nothing by a page of another message, and gives the words back', async () => {
    const visitor = visit()
    const page = await visitor.get(`/r/${receipt}`)
    expect(page.text).not.toContain('name="message"')
    const answer = await visitor.post(`/r/${waiting}`, { message: 'Keep this', receipt: waiting })
    expect([answer.status, answer.text.includes('Keep this')]).toEqual([403, true])
    expect((await visitor.post('/r/unknown', { message: 'x' })).status).toBe(404)
  })

  test('is saved as a text that names it and nobody', async () => {
    const saved = await visit().get(`/r/${waiting}/receipt.txt`)
    expect(saved.headers.get('content-disposition')).toBe(`attachment; filename="${waiting}.txt"`)
    expect(saved.text).toContain(`http://town.example/r/${waiting}`)
    expect(saved.text).not.toMatch(/\bAna\b|\bswing\b/)
    expect((await visit().get(`/r/${newReceipt()}/receipt.txt`)).status).toBe(404)
  })
})

test('more by the front form is added without a second receipt, by mail neither', async () => {
  const sender = { emails: ['leo@mail.example'], phones: [], addresses: [] }
  const earlier = await bringIn(site.runtime, { text: 'A tree is down', sender, channel: 'web' })
  await pipeline.run([earlier.contactId])
  const visitor = visit()
  const page = await visitor.get('/')
  const form = new FormData()
  for (const name of ['_token', '_language', '_more']) form.append(name, page.input(name))
  form.append('message', 'It lies across the path')
  form.append('email', 'leo@mail.example')
  form.append('receipt', earlier.receipt)
  form.append('attachments', new Blob(['seen']), 'seen.txt')
  const sent = await visitor.post('/', form)
  expect(sent.headers.get('location')).toBe(`/r/${earlier.receipt}?added=1`)
  expect((await visitor.get(`/r/${earlier.receipt}?added=1`)).text).toContain(
    'It was added to this message'
  )
  const { id } = await site.runtime.db
    .selectFrom('contacts')
    .select('id')
    .orderBy('ordinal', 'desc')
    .executeTakeFirstOrThrow()
  await pipeline.run([id])
  expect(
    await site.runtime.db
      .selectFrom('outbound')
      .innerJoin('contacts', 'contacts.id', 'outbound.contact_id')
      .select(['outbound.kind', 'contacts.outcome'])
      .where('contacts.id', '=', id)
      .execute()
  ).toEqual([])
})

describe('a code as people type it', () => {
  const forms: [what: string, change: (code: string) => string][] = [
    ['in small letters', (code) => code.toLowerCase()],
    ['with spaces for hyphens', (code) => ` ${code.replaceAll('-', ' ')} `],
    ['without hyphens', (code) => code.replaceAll('-', '')],
    ['with O for 0 and l for 1', (code) => code.replaceAll('0', 'O').replaceAll('1', 'l')]
  ]
  test.each(forms)('%s leads to the same page', async (_what, change) => {
    const sent = await visit().post('/r', { code: change(receipt) })
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/r/${receipt}`])
  })
})

test('unknown and malformed codes get one and the same answer', async () => {
  const codes = [
    newReceipt(),
    'unknown',
    'x'.repeat(300),
    '%3Cscript%3E',
    `${receipt}0`,
    '..%2f..%2fdesk'
  ]
  const pages = await Promise.all(codes.map((code) => visit().get(`/r/${code}`)))
  expect(new Set(pages.map((page) => `${page.status} ${page.text}`)).size).toBe(1)
  expect(pages[0]!.status).toBe(404)
})

describe('an address that has guessed 60 wrong codes in a minute', () => {
  let guesser: Visitor
  beforeAll(async () => {
    guesser = visit()
    const pages = await Promise.all(Array.from({ length: 60 }, () => guesser.get('/r/unknown')))
    expect(new Set(pages.map((page) => page.status))).toEqual(new Set([404]))
  })

  test('has to wait before the next wrong one', async () => {
    const refused = await guesser.get(`/r/${newReceipt()}`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect(refused.text).toContain('Please wait')
  })

  test('is shown a right one all the same, and the page that asks for it', async () => {
    expect((await guesser.get(`/r/${receipt}`)).status).toBe(200)
    expect((await guesser.get('/r')).status).toBe(200)
  })

  test('keeps nobody else from guessing wrong', async () => {
    expect((await visit().get('/r/unknown')).status).toBe(404)
  })
})
