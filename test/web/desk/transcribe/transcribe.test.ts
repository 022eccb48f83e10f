import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../../platform/storage/blob-store.ts'
import { closeReaders } from '../../../../core/documents/read.ts'
import { storeDocument } from '../../../../core/documents/store.ts'
import { TRANSCRIPT_LIMIT } from '../../../../core/transcription/transcribe.ts'
import { letterPng } from '../../../core/documents/fixtures.ts'
import { bringIn, settlerOf } from '../../../helpers/contacts.ts'
import { setAsideUnsure } from '../../../helpers/paper.ts'
import { openSite, type Page, type Site, type Visitor } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let clerk: SignedIn
beforeAll(async () => {
  site = await openSite()
})
afterAll(async () => {
  await closeReaders()
  await site.close()
})
beforeEach(async () => {
  clerk = await signIn(site, 'mailroom')
  await site.runtime.db
    .updateTable('contacts')
    .set({ state: 'settled', quarantine_code: null })
    .where('quarantine_code', '=', 'TEXT_UNSURE')
    .execute()
})

async function act(
  visitor: Visitor,
  path: string,
  fields: Record<string, string> = {}
): Promise<Page> {
  return visitor.post(path, {
    _csrf: (await visitor.get('/desk/counter')).input('_csrf'),
    ...fields
  })
}

/** Something that came by mail or phone and could not be read surely. */
async function faint(
  envelope: object = { text: 'Tbe swinq is brokcn' },
  confidence = 0.4
): Promise<{ id: string; path: string; receipt: string }> {
  const { contactId: id, receipt } = await bringIn(site.runtime)
  await setAsideUnsure(site.runtime, id, { channel: 'postal', ...envelope }, confidence)
  return { id, receipt, path: `/desk/transcribe/${id}` }
}

const rowOf = (id: string) =>
  site.runtime.db.selectFrom('contacts').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** A document of so many bytes, counting up, that is stored. */
async function stored(name: string, mediaType: string, bytes: Buffer) {
  await site.runtime.blobs.put(bytes)
  return { name, mediaType, bytes: bytes.length, sha256: sha256(bytes), pages: 0 }
}

describe('the transcription page', () => {
  test('says so when nothing waits', async () => {
    expect((await clerk.get('/desk/transcribe')).text).toContain('Nothing is waiting')
  })

  test('lists what waits, earliest arrival first, and why', async () => {
    const [first, second] = [await faint(), await faint()]
    const { text } = await clerk.get('/desk/transcribe')
    expect(text.indexOf(first.receipt)).toBeGreaterThan(0)
    expect(text.indexOf(second.receipt)).toBeGreaterThan(text.indexOf(first.receipt))
    for (const part of [
      '2 waiting',
      'too unsure',
      'by e-mail',
      'Tbe swinq is brokcn</bdi>',
      `<a class="button primary" href="${first.path}"`
    ])
      expect(text).toContain(part)
  })

  test('is led to from quarantine', async () => {
    const { path } = await faint()
    expect((await clerk.get('/desk/quarantine')).text).toContain(`href="${path}"`)
  })

  test.each(['', '/original', '/documents/0', '/documents/0/sound', '/documents/0/pages/1'])(
    'is not for agents, and holds only what waits: %s',
    async (more) => {
      const { path } = await faint()
      expect((await (await signIn(site, 'agent', ['parks'])).get(path + more)).status).toBe(403)
      expect(
        (await clerk.get(`/desk/transcribe/00000000-0000-0000-0000-000000000000${more}`)).status
      ).toBe(409)
      expect((await clerk.get(`/desk/transcribe/x${more}`)).status).toBe(404)
    }
  )

  test.each(['', '/unreadable'])('refuses a post without its token: %s', async (more) => {
    const { id, path } = await faint()
    expect((await clerk.post(path + more, { text: 'x', reason: 'x' })).status).toBe(403)
    expect((await rowOf(id)).state).toBe('quarantined')
  })
})

