/** What the tests of faxes share: a fax to send, and providers that sign as the real ones do. */
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib'
import type { HttpDelivery } from '../../contract/http-door.ts'

/** One page with this text, as a provider's PDF. */
export async function faxPdf(text: string): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  const page = pdf.addPage([612, 792])
  const font = await pdf.embedFont(StandardFonts.Helvetica)
  const lines = text.replace(/[^\x20-\x7e]/g, ' ').match(/.{1,80}/g) ?? ['']
  lines
    .slice(0, 40)
    .forEach((line, index) => page.drawText(line, { x: 50, y: 740 - index * 16, size: 12, font }))
  return Buffer.from(await pdf.save())
}

export interface Telnyx {
  /** As their portal shows it. */
  readonly publicKey: string
  /** Their post of an event. */
  post(
    event: object | Uint8Array | string,
    how?: { signature?: 'wrong' | 'none'; timestamp?: string }
  ): HttpDelivery
  /** The event that a fax has arrived. */
  received(payload: Record<string, unknown>, type?: string): object
}

/** Telnyx as far as we hear of it: an account with its own key pair. */
export function telnyxAccount(): Telnyx {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'),
    post(event, { signature, timestamp = '1764093600' } = {}) {
      const body = Buffer.from(
        event instanceof Uint8Array || typeof event === 'string'
          ? (event as string)
          : JSON.stringify(event)
      )
      const signed = sign(
        null,
        Buffer.concat([Buffer.from(`${timestamp}|`), body]),
        privateKey
      ).toString('base64')
      const given = signature === 'wrong' ? Buffer.alloc(64, signed).toString('base64') : signed
      return {
        path: '/hooks/fax/telnyx',
        body,
        headers: {
          'content-type': 'application/json',
          'telnyx-timestamp': timestamp,
          ...(signature === 'none' ? {} : { 'telnyx-signature-ed25519': given })
        }
      }
    },
    received: (payload, type = 'fax.received') => ({
      data: {
        event_type: type,
        id: '95479a2e-b947-470a-a88f-2da6dd07ae0f',
        occurred_at: '1990-01-01T13:08:22.039204Z',
        record_type: 'event',
        payload: {
          connection_id: '234423',
          direction: 'inbound',
          status: 'received',
          to: '+12025550199',
          page_count: 1,
          ...payload
        }
      },
      meta: { attempt: 1, delivered_to: 'http://town.example/hooks/fax/telnyx' }
    })
  }
}

/**
 * A Phaxio callback: fields and one file as multipart/form-data, signed over the address it goes
 * to.
 */
export function phaxioPost(
  token: string,
  fields: Readonly<Record<string, string>>,
  file: Uint8Array | undefined,
  how: { signature?: string | 'none'; body?: Uint8Array } = {}
): HttpDelivery {
  const path = '/hooks/fax/phaxio'
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    `--phaxio\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`,
    value,
    '\r\n'
  ])
  const attached = file
    ? [
        '--phaxio\r\nContent-Disposition: form-data; name="file"; filename="fax.pdf"\r\nContent-Type: application/pdf\r\n\r\n',
        file,
        '\r\n'
      ]
    : []
  const body =
    how.body ??
    Buffer.concat(
      [...parts, ...attached, '--phaxio--\r\n'].map((part) => Buffer.from(part as string))
    )
  const named = Object.keys(fields)
    .toSorted()
    .map((name) => `${name}${fields[name]}`)
    .join('')
  const hashed = file ? `file${createHash('sha1').update(file).digest('hex')}` : ''
  const signature =
    how.signature ??
    createHmac('sha1', token).update(`http://town.example${path}${named}${hashed}`).digest('hex')
  return {
    path,
    body,
    headers: {
      'content-type': 'multipart/form-data; boundary=phaxio',
      ...(signature === 'none' ? {} : { 'x-phaxio-signature': signature })
    }
  }
}

/** The fields of a fax that Phaxio received. */
export function phaxioFields(
  fax: Record<string, unknown>,
  more: Record<string, string> = {}
): Record<string, string> {
  return {
    direction: 'received',
    event_type: 'fax_completed',
    fax: JSON.stringify({
      direction: 'received',
      status: 'success',
      num_pages: 1,
      to_number: '+12025550199',
      ...fax
    }),
    is_test: 'false',
    success: 'true',
    ...more
  }
}
