/** A Phaxio callback's body taken apart: multipart/form-data (or urlencoded, where it brings no file). */
import { createHash } from 'node:crypto'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { MAX_CALLBACK_BYTES, MAX_CALLBACK_FIELD_BYTES, MAX_CALLBACK_FIELDS, MAX_CALLBACK_FILES } from './limits.ts'

export interface CallbackFile {
  /** Of the form's part: "file", in older accounts "filename". */
  readonly field: string
  readonly name: string
  readonly bytes: Buffer
}

export interface Callback {
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly files: readonly CallbackFile[]
}

/** Undefined where the body is no form, or has more in it than a callback. */
export function parseCallback(body: Uint8Array, mediaType: string): Promise<Callback | undefined> {
  return new Promise((resolve) => {
    const parser = openParser(mediaType)
    if (!parser) { resolve(undefined); return }
    const fields: [string, string][] = []
    const files: CallbackFile[] = []
    const giveUp = () => resolve(undefined)
    parser.on('field', (name, value, nameCut, valueCut) => { if (nameCut || valueCut) giveUp(); else fields.push([name ?? '', value]) })
    parser.on('file', (field: string | undefined, stream: BusboyFileStream, name: string | undefined) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('limit', giveUp)
      stream.on('error', giveUp)
      stream.on('end', () => files.push({ field: field ?? '', name: name ?? '', bytes: Buffer.concat(chunks) }))
    })
    for (const over of ['filesLimit', 'fieldsLimit', 'partsLimit', 'error'] as const) parser.on(over, giveUp)
    parser.on('finish', () => resolve(fields.length + files.length > 0 ? { fields, files } : undefined))
    parser.end(Buffer.from(body.buffer, body.byteOffset, body.length))
  })
}

function openParser(mediaType: string) {
  const limits = { fields: MAX_CALLBACK_FIELDS, fieldSize: MAX_CALLBACK_FIELD_BYTES, fieldNameSize: 200, files: MAX_CALLBACK_FILES, fileSize: MAX_CALLBACK_BYTES, headerPairs: 20, headerSize: 16 * 1024 }
  try {
    return new Busboy({ headers: { 'content-type': mediaType }, limits })
  } catch {
    return undefined
  }
}

/** What Phaxio signs: the address it called, then names and values in the order of names, then names and SHA-1 of the files. */
export function signedText(url: string, { fields, files }: Callback): string {
  return url + inOrder(fields) + inOrder(files.map(({ field, bytes }) => [field, createHash('sha1').update(bytes).digest('hex')] as const))
}

function inOrder(pairs: readonly (readonly [string, string])[]): string {
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat().join('')
}
