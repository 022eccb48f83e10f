/**
 * A slice of one document: some of its missing pages are read and stored as they are done, so that
 * a kill costs the pages in hand.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Blobs } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import type { FairScheduler } from '../../platform/limits/fair-scheduler.ts'
import { limits } from './limits.ts'
import { Withheld, type ReaderPool } from './pool.ts'
import { unread } from './read.ts'
import { orWithheld, sentence } from './withheld.ts'
import type { Opened, ReadPage } from './reader/job.ts'
import type { Survey } from './reader/image-place.ts'
import {
  findMissingPages,
  noteFinished,
  noteOpened,
  storePage,
  type DocumentRecord,
  type StoredImage
} from './store.ts'
import type { ReadOptions } from './types.ts'

export interface SliceRuntime {
  readonly db: Db
  readonly blobs: Blobs
  readonly pool: ReaderPool
  readonly slots: FairScheduler
}

export interface SliceOptions {
  readonly languages: readonly string[]
  readonly engine: NonNullable<ReadOptions['engine']>
  /** Asked before each page: whether the slice goes on after so many pages. */
  readonly goesOn: (pagesRead: number) => boolean | Promise<boolean>
  /** Hears of each page once it is stored. */
  readonly onPage?: (number: number, image: StoredImage | undefined) => Promise<void>
}

/** What opening a document told, kept between its slices. */
export interface OpenedDocument {
  readonly opened: Opened
  readonly survey: Survey
}

/** The document's file, and the folder where its pages' pictures are put. */
export interface WorkingFiles {
  readonly file: string
  readonly folder: string
}

/**
 * Reads what the slice allows of a document's missing pages; true when none is missing any more.
 */
export async function readSlice(
  runtime: SliceRuntime,
  record: DocumentRecord,
  known: OpenedDocument,
  at: WorkingFiles,
  options: SliceOptions
): Promise<boolean> {
  const missing = await findMissingPages(runtime.db, record.sha256, known.opened.pages)
  const total = missing.length
  let read = 0
  let ended = false
  const lane = async (): Promise<void> => {
    while (missing.length > 0 && !ended) {
      if (!(await options.goesOn(total - missing.length))) return
      const number = missing.shift()
      if (number === undefined) return
      const page = await readOne(runtime, record, known, { ...at, number }, options)
      const image = await keepPage(runtime, record, page)
      await options.onPage?.(number, image)
      read += 1
    }
  }
  const lanes = Array.from({ length: Math.min(runtime.pool.size, total) }, () =>
    lane().finally(() => {
      ended = true
    })
  )
  // All of them end before the folder they work in goes, also when one fails.
  for (const end of await Promise.allSettled(lanes)) if (end.status === 'rejected') throw end.reason
  return read === total
}

/** Opens a document and finds where its pictures lie; undefined when it ends here, withheld. */
export async function openDocument(
  { db, pool }: SliceRuntime,
  sha256: string,
  file: string
): Promise<OpenedDocument | undefined> {
  const opened = await orWithheld(pool.run({ kind: 'open', path: file }, limits.openSeconds))
  if (opened instanceof Withheld) {
    await noteFinished(db, sha256, { outcome: 'withheld', reason: sentence(opened) })
    return undefined
  }
  await noteOpened(db, sha256, {
    mediaType: opened.mediaType,
    kind: opened.document,
    pages: opened.pages
  })
  if (opened.refused) {
    await noteFinished(db, sha256, {
      outcome: 'withheld',
      reason: `The document ${opened.refused}.`
    })
    return undefined
  }
  // A survey that fails costs speed, not pages.
  const found = opened.pictures
    ? await orWithheld(pool.run({ kind: 'survey', path: file }, limits.openSeconds))
    : undefined
  return {
    opened,
    survey: found && !(found instanceof Withheld) ? found : { images: [], tooLarge: [] }
  }
}

async function readOne(
  { pool, slots }: SliceRuntime,
  { sha256, barcodes }: DocumentRecord,
  { opened, survey }: OpenedDocument,
  { number, file, folder }: WorkingFiles & { readonly number: number },
  { languages, engine }: SliceOptions
): Promise<ReadPage> {
  const imageAt = survey.images[number - 1]
  const tooLarge = survey.tooLarge.includes(number)
  const read = await slots.run(sha256, () =>
    orWithheld(
      pool.run(
        {
          kind: 'page',
          path: file,
          document: opened.document,
          number,
          languages,
          engine,
          barcodes,
          text: true,
          imagePath: path.join(folder, `page-${number}`),
          ...(imageAt ? { imageAt } : {}),
          ...(tooLarge ? { tooLarge } : {})
        },
        limits.pageSeconds
      )
    )
  )
  return read instanceof Withheld ? { page: unread(number, sentence(read, 'page')) } : read
}

/** The picture first: a page that is there has its picture. Answers the picture. */
async function keepPage(
  { db, blobs }: SliceRuntime,
  { sha256, barcodes }: DocumentRecord,
  { page, image: drawn }: ReadPage
): Promise<StoredImage | undefined> {
  const image = drawn && {
    sha256: await blobs.put(await readFile(drawn.path)),
    mediaType: drawn.mediaType
  }
  // A page that was searched says so, also where there was nothing to search (a text file, a page
  // that could not be read).
  await storePage(db, sha256, {
    ...page,
    ...(barcodes ? { barcodes: page.barcodes ?? [] } : {}),
    ...(image ? { image } : {})
  })
  return image
}
