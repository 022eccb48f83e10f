import http from 'node:http'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { web } from '../../../channels/web/index.ts'
import {
  MAX_BODY_BYTES,
  MAX_FILE_BYTES,
  MAX_FILES,
  TOKEN_HOURS
} from '../../../channels/web/limits.ts'
import type { StoredRaw } from '../../../core/intake/channel.ts'
import { newReceipt } from '../../../core/contacts/receipts.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { openSite, Visitor, type Site } from '../../helpers/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

async function contacts() {
  return site.runtime.db.selectFrom('contacts').selectAll().orderBy('ordinal').execute()
}

/** Opens a form and fills it in; multipart as browsers send it. */
async function fillIn(
  visitor: Visitor,
  fields: Record<string, string>,
  files: Blob[] = [],
  path = '/'
): Promise<FormData> {
  const page = await visitor.get(path)
  expect(page.status).toBe(200)
  const form = new FormData()
  for (const name of ['_token', '_language', '_more']) form.append(name, page.input(name))
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  files.forEach((file, index) => form.append('attachments', file, `file-${index + 1}.txt`))
  return form
}

function receiptOf(location: string | null): string {
  return /^\/r\/([0-9A-Z-]{20})\?sent=1$/.exec(location ?? '')?.[1] ?? `no receipt in ${location}`
}

describe('sending a form', () => {
  test('answers with the receipt once the bytes are stored as they came', async () => {
    const visitor = new Visitor(site.url)
    const sent = await visitor.post(
      '/',
      await fillIn(visitor, { message: 'The lamp is out', topic: 'streets' }, [new Blob(['dark'])])
    )
    expect(sent.status).toBe(303)
    const receipt = receiptOf(sent.headers.get('location'))
    const stored = (await contacts()).find((contact) => contact.receipt === receipt)!
    expect(stored).toMatchObject({
      channel: 'web',
      source: 'contact',
      media_type: expect.stringMatching(/^multipart\/form-data; boundary=/)
    })
    const bytes = (await site.runtime.blobs.get(stored.raw_sha256)).toString()
    expect(bytes).toContain('The lamp is out')
    expect(bytes).toContain('filename="file-1.txt"')
  })

  test('keeps nothing of the browser but the form and its language', async () => {
    const visitor = new Visitor(site.url)
    const page = await visitor.get('/?lang=es')
    const sent = await visitor.post(
      '/',
      { _token: page.input('_token'), _language: page.input('_language'), message: 'Hola' },
      { 'user-agent': 'Nosy/1.0' }
    )
    const stored = (await contacts()).find(
      (contact) => contact.receipt === receiptOf(sent.headers.get('location'))
    )!
    expect(stored.evidence).toEqual({
      form: expect.objectContaining({ id: 'contact' }),
      language: 'es'
    })
    expect(JSON.stringify(stored)).not.toMatch(/Nosy|127\.0\.0\.1/)
  })

  test('works for a form of its own address', async () => {
    const visitor = new Visitor(site.url)
    const sent = await visitor.post(
      '/f/streets',
      await fillIn(
        visitor,
        { problem: 'light', place: 'Main St', details: 'Dark' },
        [],
        '/f/streets'
      )
    )
    expect(
      (await contacts()).find(
        (contact) => contact.receipt === receiptOf(sent.headers.get('location'))
      )
    ).toMatchObject({ source: 'streets' })
  })

  test('puts no personal data into the address', async () => {
    const visitor = new Visitor(site.url)
    const sent = await visitor.post(
      '/',
      await fillIn(visitor, { message: 'hi', name: 'Ana Ruiz', email: 'ana@example.com' })
    )
    expect(sent.headers.get('location')).toMatch(/^\/r\/[0-9A-Z-]{20}\?sent=1$/)
  })

  test('twice, as a double click does, gives one receipt', async () => {
    const visitor = new Visitor(site.url)
    const form = await fillIn(visitor, { message: 'Once only, please' }, [new Blob(['x'])])
    const before = (await contacts()).length
    const [one, two] = await Promise.all([visitor.post('/', form), visitor.post('/', form)])
    const again = await visitor.post('/', form)
    expect(
      new Set([one, two, again].map((page) => receiptOf(page.headers.get('location')))).size
    ).toBe(1)
    expect((await contacts()).length).toBe(before + 1)
  })

  test('again with another text is another contact: it must not vanish behind the first receipt', async () => {
    const visitor = new Visitor(site.url)
    const form = await fillIn(visitor, { message: 'First' })
    const first = await visitor.post('/', form)
    form.set('message', 'Second, typed after going back')
    const second = await visitor.post('/', form)
    expect(receiptOf(second.headers.get('location'))).not.toBe(
      receiptOf(first.headers.get('location'))
    )
  })

  test('the same text from two browsers is two contacts', async () => {
    const [one, two] = [new Visitor(site.url), new Visitor(site.url)]
    const receipts = await Promise.all(
      [one, two].map(async (visitor) =>
        receiptOf(
          (
            await visitor.post('/', await fillIn(visitor, { message: 'Save the park' }))
          ).headers.get('location')
        )
      )
    )
    expect(new Set(receipts).size).toBe(2)
  })

  test('with the unseen field filled in is accepted and kept for a person', async () => {
    const visitor = new Visitor(site.url)
    const form = await fillIn(visitor, { message: 'Cheap watches' })
    form.set('_more', 'https://watches.example')
    const sent = await visitor.post('/', form)
    const stored = (await contacts()).find(
      (contact) => contact.receipt === receiptOf(sent.headers.get('location'))
    )!
    expect(stored.evidence).toMatchObject({
      quarantine: 'a field that people do not see was filled in'
    })
  })
})

