/** The searchable PDF of a document, made of its stored pages. */
import { open } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import { limits } from './limits.ts'
import { Withheld, type ReaderPool } from './pool.ts'
import { orWithheld, sentence } from './withheld.ts'
import type { AssemblePage } from './reader/job.ts'
import { readStoredPages, type DocumentRecord, type StoredPage } from './store.ts'

/** Pages held in memory at once, with their words: 60 KB each. */
const PAGES_AT_ONCE = 50

export interface CopyRuntime {
  readonly db: Db
  readonly blobs: Blobs
  readonly pool: ReaderPool
}

/**
 * The hash of a PDF that can be searched, the document's own where that is one throughout; or, in
 * `missing`, why there is none.
 */
export async function makeReadingCopy(
  runtime: CopyRuntime,
  document: DocumentRecord,
  pages: number,
  file: string,
  folder: string
): Promise<{ sha256: string } | { missing: string | undefined }> {
  // Text and office files have no pages to show.
  if (document.kind !== 'pdf' && document.kind !== 'image') return { missing: undefined }
  const lacking = await runtime.db
    .selectFrom('document_pages')
    .select('number')
    .where('sha256', '=', document.sha256)
    .where((page) => page.or([page('source', '=', 'ocr'), sql<boolean>`extras ? 'added'`]))
    .limit(1)
    .executeTakeFirst()
  if (document.kind === 'pdf' && !lacking) return { sha256: document.sha256 }
  const pagesPath = path.join(folder, 'pages.json')
  const outPath = path.join(folder, 'searchable.pdf')
  await writePages(runtime, document.sha256, pages, pagesPath, folder)
  const made = await orWithheld(
    runtime.pool.run({ kind: 'assemble', path: file, pagesPath, outPath }, limits.assembleSeconds)
  )
  if (made instanceof Withheld)
    return { missing: `A searchable PDF could not be made: ${sentence(made, 'working copy')}` }
  if (made.pages !== pages)
    return {
      missing: `A searchable PDF could not be made: only ${made.pages} of ${pages} pages can be shown.`
    }
  return { sha256: await runtime.blobs.putCopy(outPath) }
}

async function writePages(
  runtime: CopyRuntime,
  sha256: string,
  pages: number,
  pagesPath: string,
  folder: string
): Promise<void> {
  const out = await open(pagesPath, 'w', 0o600)
  try {
    for (let from = 1; from <= pages; from += PAGES_AT_ONCE) {
      const some = await Promise.all(
        (await readStoredPages(runtime.db, sha256, { from, to: from + PAGES_AT_ONCE - 1 })).map(
          (page) => withFile(runtime.blobs, page, folder)
        )
      )
      await out.write(`${from === 1 ? '[' : ','}${JSON.stringify(some).slice(1, -1)}`)
    }
    await out.write(']')
  } finally {
    await out.close()
  }
}

async function withFile(
  blobs: Blobs,
  { image, ...page }: StoredPage,
  folder: string
): Promise<AssemblePage> {
  return {
    page,
    ...(image
      ? { image: { path: await blobs.fileOf(image.sha256, folder), mediaType: image.mediaType } }
      : {})
  }
}
