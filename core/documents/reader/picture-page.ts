import { writeFile } from 'node:fs/promises'
import type { Barcode, Page } from '../types.ts'
import { toBilevelPng } from './bilevel-png.ts'
import type { PageJob, ReadPage, StoredImage } from './job.ts'
import { readRaster, type Upright } from './ocr.ts'
import {
  colourImage,
  fromRaster,
  loadWorking,
  type Raster,
  type Source,
  type Working
} from './raster.ts'
import { judgeLeftover } from './leftover.ts'
import { SURE_PAGE, sureText } from './sure-words.ts'
import { nothing } from './tsv.ts'

/** Reads the pixels of a page. */
export async function readSource(source: Source, job: PageJob): Promise<ReadPage> {
  const working = await loadWorking(source)
  const upright = job.text ? await readRaster(working, job) : asScanned(working)
  const { raster, rotation, skew, blank, found } = upright
  const barcodes = await barcodesOn(raster, job)
  const judged = job.text && !blank ? await judgeLeftover(raster, found) : undefined
  const unread = judged?.unread
  const page: Page = {
    number: job.number,
    text: found.confidence < SURE_PAGE ? '' : sureText(found),
    confidence: judged?.confidence ?? found.confidence,
    rotation: (rotation + (source.rotation ?? 0)) % 360,
    skew,
    blank,
    words: found.words,
    source: 'ocr',
    widthPx: raster.width,
    heightPx: raster.height,
    dpi: raster.dpi,
    ...(barcodes ? { barcodes } : {}),
    ...(unread ? { unread } : {})
  }
  return { page, ...(await storeUpright(job, source, working, upright)) }
}

function asScanned(raster: Working): Upright {
  return { raster, rotation: 0, skew: 0, blank: false, found: nothing }
}

/**
 * The page's picture in its cheapest true form: the scanner's own JPEG, one bit a pixel, or a new
 * JPEG.
 */
export function storeUpright(
  job: PageJob,
  source: Source,
  working: Working,
  { raster, rotation, skew }: Upright
): Promise<{ image?: StoredImage }> {
  if (working.asIs && source.mediaType === 'image/jpeg' && rotation === 0 && skew === 0)
    return store(job, 'jpg', () => Promise.resolve(source.input as Buffer))
  if (working.bilevel) return store(job, 'png', () => Promise.resolve(toBilevelPng(raster)))
  return store(job, 'jpg', () =>
    working.colour && skew === 0
      ? colourImage(source, rotation)
      : fromRaster(raster).jpeg({ quality: 75 }).toBuffer()
  )
}

/** The page's barcodes where they are asked for. */
export async function barcodesOn(raster: Raster, job: PageJob): Promise<Barcode[] | undefined> {
  return job.barcodes ? (await import('./barcodes.ts')).findBarcodesIn(raster) : undefined
}

/** Writes the page's picture where the job wants it. */
export async function store(
  job: PageJob,
  extension: 'jpg' | 'png',
  make: () => Promise<Buffer>
): Promise<{ image?: StoredImage }> {
  if (!job.imagePath) return {}
  const path = `${job.imagePath}.${extension}`
  await writeFile(path, await make(), { mode: 0o600 })
  return { image: { path, mediaType: extension === 'jpg' ? 'image/jpeg' : 'image/png' } }
}
