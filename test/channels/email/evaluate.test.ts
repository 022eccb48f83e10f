/** The measure of how mails are read measures what it says. */
import { expect, test } from '@jest/globals'
import { evaluateMail, figuresOf } from '../../../channels/email/evaluate.ts'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import { fixture } from './support.ts'

const read = (file: string, text: string | Uint8Array) =>
  evaluateMail(file, Buffer.from(text as string))

test('a saved mail is described as it was read', async () => {
  expect(
    await read(
      'a.eml',
      'From: a@b.example\nSubject: Lamp\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nIt is out.\n\n-- \nAnn\n--b\nContent-Type: image/png; name=lamp.png\n\npng\n--b--\n'
    )
  ).toEqual({
    file: 'a.eml',
    kind: 'message',
    subject: 'Lamp',
    text: 'It is out.\n\n-- \nAnn',
    newText: 'It is out.',
    documents: [{ name: 'lamp.png', bytes: 3, sha256: sha256(Buffer.from('png')) }]
  })
})

test('an invitation beside words is described with what it says', async () => {
  const mail =
    'From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nCome.\n--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Porch\nLOCATION:7 Oak\nEND:VEVENT\nEND:VCALENDAR\n--b--\n'
  const { text, documents } = await read('a.eml', mail)
  expect([text, documents[0]?.text]).toEqual(['Come.', 'Porch\nWhere: 7 Oak'])
})

test('a text or HTML without a header is read as the words of a mail', async () => {
  const quoted =
    'Yes.\n\nFrom: Town <t@town.example>\nSent: Monday\nTo: Ann\nSubject: Lamp\n\nWhich?'
  expect(await read('reply.txt', quoted)).toMatchObject({ newText: 'Yes.', subject: '' })
  expect(await read('reply.html', '<p>Ja.</p>')).toMatchObject({ text: 'Ja.' })
})

test('what is no mail is refused with its code, and counted', async () => {
  const mail = await read('x.json', '[1]')
  expect(mail).toMatchObject({ kind: 'refused', code: 'READ_UNPARSEABLE' })
  expect(figuresOf([mail], () => undefined)).toMatchObject({
    files: 1,
    kinds: { refused: 1 },
    refused: { READ_UNPARSEABLE: 1 }
  })
})

test('a mail passed on in the text is counted, with its author where it names an address', async () => {
  const passed = (from: string, subject = 'Fwd: Lamp') =>
    read(
      'f.eml',
      `From: m@elm.example\nSubject: ${subject}\n\nSee below.\n\nFrom: ${from}\nSent: Monday, November 2, 2026 9:00 AM\nTo: Max\nSubject: Lamp\n\nIt is out.`
    )
  const named = await passed('Ana <ana@oak.example>')
  const mails = [
    named,
    await passed('Ana Ruiz'),
    await passed('Ana <ana@oak.example>', 'Re: Lamp'),
    await read('s.eml', 'From: m@elm.example\nSubject: Fwd: photos\n\nAttached.'),
    await read(
      'a.eml',
      'From: m@elm.example\nSubject: Fwd: Lamp\nContent-Type: message/rfc822\n\nFrom: ana@oak.example\nSubject: Lamp\n\nIt is out.'
    )
  ]
  expect(mails.map(({ passedOn }) => passedOn)).toEqual([
    { author: 'ana@oak.example' },
    {},
    undefined,
    undefined,
    undefined
  ])
  expect(figuresOf(mails, () => undefined).passedOn).toEqual({ mails: 2, withAuthor: 1 })
})

test('figures stand beside the truth, and only where there is one', async () => {
  const bounce = await read('b.eml', fixture('qmail-bounce'))
  const reply = await read('r.txt', 'Yes, please.')
  const truths = {
    'b.eml': { kind: 'auto-reply', lasting: [!bounce.lasting] },
    'r.txt': { newText: 'Yes, please. Thanks.' }
  } as const
  expect(figuresOf([bounce, reply], (file) => truths[file as keyof typeof truths])).toMatchObject({
    kindRight: { right: 0, of: 1, wrong: ['b.eml'] },
    hardRight: { right: 0, of: 1 },
    newTextExact: { right: 0, of: 1 },
    newWordLost: 1
  })
  expect(
    figuresOf([bounce, reply], (file) =>
      file === 'b.eml'
        ? { kind: 'bounce', lasting: [bounce.lasting!] }
        : { newText: 'Yes, please.' }
    )
  ).toMatchObject({
    kindRight: { right: 1, of: 1, wrong: [] },
    hardRight: { right: 1, of: 1 },
    newTextExact: { right: 1, of: 1 },
    newWordLost: 0
  })
})
