/** One document's turn: some of its missing pages are read and stored as they are done, so that a kill costs the pages in hand. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Blobs } from '../blobs.ts'
import type { Db } from '../db/database.ts'
import type { FairSlots } from './fair-slots.ts'
import { limits } from './limits.ts'
import { Withheld, type ReaderPool } from './pool.ts'
import { orWithheld, sentence, unread } from './read.ts'
import type { Opened, ReadPage } from './reader/job.ts'
import type { ImageAt } from './reader/survey.ts'
import { findMissingPages, noteFinished, noteOpened, storePage, type DocumentRecord } from './store.ts'
import type { ReadOptions } from './types.ts'

export interface TurnGround {
  readonly db: Db
  readonly blobs: Blobs
  readonly pool: ReaderPool
  readonly slots: FairSlots
}

export interface TurnOptions {
  readonly languages: readonly string[]
  readonly engine: NonNullable<ReadOptions['engine']>
  /** Asked before each page: whether the turn goes on after so many pages. */
  readonly goesOn: (pagesRead: number) => boolean | Promise<boolean>
}

/** What opening a document told, kept between its turns. */
export interface Known {
  readonly opened: Opened
  readonly images: readonly (ImageAt | undefined)[]
}

/** Reads what the turn allows of a document's missing pages; true when none is missing any more. */
export async function readTurn(ground: TurnGround, record: DocumentRecord, known: Known, file: string, folder: string, options: TurnOptions): Promise<boolean> {
  const missing = await findMissingPages(ground.db, record.sha256, known.opened.pages)
  const total = missing.length
  let read = 0
  let ended = false
  const lane = async (): Promise<void> => {
    while (missing.length > 0 && !ended) {
      if (!await options.goesOn(total - missing.length)) return
      const number = missing.shift()
      if (number === undefined) return
      await keepPage(ground, record, await readOne(ground, record, known, { number, file, folder }, options))
      read += 1
    }
  }
  const lanes = Array.from({ length: Math.min(ground.pool.size, total) }, () => lane().finally(() => { ended = true }))
  // All of them end before the folder they work in goes, also when one fails.
  for (const end of await Promise.allSettled(lanes)) if (end.status === 'rejected') throw end.reason
  return read === total
}

/** Opens a document and finds where its pictures lie; undefined when it ends here, withheld. */
export async function openDocument({ db, pool }: TurnGround, sha256: string, file: string): Promise<Known | undefined> {
  const opened = await orWithheld(pool.run({ kind: 'open', path: file }, limits.openSeconds))
  if (opened instanceof Withheld) {
    await noteFinished(db, sha256, { outcome: 'withheld', reason: sentence(opened) })
    return undefined
  }
  await noteOpened(db, sha256, { mediaType: opened.mediaType, kind: opened.document, pages: opened.pages })
  if (opened.refused) {
    await noteFinished(db, sha256, { outcome: 'withheld', reason: `The document ${opened.refused}.` })
    return undefined
  }
  // A survey that fails costs speed, not pages.
  const found = opened.pictures ? await orWithheld(pool.run({ kind: 'survey', path: file }, limits.openSeconds)) : undefined
  return { opened, images: found && !(found instanceof Withheld) ? found.images : [] }
}

interface Where { readonly number: number; readonly file: string; readonly folder: string }

async function readOne({ pool, slots }: TurnGround, { sha256, barcodes }: DocumentRecord, { opened, images }: Known, { number, file, folder }: Where, { languages, engine }: TurnOptions): Promise<ReadPage> {
  const imageAt = images[number - 1]
  const read = await slots.run(sha256, () => orWithheld(pool.run({
    kind: 'page', path: file, document: opened.document, number, languages, engine, barcodes, text: true, imagePath: path.join(folder, `page-${number}`), ...(imageAt ? { imageAt } : {})
  }, limits.pageSeconds)))
  return read instanceof Withheld ? { page: unread(number, sentence(read, 'page')) } : read
}

/** The picture first: a page that is there has its picture. */
async function keepPage({ db, blobs }: TurnGround, { sha256, barcodes }: DocumentRecord, { page, image }: ReadPage): Promise<void> {
  const hash = image && await blobs.put(await readFile(image.path))
  // A page that was searched says so, also where there was nothing to search (a text file, a page that could not be read).
  await storePage(db, sha256, { ...page, ...(barcodes ? { barcodes: page.barcodes ?? [] } : {}), ...(image && hash ? { image: { sha256: hash, mediaType: image.mediaType } } : {}) })
}