describe('writing one down', () => {
  test("begins with the machine's text; what is saved goes on to its line at its place, and the next earliest comes up", async () => {
    const [first, second] = [
      await faint({
        text: 'Tbe <swinq>',
        language: 'en',
        sender: { name: 'Aqnes', emails: ['a@b.example'], phones: [], addresses: [] }
      }),
      await faint()
    ]
    const page = await clerk.get(first.path)
    for (const part of [
      'Tbe &lt;swinq&gt;</textarea>',
      'value="Aqnes"',
      '<option value="en" selected>',
      'Its place in line is kept'
    ])
      expect(page.text).toContain(part)
    const answer = await act(clerk, first.path, {
      text: 'The swing\r\nis broken',
      language: 'es',
      senderName: 'Agnes',
      senderAddress: '14 Harbor St',
      do: 'next'
    })
    expect(answer.headers.get('location')).toBe(second.path)
    const row = await rowOf(first.id)
    expect(row).toMatchObject({
      state: 'read',
      envelope: {
        text: 'The swing\nis broken',
        language: 'es',
        sender: { name: 'Agnes', emails: ['a@b.example'], addresses: ['14 Harbor St'] }
      }
    })
    await settlerOf(site.runtime).settle([first.id])
    const entered = await site.runtime.db
      .selectFrom('cases')
      .select(['arrived_at', 'ordinal'])
      .where('contact_id', '=', first.id)
      .executeTakeFirstOrThrow()
    expect(entered).toEqual({ arrived_at: row.arrived_at, ordinal: row.ordinal })
    expect(
      (await act(clerk, second.path, { text: 'Second', do: 'next' })).headers.get('location')
    ).toBe('/desk/transcribe')
    expect((await clerk.get('/desk/transcribe')).text).toContain('nothing else is waiting')
  })

  test('offers what the machine made of a document to be mended, or beside the empty field where most of it is wrong', async () => {
    const documents = [
      {
        name: 'letter.pdf',
        mediaType: 'application/pdf',
        bytes: 1,
        sha256: '0'.repeat(64),
        pages: 1,
        text: 'Tbe swinq'
      }
    ]
    expect((await clerk.get((await faint({ text: '', documents }, 0.6)).path)).text).toContain(
      'Tbe swinq</textarea>'
    )
    const { text } = await clerk.get((await faint({ text: '', documents }, 0.4)).path)
    expect(text).toContain('autofocus></textarea>')
    expect(text).toContain('dir="auto">Tbe swinq</div>')
  })

  test('tells the language by the text where the clerk does not say it', async () => {
    const { id, path } = await faint({ text: '', language: 'und' })
    await act(clerk, path, {
      text: 'El columpio del parque está roto desde el lunes y nadie lo arregla.',
      language: 'und'
    })
    expect((await rowOf(id)).envelope!.language).toBe('es')
  })

  test('without a text changes nothing and keeps what else was typed', async () => {
    const { id, path } = await faint()
    const page = await act(clerk, path, { text: ' \r\n ', senderName: 'Typed Name' })
    expect(page.status).toBe(422)
    for (const part of ['href="#field-text"', 'value="Typed Name"'])
      expect(page.text).toContain(part)
    expect((await rowOf(id)).state).toBe('quarantined')
  })

  test('takes the longest text allowed, and refuses one letter more without cutting it', async () => {
    const { id, path } = await faint()
    expect((await act(clerk, path, { text: 'ü'.repeat(TRANSCRIPT_LIMIT + 1) })).status).toBe(422)
    expect((await act(clerk, path, { text: 'ü'.repeat(TRANSCRIPT_LIMIT) })).status).toBe(303)
    expect((await rowOf(id)).envelope!.text).toHaveLength(TRANSCRIPT_LIMIT)
  })

  test('shows what was typed when somebody else was faster, so that it is not lost', async () => {
    const { path } = await faint()
    await act(await signIn(site, 'mailroom'), path, { text: 'They were faster' })
    const late = await act(clerk, path, { text: 'I was slower <b>' })
    expect(late.status).toBe(409)
    expect(late.text).toContain('I was slower &lt;b&gt;</textarea>')
  })

  test('what cannot be read goes on with its original and without the unsure text, with a reason', async () => {
    const { id, path } = await faint()
    expect((await act(clerk, `${path}/unreadable`, { reason: '' })).headers.get('location')).toBe(
      path
    )
    expect((await clerk.get(path)).text).toContain('A reason is required')
    expect(
      (await act(clerk, `${path}/unreadable`, { reason: 'Water damage' })).headers.get('location')
    ).toBe('/desk/transcribe')
    expect(await rowOf(id)).toMatchObject({
      state: 'read',
      unsure: null,
      envelope: { text: '', evidence: { unsureText: 'Tbe swinq is brokcn' } }
    })
  })
})