describe('a post that no page of ours asked for', () => {
  const cases: [what: string, change: (form: FormData, visitor: Visitor) => void][] = [
    ['has no token', (form) => form.delete('_token')],
    ['has an empty token', (form) => form.set('_token', '')],
    [
      'has a made-up token',
      (form) => form.set('_token', `${'A'.repeat(22)}.abc.${'B'.repeat(43)}`)
    ],
    [
      'has a token with another time',
      (form) =>
        form.set('_token', String(form.get('_token')).replace(/\.[a-z0-9]+\./, '.zzzzzzzz.'))
    ],
    ['has no cookie', (_form, visitor) => visitor.cookies.clear()],
    [
      "has another browser's cookie",
      (_form, visitor) => visitor.cookies.set('evenhand-form', 'C'.repeat(22))
    ]
  ]
  test.each(cases)('stores nothing and keeps what was typed where it %s', async (_what, change) => {
    const visitor = new Visitor(site.url)
    const form = await fillIn(visitor, { message: 'Typed with care', name: 'Ana', topic: 'water' })
    change(form, visitor)
    const before = (await contacts()).length
    const answer = await visitor.post('/', form)
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('Typed with care')
    expect(answer.text).toContain('value="Ana"')
    expect(answer.text).toMatch(/<option value="water" selected>/)
    expect((await contacts()).length).toBe(before)
  })

  test('can be sent from the page it gets, which has a token of its own', async () => {
    const visitor = new Visitor(site.url)
    const answer = await visitor.post('/', { message: 'Cookies were off' })
    const sent = await visitor.post('/', {
      message: 'Cookies were off',
      _token: answer.input('_token')
    })
    expect(sent.status).toBe(303)
  })

  test('a token of one form does not fit another', async () => {
    const visitor = new Visitor(site.url)
    const page = await visitor.get('/')
    const answer = await visitor.post('/f/streets', {
      _token: page.input('_token'),
      problem: 'light',
      place: 'x',
      details: 'y'
    })
    expect(answer.status).toBe(403)
  })

  test('a token lasts a day and no longer', async () => {
    const visitor = new Visitor(site.url)
    const page = await visitor.get('/')
    const loaded = Number.parseInt(page.input('_token').split('.')[1]!, 36)
    const clock = jest.spyOn(Date, 'now')
    try {
      clock.mockReturnValue(loaded + TOKEN_HOURS * 3_600_000 + 1)
      expect(
        (await visitor.post('/', { _token: page.input('_token'), message: 'late' })).status
      ).toBe(403)
      clock.mockReturnValue(loaded + TOKEN_HOURS * 3_600_000)
      expect(
        (await visitor.post('/', { _token: page.input('_token'), message: 'in time' })).status
      ).toBe(303)
    } finally {
      clock.mockRestore()
    }
  })
})

