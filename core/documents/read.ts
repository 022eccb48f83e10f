import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { FairScheduler } from '../../platform/limits/fair-scheduler.ts'
import { limits } from './limits.ts'
import { mayHoldFiles, type DocumentKind } from './media-type.ts'
import { outcomeOf } from './outcome.ts'
import { ReaderPool, Withheld } from './pool.ts'
import type { AssemblePage, Opened, ReadPage } from './reader/job.ts'
import type { ImageAt, Survey } from './reader/image-place.ts'
import { takeFiles } from './take-files.ts'
import { filesInside, orWithheld, sentence } from './withheld.ts'
import type { Attachment, Information, Page, PageImage, ReadOptions, ReadResult } from './types.ts'

let shared: ReaderPool | undefined
let slots: FairScheduler | undefined

/** The process's pool, started with the first document. */
export function sharedPool(): ReaderPool {
  return (shared ??= new ReaderPool())
}

/** Slots of the shared pool that the mailroom's scans take in turn, page by page. */
export function sharedSlots(): FairScheduler {
  return (slots ??= new FairScheduler(sharedPool().size))
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
  /** How many documents it lies in. */
  readonly depth: number
}

/**
 * Reads a document: type by its bytes, text by its text layer or by OCR, page by page in killable
 * processes within `limits`. Never throws for what is in the document: the outcome says whether it
 * was read or withheld, and why. The original is not touched.
 * @throws what `onPage` throws, and the file system's errors for a path that cannot be read.
 */