describe('the original', () => {
  test('of a call is played, whole or from where the player asks', async () => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256))
    const { path } = await faint({
      channel: 'phone',
      documents: [await stored('voicemail.wav', 'audio/wav', bytes)]
    })
    expect((await clerk.get(path)).text).toContain(
      `<audio class="sound" controls preload="metadata" src="${path}/documents/0/sound"`
    )
    const sound = `${path}/documents/0/sound`
    const whole = await clerk.get(sound)
    expect([
      whole.status,
      whole.headers.get('content-type'),
      whole.headers.get('content-length'),
      whole.headers.get('accept-ranges')
    ]).toEqual([200, 'audio/wav', '1000', 'bytes'])
    for (const [range, content] of [
      ['bytes=0-0', '0-0'],
      ['bytes=990-', '990-999'],
      ['bytes=-5', '995-999'],
      ['bytes=100-5000', '100-999']
    ]) {
      const part = await clerk.get(sound, { range: range! })
      expect([part.status, part.headers.get('content-range')]).toEqual([
        206,
        `bytes ${content}/1000`
      ])
    }
    const beyond = await clerk.get(sound, { range: 'bytes=1000-' })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */1000'])
    expect((await clerk.get(sound, { range: 'bytes=0-1,5-6' })).status).toBe(200)
    expect((await clerk.get(sound, { range: 'lines=1-2' })).status).toBe(200)
  })

  test('that a machine drew is shown page by page; what it is otherwise is only downloaded', async () => {
    const picture = await letterPng(100)
    const image = { sha256: await site.runtime.blobs.put(picture), mediaType: 'image/png' as const }
    const pdf = await stored('fax.pdf', 'application/pdf', Buffer.from('%PDF-'))
    const page = {
      number: 1,
      text: '',
      confidence: 0.3,
      rotation: 0,
      skew: 0,
      blank: false,
      words: [],
      source: 'ocr' as const,
      widthPx: 850,
      heightPx: 1100,
      dpi: 100
    }
    await storeDocument(site.runtime.db, {
      ...pdf,
      kind: 'pdf',
      outcome: 'read',
      pages: [
        { ...page, image },
        { ...page, number: 2 }
      ]
    })
    const { path } = await faint({
      documents: [pdf, await stored('page.html', 'text/html', Buffer.from('<script>'))]
    })
    const { text } = await clerk.get(path)
    expect(text.match(/<img src="[^"]+\/documents\/0\/pages\/1"/g)).toHaveLength(1)
    expect(text).not.toContain('/pages/2')
    const shown = await clerk.get(`${path}/documents/0/pages/1`)
    expect([
      shown.status,
      shown.headers.get('content-type'),
      shown.headers.get('content-security-policy')
    ]).toEqual([200, 'image/png', "default-src 'none'; sandbox"])
    for (const wrong of [
      '0/pages/2',
      '0/pages/x',
      '1/pages/1',
      '2',
      '-1',
      '0/sound',
      '1/sound',
      'x/sound'
    ])
      expect((await clerk.get(`${path}/documents/${wrong}`)).status).toBe(404)
    const file = await clerk.get(`${path}/documents/1`)
    expect([file.headers.get('content-type'), file.headers.get('content-disposition')]).toEqual([
      'application/octet-stream',
      expect.stringMatching(/^attachment; filename=/)
    ])
  })
})