describe('answers that need attention', () => {
  const long = 'x'.repeat(201)
  test.each([
    ['nothing typed', '/', { message: '' }, 'message'],
    ['blanks only', '/', { message: '  \n ' }, 'message'],
    ['a subject that is too long', '/', { message: 'hi', subject: long }, 'subject'],
    ['a choice that was not offered', '/', { message: 'hi', topic: 'mayor' }, 'topic'],
    ['an e-mail address that is none', '/', { message: 'hi', email: 'ana at example' }, 'email'],
    ['a required choice left open', '/f/streets', { place: 'here', details: 'dark' }, 'problem']
  ])(
    '%s: shows the form again, linked to the field, and stores nothing',
    async (_what, path, fields, field) => {
      const visitor = new Visitor(site.url)
      const form = await fillIn(visitor, { ...fields, name: 'Ana "the" <b>' }, [], path)
      const before = (await contacts()).length
      const answer = await visitor.post(path, form)
      expect(answer.status).toBe(422)
      expect(answer.text).toContain(`<a href="#field-${field}">`)
      expect(answer.text).toMatch(
        new RegExp(`aria-describedby="[^"]*error-${field}"|id="error-${field}"`)
      )
      if (path === '/') expect(answer.text).toContain('value="Ana &quot;the&quot; &lt;b&gt;"')
      expect(answer.text).toMatch(/<title>Error: /)
      expect((await contacts()).length).toBe(before)
    }
  )

  test('an answer exactly as long as allowed is accepted, one character more is not', async () => {
    const visitor = new Visitor(site.url)
    const lengths = [20_000, 20_001]
    const answers = await Promise.all(
      lengths.map(async (length) =>
        visitor.post('/', await fillIn(visitor, { message: 'x'.repeat(length) }))
      )
    )
    expect(answers.map((answer) => answer.status)).toEqual([303, 422])
  })

  test('line breaks count once, as browsers count them', async () => {
    const visitor = new Visitor(site.url)
    const sent = await visitor.post(
      '/',
      await fillIn(visitor, { message: '\r\n'.repeat(10_000) + 'x'.repeat(10_000) })
    )
    expect(sent.status).toBe(303)
  })
})

function filesOf(sizes: number[]): Blob[] {
  return sizes.map((size) => new Blob([Buffer.alloc(size, 'x')]))
}

/** By a connection of its own: one kept open may be closed while so much is put together. */
async function sendAlone(form: FormData): Promise<{ status: number | undefined; text: string }> {
  const packed = new Response(form)
  const body = Buffer.from(await packed.arrayBuffer())
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': packed.headers.get('content-type')!,
      'content-length': body.length
    }
    http
      .request(site.url, { method: 'POST', agent: false, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        answer.on('end', () => resolve({ status: answer.statusCode, text }))
      })
      .on('error', reject)
      .end(body)
  })
}

describe('bounds on what is sent', () => {
  test.each([
    [
      'files',
      Array.from({ length: MAX_FILES }, () => 1),
      Array.from({ length: MAX_FILES + 1 }, () => 1),
      'at most 10 files'
    ],
    ['bytes', [MAX_FILE_BYTES], [MAX_FILE_BYTES + 1], 'at most 50 MB']
  ])(
    '%s: the most is accepted, one more gives a page that says so and nothing is stored',
    async (_what, at, over, said) => {
      const visitor = new Visitor(site.url)
      expect(
        (await visitor.post('/', await fillIn(visitor, { message: 'at the cap' }, filesOf(at))))
          .status
      ).toBe(303)
      const before = (await contacts()).length
      const answer = await visitor.post(
        '/',
        await fillIn(visitor, { message: 'over the cap' }, filesOf(over))
      )
      expect(answer.status).toBe(413)
      expect(answer.text).toContain(said)
      expect(answer.text).toContain('over the cap')
      expect((await contacts()).length).toBe(before)
    }
  )

  test('a body over its bound gives back every word that was typed, also behind the files', async () => {
    const visitor = new Visitor(site.url)
    const form = await fillIn(visitor, { message: 'Words before' }, filesOf([MAX_BODY_BYTES]))
    form.append('name', 'Words behind')
    const before = (await contacts()).length
    const answer = await sendAlone(form)
    expect(answer.status).toBe(413)
    for (const part of ['Words before', 'Words behind', 'at most 50 MB'])
      expect(answer.text).toContain(part)
    expect((await contacts()).length).toBe(before)
  })

  test('a body over its bound is refused with a page before it is parsed', async () => {
    const visitor = new Visitor(site.url)
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    expect((await visitor.send('/', Buffer.alloc(MAX_BODY_BYTES, 'x'), headers)).status).toBe(400)
    const answer = await visitor.send('/', Buffer.alloc(MAX_BODY_BYTES + 1, 'x'), headers)
    expect(answer.status).toBe(413)
    expect(answer.text).toContain('too large')
  })
})

