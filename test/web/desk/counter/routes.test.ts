import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { counterLimits, MAX_TEXT } from '../../../../core/intake/counter-entry.ts'
import { EvenhandError } from '../../../../platform/errors.ts'
import { openPipeline, type Pipeline } from '../../../helpers/pipeline.ts'
import { openSite, type Page, type Site, Visitor } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let pipeline: Pipeline
let clerk: SignedIn
beforeAll(async () => {
  site = await openSite()
  pipeline = openPipeline(site.runtime)
})
afterAll(async () => {
  await pipeline.close()
  await site.close()
})
beforeEach(async () => {
  clerk = await signIn(site, 'agent')
})

async function fillIn(
  fields: Record<string, string>,
  files: [name: string, content: Blob][] = [],
  by = clerk
): Promise<FormData> {
  const page = await by.get('/desk/counter')
  expect(page.status).toBe(200)
  const form = new FormData()
  for (const name of ['_csrf', '_page']) form.append(name, page.input(name))
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const [name, content] of files) form.append('files', content, name)
  return form
}

function receiptOf(page: Page): string {
  return (
    /^\/desk\/slips\/([0-9A-Z-]{20})\?new=1$/.exec(page.headers.get('location') ?? '')?.[1] ??
    `${page.status} without a receipt`
  )
}

async function contactOf(page: Page) {
  return site.runtime.db
    .selectFrom('contacts')
    .selectAll()
    .where('receipt', '=', receiptOf(page))
    .executeTakeFirstOrThrow()
}

