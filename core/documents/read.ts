import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { limits } from './limits.ts'
import type { DocumentKind } from './media-type.ts'
import { ReaderPool, Withheld } from './pool.ts'
import type { AssemblePage, Opened, ReadPage } from './reader/job.ts'
import type { ImageAt } from './reader/survey.ts'
import type { Page, PageImage, ReadOptions, ReadResult } from './types.ts'

let shared: ReaderPool | undefined

/** The process's pool, started with the first document. */
export function sharedPool(): ReaderPool {
  return shared ??= new ReaderPool()
}

/** Ends the process's readers; they also end by themselves when idle, and with this process. */
export async function closeReaders(): Promise<void> {
  await shared?.close()
  shared = undefined
}

interface Reading {
  readonly pool: ReaderPool
  readonly file: string
  readonly folder: string
  readonly options: ReadOptions
}

/**
 * Reads a document: type by its bytes, text by its text layer or by OCR, page by page in killable processes within `limits`.
 * Never throws for what is in the document: the outcome says whether it was read or withheld, and why. The original is not touched.
 * @throws what `onPage` throws, and the file system's errors for a path that cannot be read.
 */
export async function readDocument(document: Uint8Array | string, options: ReadOptions = {}, pool: ReaderPool = sharedPool()): Promise<ReadResult> {
  const started = performance.now()
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-read-'))
  try {
    const file = typeof document === 'string' ? path.resolve(document) : await spool(document, folder)
    const result = await readFrom({ pool, file, folder, options })
    return { ...result, seconds: Math.round(performance.now() - started) / 1000 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function spool(bytes: Uint8Array, folder: string): Promise<string> {
  const file = path.join(folder, 'document')
  await writeFile(file, bytes, { mode: 0o600 })
  return file
}

async function readFrom(reading: Reading): Promise<Omit<ReadResult, 'seconds'>> {
  const { pool, file, options } = reading
  const opened = await orWithheld(pool.run({ kind: 'open', path: file }, limits.openSeconds))
  if (opened instanceof Withheld) return { mediaType: 'application/octet-stream', pages: [], outcome: 'withheld', reason: sentence(opened) }
  const { mediaType, pages: total } = opened
  if (opened.refused) return { mediaType, pages: [], outcome: 'withheld', reason: `The document ${opened.refused}.` }
  await options.onOpen?.(total)
  const read = await readPages(reading, opened)
  const pages = read.map(({ page }) => page)
  const lost = pages.filter((page) => page.withheld)
  if (lost.length === total) return { mediaType, pages, outcome: 'withheld', reason: lost[0]?.withheld ?? '' }
  const pdf = options.searchablePdf ? await searchablePdf(reading, opened.document, read) : undefined
  const missing = [
    ...(lost.length > 0 ? [`${lost.length} of ${total} pages could not be read: ${lost[0]?.withheld}`] : []),
    ...(typeof pdf === 'string' ? [`A searchable PDF could not be made: ${pdf}`] : [])
  ]
  return { mediaType, pages, outcome: 'read', ...(missing.length > 0 ? { reason: missing.join(' ') } : {}), ...(typeof pdf === 'object' ? { searchablePdf: pdf } : {}) }
}

/** All pages, as many at once as there are readers. */
async function readPages(reading: Reading, opened: Opened): Promise<ReadPage[]> {
  const { pool, options } = reading
  const images = opened.pictures ? await surveyed(reading) : []
  const pages: ReadPage[] = []
  const numbers = Array.from({ length: opened.pages }, (_, index) => index + 1).filter((number) => !options.skip?.(number))
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < numbers.length) {
      const index = next++
      const number = numbers[index]!
      const read = await readOne(reading, opened.document, number, images[number - 1])
      pages[index] = read
      await options.onPage?.(read.page, opened.pages, options.images ? await pictureOf(read) : undefined)
    }
  }
  await Promise.all(Array.from({ length: Math.min(pool.size, opened.pages) }, lane))
  return pages
}

/** Where each page's one image lies. A survey that fails costs speed, not pages. */
async function surveyed({ pool, file }: Reading): Promise<readonly (ImageAt | undefined)[]> {
  const found = await orWithheld(pool.run({ kind: 'survey', path: file }, limits.openSeconds))
  return found instanceof Withheld ? [] : found.images
}

async function readOne({ pool, file, folder, options }: Reading, document: DocumentKind, number: number, imageAt: ImageAt | undefined): Promise<ReadPage> {
  const keep = options.images || options.searchablePdf
  const read = await orWithheld(pool.run({
    kind: 'page', path: file, document, number, languages: options.languages ?? ['eng'], engine: options.engine ?? 'wasm', barcodes: options.barcodes ?? false, text: options.text ?? true,
    ...(keep ? { imagePath: path.join(folder, `page-${number}`) } : {}), ...(imageAt ? { imageAt } : {})
  }, limits.pageSeconds))
  return read instanceof Withheld ? { page: unread(number, sentence(read, 'page')) } : read
}

/** A page that could not be read. */
export function unread(number: number, withheld: string): Page {
  return { number, text: '', confidence: 0, rotation: 0, skew: 0, blank: false, words: [], source: 'ocr', widthPx: 0, heightPx: 0, dpi: 0, withheld }
}

async function pictureOf({ image }: ReadPage): Promise<PageImage | undefined> {
  return image && { mediaType: image.mediaType, bytes: await readFile(image.path) }
}

/** The PDF, or the reason why there is none: one with fewer pages than the original is not offered. */
async function searchablePdf({ pool, file, folder }: Reading, document: DocumentKind, read: readonly ReadPage[]): Promise<Uint8Array | string> {
  if (document !== 'pdf' && document !== 'image') return 'the document has no pages to show.'
  if (document === 'pdf' && read.every(({ page }) => page.source === 'text-layer')) return readFile(file)
  const pagesPath = path.join(folder, 'pages.json')
  const outPath = path.join(folder, 'searchable.pdf')
  await writeFile(pagesPath, JSON.stringify(read.map(({ page, image }): AssemblePage => ({ page, ...(image ? { image } : {}) }))), { mode: 0o600 })
  const made = await orWithheld(pool.run({ kind: 'assemble', path: file, pagesPath, outPath }, limits.assembleSeconds))
  if (made instanceof Withheld) return sentence(made, 'working copy')
  return made.pages === read.length ? readFile(outPath) : `only ${made.pages} of ${read.length} pages can be shown.`
}

/** The answer of a job, or why the reader withheld it. @throws anything else */
export async function orWithheld<T>(work: Promise<T>): Promise<T | Withheld> {
  return work.catch((error: unknown) => {
    if (error instanceof Withheld) return error
    throw error
  })
}

/** As staff read it. */
export function sentence(withheld: Withheld, what: 'document' | 'page' | 'working copy' = 'document'): string {
  return `The ${what} ${withheld.message}.`
}
