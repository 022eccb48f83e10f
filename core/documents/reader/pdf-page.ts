import type { Page } from '../types.ts'
import type { PageJob, ReadPage } from './job.ts'
import { lookAt, type PageLook } from './pdf-look.ts'
import { readMixed, readPictured, readWithSmall } from './pdf-mixed.ts'
import { barcodesOn, readSource, store } from './picture-page.ts'
import { openPdf, withPage } from './pdf.ts'
import { decodedImage, renderPage, renderScale } from './pdf-render.ts'
import { extras } from './page-extras.ts'
import { withValues } from './place-values.ts'
import { colourImage, loadWorking, type Source } from './raster.ts'
import { isOnlyNotice } from './notice.ts'
import { readFormData } from './xfa.ts'

/** Resolution of a page drawn only to be looked at. */
const lookDpi = 110
/**
 * Pictures that take less of a page are read one by one and do not make a scan of it: a logo in a
 * letterhead takes 2 to 4 %.
 */
const LARGE_PICTURE = 0.05

/**
 * Reads a PDF page by its text layer where that says all that is on it, else also by what the page
 * looks like.
 */
export function readPdfPage(job: PageJob): Promise<ReadPage> {
  return withPage(job.path, job.number, async (page) => {
    const pdf = await openPdf(job.path)
    const found = await lookAt(pdf, page)
    const look = job.tooLarge
      ? {
          ...found,
          unread: found.unread ?? 'It has a picture with more pixels than are read by machine.'
        }
      : found
    const form =
      job.number === 1 ? await readFormData(job.path, pdf.numPages, look.layer.text) : undefined
    const read = form?.instead ? await formPage(look, job, form.text) : await readLook(look, job)
    return form?.text && !form.instead
      ? {
          ...read,
          page: {
            ...read.page,
            text: `${read.page.text}\n\n${form.text}`.trim(),
            confidence: read.page.text ? read.page.confidence : 1,
            added: true as const
          }
        }
      : read
  })
}

async function readLook(look: PageLook, job: PageJob): Promise<ReadPage> {
  if (!look.legible) return readUnlettered(look, job)
  if (!job.text) return layerPage(look, job)
  const mixes = look.pictures >= LARGE_PICTURE || look.doubtful || look.hidden
  if (!mixes && look.small.length === 0 && !look.covered) return layerPage(look, job)
  // What cannot be drawn still has its words.
  const mixed = await (mixes ? readMixed : readWithSmall)(look, job).catch((error: unknown) =>
    error instanceof Error ? error : new Error('unknown')
  )
  if (mixed instanceof Error)
    return layerPage(
      { ...look, unread: look.unread ?? 'What it shows beside its text could not be looked at.' },
      job
    )
  return mixed ?? layerPage(look, job)
}

/** A page without a text layer, or with one of no letters. */
async function readUnlettered(look: PageLook, job: PageJob): Promise<ReadPage> {
  const bare = look.fields.length === 0 && look.notes.length === 0
  const source =
    (bare ? await decodedImage(look.page) : undefined) ?? (await renderPage(look.page, look.scale))
  return bare && look.layer.words.length === 0
    ? withUnread(await readSource(source, job), look.unread)
    : readPictured(look, source, job)
}

function withUnread(read: ReadPage, unread: string | undefined): ReadPage {
  return unread
    ? { ...read, page: { ...read.page, blank: false, unread: read.page.unread ?? unread } }
    : read
}

/** A page that stands for a form which only its maker's program shows. */
function formPage(look: PageLook, job: PageJob, text: string): Promise<ReadPage> {
  const empty = { ...look, layer: { words: [], text: '' }, fields: [], notes: [] }
  return layerPage(
    {
      ...empty,
      unread: text
        ? undefined
        : 'It is a form that cannot be shown here, only in the program it was made for.'
    },
    job,
    text
  )
}

/** The page as its text layer, form and comments have it. */
async function layerPage(look: PageLook, job: PageJob, instead?: string): Promise<ReadPage> {
  const { fields, notes, unread } = look
  const { words, text } = withValues(look.layer, fields, notes)
  const picture = await pictureFor(look, job)
  const notice = instead === undefined && isOnlyNotice(text)
  // The cover of a portfolio says nothing: its files are documents of their own.
  const covers = notice && look.hasFiles
  const shown = notice ? '' : (instead ?? text)
  const page: Page = {
    number: job.number,
    text: shown,
    confidence: shown ? 1 : 0,
    rotation: 0,
    skew: 0,
    blank: false,
    words,
    source: 'text-layer',
    widthPx: picture.width,
    heightPx: picture.height,
    dpi: picture.dpi,
    ...extras(fields, notes, {
      unread:
        unread ??
        (notice && !covers
          ? 'It shows only that another program is needed to show it.'
          : undefined),
      added: instead !== undefined || words.some(({ from }) => from)
    })
  }
  if (!picture.source) return { page }
  const barcodes = await barcodesOn(await loadWorking(picture.source), job)
  return {
    page: { ...page, ...(barcodes ? { barcodes } : {}) },
    ...(await store(job, 'jpg', () => colourImage(picture.source!, 0)))
  }
}

type Picture = {
  readonly source?: Source
  readonly width: number
  readonly height: number
  readonly dpi: number
}

async function pictureFor({ page, scale }: PageLook, job: PageJob): Promise<Picture> {
  const { width, height } = page.getViewport({ scale })
  const size = { width: Math.ceil(width), height: Math.ceil(height), dpi: scale * 72 }
  if (!job.imagePath && !job.barcodes) return size
  const source = await renderPage(page, job.barcodes ? scale : renderScale(page, lookDpi)).catch(
    () => undefined
  )
  return source ? { ...size, source } : size
}
