/**
 * Promise 2, from the mail's bytes to the case: what only the HTML of a mail says or shows is in
 * the text or lies with the contact, and no machine joins it with the same sender's mail that lacks
 * it. The same words as HTML, with HTML and without are joined. A file with no word of the sender's
 * waits.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { email } from '../../channels/email/index.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'

let runtime: TestRuntime
let pipeline: Pipeline
beforeAll(async () => {
  runtime = await createTestRuntime()
  pipeline = openPipeline(runtime)
})
beforeEach(() =>
  sql`truncate contacts, cases, case_contacts, case_links, outbound, duplicate_contacts,
      duplicate_keys, campaigns, campaign_members, constituents, constituent_keys cascade`.execute(
    runtime.db
  )
)
afterAll(async () => {
  await pipeline.close()
  await runtime.remove()
})

const words =
  'The heron fountain behind the observatory squeaks dreadfully whenever the copper valve turns, and my rabbits hide beneath the veranda until dusk. Please look'
const mail = (body: string, subject = 'Fountain') =>
  `From: Ana Pereira <ana@people.example>\nTo: hello@willowcreek.example\nSubject: ${subject}\nMIME-Version: 1.0\n${body}`
const plain = (text: string) => mail(`Content-Type: text/plain; charset=utf-8\n\n${text}\n`)
const html = (source: string) => mail(`Content-Type: text/html; charset=utf-8\n\n${source}\n`)
const both = (text: string, source: string) =>
  mail(
    `Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n${text}\n--b\nContent-Type: text/html; charset=utf-8\n\n${source}\n--b--\n`
  )

async function brought(...sources: string[]): Promise<string[]> {
  const ids = []
  for (const source of sources) {
    const raw = {
      ...email.fromFile('a.eml', Buffer.from(source.replaceAll('\n', '\r\n')), runtime.agency()),
      externalId: randomUUID()
    }
    const { contactId } = await runtime.acceptor.accept(raw)
    await pipeline.run([contactId])
    ids.push(contactId)
  }
  return ids
}

async function linked(...sources: string[]): Promise<string[]> {
  await brought(...sources)
  return (await sql<{ state: string }>`select state from case_links`.execute(runtime.db)).rows.map(
    ({ state }) => state
  )
}

describe("a mail with HTML and the same sender's mail without", () => {
  test.each([
    ['a value', `<p>${words}</p><input value="cancel">`, /cancel/],
    [
      'a choice',
      `<p>${words}</p><select><option>approve<option selected>refuse</select>`,
      /refuse/
    ],
    [
      'words of a picture',
      `<p>${words}</p><img alt="do not come, the dog bites">`,
      /the dog bites/
    ],
    ['another word', `<p>${words.replace('Please look', 'Please never look')}</p>`, /never look/],
    ['another figure', `<p>${words.replace('my rabbits', 'my 21 rabbits')}</p>`, /21 rabbits/],
    ['a remote picture', `<p>${words}</p><img src="https://x.example/photo.jpg">`, undefined]
  ])(
    'with %s are for a person, and it is shown or lies with the contact',
    async (_, source, found) => {
      const [id] = await brought(both(words, source), plain(words))
      const { rows } = await sql<{ state: string }>`select state from case_links`.execute(
        runtime.db
      )
      expect(rows).toEqual([{ state: 'suggested' }])
      const {
        rows: [row]
      } = await sql<{
        text: string
        names: string[]
      }>`select envelope ->> 'text' as text, array(select jsonb_path_query(envelope,
          '$.documents[*].name') #>> '{}') as names from contacts where id = ${id}::uuid`.execute(
        runtime.db
      )
      expect(row!.names).toEqual(['message.html'])
      if (found) expect(row!.text).toMatch(found)
    }
  )

  test('are one where both say the same, by whatever program', async () => {
    expect(
      await linked(
        both(words.replace('and ', 'and\n'), `<div dir="ltr">${words}</div>`),
        plain(words)
      )
    ).toEqual(['joined'])
  })

  test('are one also where HTML stands alone', async () => {
    expect(await linked(plain(words), html(`<p>${words}</p>`))).toEqual(['joined'])
  })

  test('are two where HTML alone has a list that begins elsewhere', async () => {
    expect(
      await linked(
        plain(`${words}\n\n1. pay\n2. wait`),
        html(`<p>${words}</p><ol start=5><li>pay<li>wait</ol>`)
      )
    ).toEqual(['suggested'])
  })
})

const stateOf = async (id: string) =>
  (
    await sql<{ state: string; documents: { name: string; withheld?: string }[] }>`
      select state, envelope -> 'documents' as documents from contacts
      where id = ${id}::uuid`.execute(runtime.db)
  ).rows[0]!

const withFile = (text: string, type: string, name: string, bytes: string, subject = '') =>
  mail(
    `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n${text}\n--b\nContent-Type: ${type}; name=${name}\nContent-Disposition: attachment; filename=${name}\n\n${bytes}\n--b--\n`,
    subject
  )
const recorded = `From: Li <li@people.example>\nContent-Type: audio/mp4; name=memo.m4a\nContent-Disposition: attachment; filename=memo.m4a\n\nxxxxxxxx`

describe('a mail without words of its own waits for a person', () => {
  test.each([
    'As discussed.',
    'Hallo, anbei wie besprochen.',
    'Buenas, le mando esto como acordamos'
  ])('"%s" over a sound, which is named as not read', async (text) => {
    const [id] = await brought(withFile(text, 'audio/mp4', 'memo.m4a', 'xxxx'))
    expect(await stateOf(id!)).toEqual({
      state: 'quarantined',
      documents: [
        expect.objectContaining({ name: 'memo.m4a', withheld: expect.stringMatching(/sound/) })
      ]
    })
  })

  test.each(['Important.eml', 'fwd.eml', 'cancel-my-permit.eml'])(
    "a recording forwarded as %s: the name of a file is nobody's words",
    async (name) => {
      const [id] = await brought(withFile('', 'message/rfc822', name, recorded, 'Fwd: x'))
      expect(await stateOf(id!)).toMatchObject({ state: 'quarantined' })
    }
  )

  test('one that is wholly empty, or of characters without width', async () => {
    for (const text of ['', '\u200b\u2060']) {
      const [id] = await brought(mail(`Content-Type: text/plain; charset=utf-8\n\n${text}\n`, ''))
      expect(await stateOf(id!)).toMatchObject({ state: 'quarantined' })
    }
  })

  test.each(['The lamp is out', 'ok', '👍'])('but not one that says "%s"', async (text) => {
    const [id] = await brought(mail(`Content-Type: text/plain; charset=utf-8\n\n${text}\n`, ''))
    expect(await stateOf(id!)).toMatchObject({ state: 'settled' })
  })

  test('nor one that says what a film shows; the film is named as not read', async () => {
    const [id] = await brought(
      withFile('The lamp flickers, as the film shows', 'video/mp4', 'a.mp4', 'xxxx')
    )
    expect(await stateOf(id!)).toMatchObject({
      state: 'settled',
      documents: [{ name: 'a.mp4', withheld: expect.stringMatching(/film/) }]
    })
  })
})

test.each(['Scan', 'see attached', 'Documento', 'Adjunto', '👍', ''])(
  'a mail that says "%s" over a file that nobody reads waits for a person',
  async (text) => {
    const [id] = await brought(
      mail(
        `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n${text}\n--b\nContent-Type: application/octet-stream; name=a.bin\nContent-Disposition: attachment; filename=a.bin\nContent-Transfer-Encoding: base64\n\nAAECAwQF\n--b--\n`,
        ''
      )
    )
    expect(
      (
        await sql<{ state: string }>`select state from contacts where id = ${id}::uuid`.execute(
          runtime.db
        )
      ).rows
    ).toEqual([{ state: 'quarantined' }])
  }
)
