/**
 * Takes the files out of a document, each in a killable reader within bounds, so that one that
 * cannot be taken costs no other.
 */
import path from 'node:path'
import { limits } from './limits.ts'
import type { DocumentKind } from './media-type.ts'
import { Withheld, type ReaderPool } from './pool.ts'
import { orWithheld } from './withheld.ts'

export interface TakenFile {
  readonly name: string
  readonly mediaType: string
  readonly bytes: number
  /**
   * Where its bytes lie; undefined where they could not be taken out, for the reason in `withheld`.
   */
  readonly file?: string
  readonly withheld?: string
}

export interface Taken {
  readonly files: readonly TakenFile[]
  /** What was left inside, as staff read it. */
  readonly missing?: string
}

export async function takeFiles(
  pool: ReaderPool,
  document: string,
  kind: DocumentKind,
  folder: string
): Promise<Taken> {
  const listed = await orWithheld(
    pool.run({ kind: 'files', path: document, document: kind }, limits.openSeconds)
  )
  if (listed instanceof Withheld)
    return { files: [], missing: 'Whether files are inside it could not be told.' }
  const files: TakenFile[] = []
  let left: number = limits.embeddedBytes
  for (const [index, { id, name }] of listed.files.entries()) {
    const outPath = path.join(folder, `inside-${index}`)
    const taken = await orWithheld(
      pool.run(
        { kind: 'file', path: document, document: kind, id, outPath, mostBytes: left },
        limits.openSeconds
      )
    )
    if (taken instanceof Withheld)
      files.push({
        name,
        mediaType: 'application/octet-stream',
        bytes: 0,
        withheld: `The file ${taken.message}.`
      })
    else files.push({ name, ...taken, file: outPath })
    if (!(taken instanceof Withheld)) left -= taken.bytes
  }
  if (listed.unlisted)
    return { files, missing: 'It holds a file in a place that is not looked into.' }
  const over = listed.total - listed.files.length
  return {
    files,
    ...(over > 0
      ? {
          missing: `It holds ${listed.total} files, of which the first ${listed.files.length} were taken out.`
        }
      : {})
  }
}