async function stored(): Promise<number> {
  return Number(
    (
      await site.runtime.db
        .selectFrom('contacts')
        .select(({ fn }) => fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
    ).n
  )
}

describe('an entry', () => {
  test('is a contact by the counter, stored before the slip is shown, with who took it down on record', async () => {
    const sent = await clerk.post(
      '/desk/counter',
      await fillIn(
        {
          text: 'No water pressure',
          'sender-name': 'Ana Ruiz',
          'behalf-name': 'Old Mr. Roe',
          'answer-topic': 'water',
          language: 'es',
          kind: 'call'
        },
        [['paper.txt', new Blob(['paper'])]]
      )
    )
    expect(sent.status).toBe(303)
    const contact = await contactOf(sent)
    expect(contact).toMatchObject({
      channel: 'counter',
      source: 'desk',
      state: 'accepted',
      evidence: { kind: 'call', takenDownBy: `staff:${clerk.staff.id}` }
    })
    await pipeline.run([contact.id])
    expect((await contactOf(sent)).envelope).toMatchObject({
      text: 'No water pressure',
      language: 'es',
      sender: { name: 'Ana Ruiz' },
      parties: [{ role: 'subject', name: 'Old Mr. Roe' }],
      answers: { topic: 'water' },
      documents: [{ name: 'paper.txt', bytes: 5 }]
    })
    const events = await site.runtime.db
      .selectFrom('events')
      .select(['kind', 'actor', 'department'])
      .where('contact_id', '=', contact.id)
      .orderBy('id')
      .execute()
    expect(events).toMatchObject([
      { kind: 'contact.accepted', actor: `staff:${clerk.staff.id}` },
      { kind: 'receipt.owed', actor: 'system:read' },
      { kind: 'case.entered', department: 'water' }
    ])
  })

  test('arrives when the database says so, whatever the form is made to claim', async () => {
    const before = new Date()
    const sent = await clerk.post(
      '/desk/counter',
      await fillIn({
        text: 'Me first',
        arrivedAt: '1990-01-01T00:00:00Z',
        ordinal: '1',
        priority: '1',
        department: 'clerk',
        'answer-name': 'x'
      })
    )
    const contact = await contactOf(sent)
    expect(contact.arrived_at.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1_000)
    await pipeline.run([contact.id])
    expect((await contactOf(sent)).envelope).not.toHaveProperty('answers')
  })

  test('sent twice by a double click is one contact; changed after going back it is another', async () => {
    const form = await fillIn({ text: 'Once' })
    const [one, two] = await Promise.all([
      clerk.post('/desk/counter', form),
      clerk.post('/desk/counter', form)
    ])
    expect(receiptOf(one)).toBe(receiptOf(two))
    form.set('text', 'Something else')
    expect(receiptOf(await clerk.post('/desk/counter', form))).not.toBe(receiptOf(one))
    expect(receiptOf(await clerk.post('/desk/counter', await fillIn({ text: 'Once' })))).not.toBe(
      receiptOf(one)
    )
  })

  test.each(['agent', 'mailroom', 'supervisor', 'admin'] as const)(
    'may be taken down by %s',
    async (role) => {
      const one = await signIn(site, role)
      expect(
        receiptOf(await one.post('/desk/counter', await fillIn({ text: role }, [], one)))
      ).toMatch(/^[0-9A-Z-]{20}$/)
    }
  )
})

describe('nothing is stored and everything typed is kept', () => {
  test.each([
    ['with nothing in it', { text: ' ' }, 'field-text'],
    ['with nothing to see in it', { text: '\u200b\u2060' }, 'field-text'],
    ['with too long a text', { text: 'x'.repeat(MAX_TEXT + 1) }, 'field-text'],
    [
      'with too long a name',
      { text: 'hello', 'sender-name': 'x'.repeat(501) },
      'field-sender-name'
    ],
    ['with a topic not offered', { text: 'hello', 'answer-topic': 'mayor' }, 'field-answer-topic'],
    ['with a language not offered', { text: 'hello', language: 'none of these' }, 'field-language']
  ])('%s', async (_what, fields, link) => {
    const before = await stored()
    const page = await clerk.post(
      '/desk/counter',
      await fillIn({ 'behalf-name': 'Typed "with" care', ...fields })
    )
    expect(page.status).toBe(422)
    expect(page.text).toContain(`<a href="#${link}">`)
    expect(page.text).toContain('value="Typed &quot;with&quot; care"')
    expect(await stored()).toBe(before)
  })

  test('with more files than its bound; at the bound they are taken', async () => {
    const sized = (size: number): [string, Blob][] => [
      ['a.bin', new Blob([Buffer.alloc(size, 'x')])]
    ]
    expect(
      (
        await clerk.post(
          '/desk/counter',
          await fillIn({ text: 'at' }, sized(counterLimits.fileBytes))
        )
      ).status
    ).toBe(303)
    const page = await clerk.post(
      '/desk/counter',
      await fillIn({ text: 'over' }, sized(counterLimits.fileBytes + 1))
    )
    expect([
      page.status,
      page.text.includes('more than 25 MB together'),
      page.text.includes('over')
    ]).toEqual([422, true, true])
    const many = Array.from({ length: counterLimits.files + 1 }, (_, no): [string, Blob] => [
      `${no}.txt`,
      new Blob(['x'])
    ])
    expect((await clerk.post('/desk/counter', await fillIn({ text: 'many' }, many))).status).toBe(
      422
    )
  })

  test('when it cannot be stored, and it can be sent again', async () => {
    const form = await fillIn({ text: 'Keep these words' })
    const accept = jest
      .spyOn(site.runtime.acceptor, 'accept')
      .mockRejectedValueOnce(new EvenhandError('INTAKE_STORE_DOWN'))
    const page = await clerk.post('/desk/counter', form)
    accept.mockRestore()
    expect([
      page.status,
      page.headers.get('retry-after'),
      page.text.includes('Keep these words')
    ]).toEqual([503, '30', true])
    expect((await clerk.post('/desk/counter', form)).status).toBe(303)
  })
})

describe('nobody else can enter anything', () => {
  test("without signing in, with another's token, or with none", async () => {
    const form = await fillIn({ text: 'forged' })
    const before = await stored()
    expect((await new Visitor(site.url).post('/desk/counter', form)).status).toBe(401)
    const other = await signIn(site, 'admin')
    expect((await other.post('/desk/counter', form)).status).toBe(403)
    form.delete('_csrf')
    expect((await clerk.post('/desk/counter', form)).status).toBe(403)
    expect((await clerk.post('/desk/counter', { text: 'not multipart' })).status).toBe(400)
    expect(
      (
        await clerk.send('/desk/counter', Buffer.from('--x'), {
          'content-type': 'multipart/form-data; boundary=x'
        })
      ).status
    ).toBe(400)
    expect(await stored()).toBe(before)
  })
})

describe('a slip', () => {
  async function entered(fields: Record<string, string>) {
    const contact = await contactOf(await clerk.post('/desk/counter', await fillIn(fields)))
    await pipeline.run([contact.id])
    return contact
  }

  test("shows receipt, department, place and a code of the status page, in the sender's language, and nothing of the matter", async () => {
    const { receipt } = await entered({
      text: 'A secret of Ana',
      'sender-name': 'Ana Ruiz',
      'answer-topic': 'parks',
      language: 'es'
    })
    const page = await clerk.get(`/desk/slips/${receipt}?new=1`)
    expect(page.status).toBe(200)
    expect(page.text).toMatch(/<section class="slip" lang="es" dir="ltr"/)
    for (const said of [
      receipt,
      'Parques y recreación',
      'Usted es el siguiente',
      `http://town.example/r/${receipt}`
    ])
      expect(page.text).toContain(said)
    expect(page.text).toMatch(/<svg class="slip-qr" viewBox="0 0 \d+ \d+"[^>]*><path d="M/)
    expect(page.text).not.toMatch(/\bsecret\b|\bAna\b/)
    expect((await clerk.get(`/desk/slips/${receipt}?lang=en`)).text).toContain(
      'Parks and Recreation'
    )
  })

  test('is there for contacts of every channel, and says when one waits for a person', async () => {
    const { receipt } = await site.runtime.acceptor.accept({
      channel: 'fax',
      source: 'test',
      bytes: Buffer.from('x'),
      mediaType: 'image/tiff',
      evidence: {}
    })
    expect((await clerk.get(`/desk/slips/${receipt}`)).text).toContain(
      'Received: being read by the program'
    )
    for (const none of ['nothing', '000000-000000-000000'])
      expect((await clerk.get(`/desk/slips/${none}`)).status).toBe(404)
    expect((await new Visitor(site.url).get(`/desk/slips/${receipt}`)).status).toBe(303)
  })

  test('handed over is put on record once, and a letter nobody could answer is no longer owed', async () => {
    const { contactId, receipt } = await site.runtime.acceptor.accept({
      channel: 'postal',
      source: 'test',
      bytes: Buffer.from('letter'),
      mediaType: 'image/tiff',
      evidence: {}
    })
    await site.runtime.db
      .insertInto('outbound')
      .values({
        id: crypto.randomUUID(),
        contact_id: contactId,
        kind: 'acknowledgement',
        state: 'undeliverable',
        reason: 'a letter is answered by letter',
        sent_at: null
      })
      .execute()
    expect((await clerk.get('/desk/slips')).text).toContain(receipt)
    const page = await clerk.get(`/desk/slips/${receipt}`)
    expect(page.text).toContain('Nobody could be told by letter.')
    for (let time = 0; time < 2; time++)
      expect(
        (
          await clerk.post(`/desk/slips/${receipt}/given`, { _csrf: page.input('_csrf') })
        ).headers.get('location')
      ).toBe(`/desk/slips/${receipt}`)
    expect((await clerk.get(`/desk/slips/${receipt}`)).text).toContain(
      'The slip was handed over or mailed.'
    )
    expect((await clerk.get('/desk/slips')).text).not.toContain(receipt)
    const events = await site.runtime.db
      .selectFrom('events')
      .select(['actor', 'data'])
      .where('contact_id', '=', contactId)
      .where('kind', '=', 'receipt.sent')
      .execute()
    expect(events).toEqual([{ actor: `staff:${clerk.staff.id}`, data: { by: 'slip' } }])
  })
})
