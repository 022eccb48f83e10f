import { open, readFile } from 'node:fs/promises'
import { decode as decodeTiff } from 'tiff'
import { limits } from '../limits.ts'
import { wrapPng } from './bilevel-png.ts'
import { bmpSource, isBmp } from './bmp.ts'
import type { PageJob } from './job.ts'
import type { Source } from './raster.ts'
import { Refused } from './refused.ts'
import type { ImageAt } from './image-place.ts'
import { wrapTiff } from './tiff-wrap.ts'

/** The pixels of one page of an image file. */
export async function imageSource({ path, number }: PageJob): Promise<Source> {
  const input = await readFile(path)
  if (isBmp(input)) return bmpSource(input)
  const tiff = /^(II\*\0|MM\0\*)/.test(input.toString('latin1', 0, 4))
  const dpi = tiff ? tiffDpi(input, number - 1) : undefined
  const mediaType = input[0] === 0xff && input[1] === 0xd8 ? ('image/jpeg' as const) : undefined
  return { input, page: number - 1, ...(dpi ? { dpi } : {}), ...(mediaType ? { mediaType } : {}) }
}

/** Resolution along x and y of a TIFF page; a fax's differ (204×98), which sharp does not tell. */
function tiffDpi(input: Buffer, page: number): [number, number] | undefined {
  try {
    const fields = decodeTiff(input, { ignoreImageData: true, pages: [page] })[0]
    if (!fields?.xResolution || !fields.yResolution) return undefined
    // ResolutionUnit 3 is the centimetre (TIFF 6.0, tag 296).
    const unit = fields.resolutionUnit === 3 ? 2.54 : 1
    return [fields.xResolution * unit, fields.yResolution * unit]
  } catch {
    return undefined
  }
}

/**
 * The image stream of a PDF page, taken out of the file as it is and given a header where it has
 * none.
 */
export async function imageFromPdf(
  path: string,
  { offset, length, form, dpi, rotation }: ImageAt
): Promise<Source> {
  if (length > limits.streamBytes) throw new Refused('has an image larger than is read by machine')
  const stream = Buffer.alloc(length)
  const file = await open(path)
  try {
    await file.read(stream, 0, length, offset)
  } finally {
    await file.close()
  }
  const common = { dpi, rotation }
  if (form.kind === 'jpeg') return { input: stream, mediaType: 'image/jpeg', ...common }
  if (form.kind === 'tiff') return { input: wrapTiff(form.facts, stream), ...common }
  return { input: wrapPng(form, stream, dpi[0]), ...common }
}