export async function readDocument(
  document: Uint8Array | string,
  options: ReadOptions = {},
  pool: ReaderPool = sharedPool()
): Promise<ReadResult> {
  const started = performance.now()
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-read-'))
  try {
    const file =
      typeof document === 'string' ? path.resolve(document) : await spool(document, folder)
    const result = await readFrom({ pool, file, folder, options, depth: 0 })
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
  if (opened instanceof Withheld)
    return {
      mediaType: 'application/octet-stream',
      pages: [],
      outcome: 'withheld',
      reason: sentence(opened)
    }
  const { mediaType } = opened
  if (opened.refused)
    return { mediaType, pages: [], outcome: 'withheld', reason: `The document ${opened.refused}.` }
  const read = await readPages(reading, opened)
  const pages = read.map(({ page }) => page)
  const { outcome, reason } = outcomeOf(pages)
  if (pages.length > 0 && pages.every(({ withheld }) => withheld))
    return { mediaType, pages, outcome: 'withheld', reason: reason ?? '' }
  const inside =
    options.attachments && mayHoldFiles(opened.document)
      ? await readInside(reading, opened.document)
      : undefined
  const pdf = options.searchablePdf
    ? await searchablePdf(reading, opened.document, read)
    : undefined
  const information =
    options.information && opened.document === 'pdf' ? await informationOf(reading) : undefined
  const missing = [
    ...(reason ? [reason] : []),
    ...(inside?.missing ? [inside.missing] : []),
    ...(opened.files && !options.attachments ? [filesInside(opened.files)] : []),
    ...(typeof pdf === 'string' ? [`A searchable PDF could not be made: ${pdf}`] : [])
  ]
  return {
    mediaType,
    pages,
    outcome,
    ...(missing.length > 0 ? { reason: missing.join(' ') } : {}),
    ...(typeof pdf === 'object' ? { searchablePdf: pdf } : {}),
    ...(information ? { information } : {}),
    ...(inside && inside.attachments.length > 0 ? { attachments: inside.attachments } : {})
  }
}

/** What cannot be told is left out: it is no part of what was sent in. */
async function informationOf({ pool, file }: Reading): Promise<Information | undefined> {
  const found = await orWithheld(pool.run({ kind: 'information', path: file }, limits.openSeconds))
  return found instanceof Withheld ? undefined : found.information
}

/** The files inside, each read in its own right to `limits.embeddedDepth` levels. */
async function readInside(
  { pool, file, folder, options, depth }: Reading,
  document: DocumentKind
): Promise<{ attachments: Attachment[]; missing: string | undefined }> {
  const { files, missing } = await takeFiles(pool, file, document, folder)
  const attachments: Attachment[] = []
  for (const { file: taken, withheld, ...one } of files) {
    if (taken === undefined)
      attachments.push({
        ...one,
        outcome: 'withheld',
        ...(withheld ? { reason: withheld } : {}),
        pages: []
      })
    else
      attachments.push(
        await readAttachment(
          {
            pool,
            file: taken,
            folder: await mkdtemp(path.join(folder, 'inside-')),
            options: {
              languages: options.languages ?? ['eng'],
              engine: options.engine ?? 'wasm',
              attachments: true
            },
            depth: depth + 1
          },
          one
        )
      )
  }
  return { attachments, missing }
}

async function readAttachment(
  reading: Reading,
  one: Pick<Attachment, 'name' | 'mediaType' | 'bytes'>
): Promise<Attachment> {
  const content = await readFile(reading.file)
  const sha256 = createHash('sha256').update(content).digest('hex')
  if (reading.depth > limits.embeddedDepth)
    return {
      ...one,
      sha256,
      outcome: 'withheld',
      reason: 'The file lies too deep inside other files to be read by machine.',
      pages: []
    }
  const { mediaType, pages, outcome, reason, attachments } = await readFrom(reading)
  return {
    ...one,
    mediaType,
    sha256,
    outcome,
    ...(reason ? { reason } : {}),
    pages,
    ...(attachments ? { attachments } : {})
  }
}

/** All pages, as many at once as there are readers. */
async function readPages(reading: Reading, opened: Opened): Promise<ReadPage[]> {
  const { pool, options } = reading
  const { images, tooLarge } = opened.pictures ? await surveyed(reading) : nothingSurveyed
  const pages: ReadPage[] = []
  let last = 0
  const lane = async (): Promise<void> => {
    while (last < opened.pages) {
      const number = ++last
      const read = await readOne(reading, opened.document, number, {
        imageAt: images[number - 1],
        tooLarge: tooLarge.includes(number)
      })
      pages[number - 1] = read
      await options.onPage?.(
        read.page,
        opened.pages,
        options.images ? await pictureOf(read) : undefined
      )
    }
  }
  await Promise.all(Array.from({ length: Math.min(pool.size, opened.pages) }, lane))
  return pages
}

const nothingSurveyed: Survey = { images: [], tooLarge: [] }

/** Where each page's one image lies. A survey that fails costs speed, not pages. */
async function surveyed({ pool, file }: Reading): Promise<Survey> {
  const found = await orWithheld(pool.run({ kind: 'survey', path: file }, limits.openSeconds))
  return found instanceof Withheld ? nothingSurveyed : found
}

async function readOne(
  { pool, file, folder, options }: Reading,
  document: DocumentKind,
  number: number,
  { imageAt, tooLarge }: { readonly imageAt: ImageAt | undefined; readonly tooLarge: boolean }
): Promise<ReadPage> {
  const keep = options.images || options.searchablePdf
  const read = await orWithheld(
    pool.run(
      {
        kind: 'page',
        path: file,
        document,
        number,
        languages: options.languages ?? ['eng'],
        engine: options.engine ?? 'wasm',
        barcodes: options.barcodes ?? false,
        text: options.text ?? true,
        ...(keep ? { imagePath: path.join(folder, `page-${number}`) } : {}),
        ...(imageAt ? { imageAt } : {}),
        ...(tooLarge ? { tooLarge } : {})
      },
      limits.pageSeconds
    )
  )
  return read instanceof Withheld ? { page: unread(number, sentence(read, 'page')) } : read
}

/** A page that could not be read. */
export function unread(number: number, withheld: string): Page {
  return {
    number,
    text: '',
    confidence: 0,
    rotation: 0,
    skew: 0,
    blank: false,
    words: [],
    source: 'ocr',
    widthPx: 0,
    heightPx: 0,
    dpi: 0,
    withheld
  }
}

async function pictureOf({ image }: ReadPage): Promise<PageImage | undefined> {
  return image && { mediaType: image.mediaType, bytes: await readFile(image.path) }
}

/**
 * The PDF, or the reason why there is none: one with fewer pages than the original is not offered.
 */
async function searchablePdf(
  { pool, file, folder }: Reading,
  document: DocumentKind,
  read: readonly ReadPage[]
): Promise<Uint8Array | string> {
  if (document !== 'pdf' && document !== 'image') return 'the document has no pages to show.'
  if (document === 'pdf' && read.every(({ page }) => page.source === 'text-layer' && !page.added))
    return readFile(file)
  const pagesPath = path.join(folder, 'pages.json')
  const outPath = path.join(folder, 'searchable.pdf')
  await writeFile(
    pagesPath,
    JSON.stringify(
      read.map(({ page, image }): AssemblePage => ({ page, ...(image ? { image } : {}) }))
    ),
    { mode: 0o600 }
  )
  const made = await orWithheld(
    pool.run({ kind: 'assemble', path: file, pagesPath, outPath }, limits.assembleSeconds)
  )
  if (made instanceof Withheld) return sentence(made, 'working copy')
  return made.pages === read.length
    ? readFile(outPath)
    : `only ${made.pages} of ${read.length} pages can be shown.`
}
