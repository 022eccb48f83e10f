/**
 * Files inside documents: each becomes a document of the contact in its own right, within bounds of
 * number and depth.
 */
import { open } from 'node:fs/promises'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import { NO_BYTES, type EnvelopeDocument } from '../envelope.ts'
import { storableText } from '../../platform/text/storable.ts'
import { limits } from './limits.ts'
import type { DocumentKind } from './media-type.ts'
import type { ReaderPool } from './pool.ts'
import { askForDocuments } from './store.ts'
import { takeFiles } from './take-files.ts'
import { isWorthReading } from './worth-reading.ts'

/**
 * Takes the files out of a document and keeps them; answers what was left inside. Running it twice
 * is harmless.
 */
export async function keepInside(
  { db, blobs, pool }: { readonly db: Db; readonly blobs: Blobs; readonly pool: ReaderPool },
  parent: string,
  document: string,
  kind: DocumentKind,
  folder: string
): Promise<string | undefined> {
  const { files, missing } = await takeFiles(pool, document, kind, folder)
  const rows = []
  for (const [position, { name, mediaType, bytes, file, withheld }] of files.entries()) {
    const sha256 = file === undefined ? null : await blobs.putCopy(file)
    const readable =
      file !== undefined && isWorthReading({ mediaType, inline: false }, await headOf(file))
    rows.push({
      parent,
      position,
      name: storableText(name),
      media_type: mediaType,
      bytes,
      sha256,
      readable,
      withheld: withheld ?? null
    })
  }
  if (rows.length > 0)
    await db
      .insertInto('document_files')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  return missing
}

/** Enough for a picture's size and every signature. */
async function headOf(file: string): Promise<Uint8Array> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

export interface Inside {
  /** The documents found inside, after those they were in. */
  readonly documents: readonly EnvelopeDocument[]
  /** Hashes of those to be read for their text. */
  readonly readable: readonly { readonly sha256: string; readonly bytes: number }[]
}

type FileRow = {
  parent: string
  name: string
  media_type: string
  bytes: string
  sha256: string | null
  readable: boolean
  withheld: string | null
}

/**
 * What is inside these documents, as far as they have been read, to `limits.embeddedDepth` levels
 * and `limits.embeddedFiles` files in all.
 */
export async function insideOf(
  db: Db,
  documents: readonly Pick<EnvelopeDocument, 'sha256' | 'name'>[]
): Promise<Inside> {
  const found: EnvelopeDocument[] = []
  const readable = new Map<string, number>()
  const seen = new Set(documents.map(({ sha256 }) => sha256))
  let level = new Map(documents.map(({ sha256, name }) => [sha256, name]))
  for (let depth = 1; level.size > 0 && depth <= limits.embeddedDepth + 1; depth++) {
    const next = new Map<string, string>()
    for (const row of await filesOf(db, [...level.keys()])) {
      if (found.length >= limits.embeddedFiles || (row.sha256 && seen.has(row.sha256))) continue
      const within = level.get(row.parent)!
      const tooDeep = depth > limits.embeddedDepth && row.readable
      found.push(describe(row, within, tooDeep))
      if (!row.sha256) continue
      seen.add(row.sha256)
      if (!row.readable || tooDeep) continue
      readable.set(row.sha256, Number(row.bytes))
      next.set(row.sha256, `${within} › ${row.name}`)
    }
    level = next
  }
  return { documents: found, readable: [...readable].map(([sha256, bytes]) => ({ sha256, bytes })) }
}

function describe(
  { name, media_type: mediaType, bytes, sha256, withheld }: FileRow,
  within: string,
  tooDeep: boolean
): EnvelopeDocument {
  const why =
    withheld ??
    (tooDeep ? 'The file lies too deep inside other files to be read by machine.' : undefined)
  return {
    name,
    mediaType,
    bytes: Number(bytes),
    sha256: sha256 ?? NO_BYTES,
    pages: 0,
    within,
    ...(why ? { withheld: why } : {})
  }
}

/** In the order of the documents they are in. */
async function filesOf(db: Db, parents: readonly string[]): Promise<FileRow[]> {
  const rows = await db
    .selectFrom('document_files')
    .select(['parent', 'name', 'media_type', 'bytes', 'sha256', 'readable', 'withheld'])
    .where('parent', 'in', [...parents])
    .orderBy('position')
    .execute()
  return rows.toSorted((a, b) => parents.indexOf(a.parent) - parents.indexOf(b.parent))
}

/**
 * Has the contact wait for files inside its documents as well; answers those that are still to be
 * read.
 */
export async function waitForInside(
  db: Db,
  contactId: string,
  { readable }: Inside
): Promise<string[]> {
  if (readable.length === 0) return []
  await db.transaction().execute(async (trx) => {
    await askForDocuments(trx, readable)
    await trx
      .insertInto('contact_documents')
      .values(readable.map(({ sha256 }) => ({ contact_id: contactId, sha256 })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
  const open = await db
    .selectFrom('documents')
    .select('sha256')
    .where(
      'sha256',
      'in',
      readable.map(({ sha256 }) => sha256)
    )
    .where('outcome', 'is', null)
    .execute()
  return open.map(({ sha256 }) => sha256)
}