describe('the receipt of an earlier message', () => {
  test.each(['ABCDEF-ABCDEF-ABCDEF', 'my old one', newReceipt()])(
    'that is none is said, and nothing is lost or sent: %s',
    async (receipt) => {
      const visitor = new Visitor(site.url)
      const before = (await contacts()).length
      const answer = await visitor.post('/', await fillIn(visitor, { message: 'More', receipt }))
      expect(answer.status).toBe(422)
      expect(answer.text).toContain('is no receipt of ours')
      expect(answer.text).toContain(`value="${receipt}"`)
      expect((await contacts()).length).toBe(before)
    }
  )
})

describe('when it cannot be stored', () => {
  test.each(['INTAKE_BUSY', 'INTAKE_STORE_DOWN'] as const)(
    '%s: shows what was typed and asks to try again',
    async (code) => {
      const accept = jest
        .spyOn(site.runtime.acceptor, 'accept')
        .mockRejectedValueOnce(new EvenhandError(code))
      const visitor = new Visitor(site.url)
      const form = await fillIn(visitor, { message: 'Keep this text' })
      const answer = await visitor.post('/', form)
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('30')
      expect(answer.text).toContain('Keep this text')
      accept.mockRestore()
      expect((await visitor.post('/', form)).status).toBe(303)
    }
  )
})

test('a message of signs that nobody sees is an empty one', async () => {
  const visitor = new Visitor(site.url)
  for (const message of ['\u200b\u200d\ufeff', ' \u00a0\u2003', '\u2800\u3164']) {
    const page = await visitor.post('/', await fillIn(visitor, { message }))
    expect([page.status, page.text.includes('href="#field-message"')]).toEqual([422, true])
  }
})

test('a page in another charset keeps its letters, from the door to the envelope', async () => {
  const visitor = new Visitor(site.url)
  const form = await fillIn(visitor, { message: 'X' })
  const body = new URLSearchParams(
    [...form].map(([name, value]): [string, string] => [name, String(value)])
  )
    .toString()
    .replace('message=X', 'message=Un+ni%F1o+cay%F3')
  const page = await visitor.send('/', Buffer.from(body), {
    'content-type': 'application/x-www-form-urlencoded; charset=ISO-8859-1'
  })
  const receipt = receiptOf(page.headers.get('location'))
  const contact = await site.runtime.db
    .selectFrom('contacts')
    .selectAll()
    .where('receipt', '=', receipt)
    .executeTakeFirstOrThrow()
  const [translation] = await web.translate({
    ...(contact as unknown as StoredRaw),
    mediaType: contact.media_type,
    sha256: contact.raw_sha256,
    bytes: await site.runtime.blobs.get(contact.raw_sha256)
  })
  expect(translation!.envelope.text).toContain('Un niño cayó')
})

test('a body that is no form, or a form that does not exist, gets a page that says so', async () => {
  const visitor = new Visitor(site.url)
  expect(
    (await visitor.send('/', Buffer.from('{}'), { 'content-type': 'application/json' })).status
  ).toBe(400)
  expect((await visitor.get('/f/dogs')).status).toBe(404)
  expect((await visitor.get('/f/%E0%A4%A')).status).toBe(400)
})

test('the language is remembered and the page shown in it', async () => {
  const visitor = new Visitor(site.url)
  expect((await visitor.get('/', { 'accept-language': 'es-MX,es;q=0.9' })).text).toContain(
    '<html lang="es" dir="ltr">'
  )
  expect((await visitor.get('/?lang=es')).text).toContain('¿De qué se trata?')
  expect((await visitor.get('/f/streets')).text).toContain('¿Dónde está?')
})
