/** Mails of the contract suite, whichever door takes them. */
import { person, type Message } from './types.ts'

/** Every claim that a header has a place for. */
export const claims: readonly string[] = [
  'Date: Mon, 1 Jan 1990 00:00:00 +0000',
  'X-Priority: 1 (Highest)',
  'Importance: high',
  'X-Arrived-At: 1990-01-01T00:00:00Z',
  'X-Ordinal: 1',
  'Received: from x by y; Mon, 1 Jan 1990 00:00:00 +0000'
]

/** The text as base64, as mail programs send what is not plain ASCII. */
export function mailOf({ id, text }: Message, more: readonly string[] = []): Buffer {
  const body = Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')
  const head = [
    `From: ${person.name} <${person.email}>`,
    'To: parks@willowcreek.example',
    `Message-ID: <${id}@resident.example>`,
    ...more
  ]
  return Buffer.from(
    [
      ...head,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      body
    ].join('\r\n')
  )
}
