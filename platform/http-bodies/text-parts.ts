/**
 * The text fields of a form whose files are too large to be taken: files are read and dropped as
 * they come, so that what somebody wrote can be given back to them.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'

export interface TextPartLimits {
  readonly fields: number
  /** Bytes of all values together; what comes after is dropped. */
  readonly textBytes: number
}

/** Names and values in the order of the body. What cannot be read ends it, and is no error. */
export function readTextParts(
  stream: Readable,
  headers: IncomingHttpHeaders,
  { fields: most, textBytes }: TextPartLimits
): Promise<[name: string, value: string][]> {
  return new Promise((resolve) => {
    const fields: [string, string][] = []
    let left = textBytes
    const parser = new Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      limits: { fields: most, fieldSize: textBytes }
    })
    const finish = () => {
      stream.unpipe(parser)
      stream.resume()
      resolve(fields)
    }
    parser.on('file', (_name, file) => file.resume())
    parser.on('field', (name, value) => {
      left -= Buffer.byteLength(value)
      if (left >= 0) fields.push([name, value])
    })
    parser.once('finish', finish).once('error', finish)
    stream.once('close', finish)
    stream.pipe(parser)
  })
}
