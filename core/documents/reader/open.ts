import { open as openFile, readFile, stat } from 'node:fs/promises'
import sharp from 'sharp'
import { limits } from '../limits.ts'
import { sniff, type DocumentKind } from '../media-type.ts'
import { bmpFacts, isBmp } from './bmp.ts'
import type { OpenJob, Opened } from './job.ts'
import { officeTypes, otherKind } from './other-kind.ts'
import { Refused } from './refused.ts'

/**
 * What a file is and how many pages it has, or why it is not read: empty, too large, locked,
 * damaged.
 */
export async function open({ path }: OpenJob): Promise<Opened> {
  const { size } = await stat(path)
  const start = await head(path)
  const { mediaType, kind } = await sniff(start)
  try {
    if (size === 0) throw new Refused('is empty')
    // Its codec is patented: the free decoders are under the LGPL, and sharp comes without one.
    if (/^image\/hei[cf]/.test(mediaType))
      throw new Refused(
        'is a HEIC photograph, which is not read by machine: look at the original, or ask for it as JPEG or PDF'
      )
    if (size > limits.documentBytes)
      throw new Refused(`is larger than ${limits.documentBytes / 1024 ** 2} MiB`)
    const office =
      kind === 'other' && isZip(start)
        ? await (await import('./office/read-office.ts')).officeFacts(path)
        : undefined
    if (office)
      return {
        mediaType: /office|opendocument|ms-/.test(mediaType) ? mediaType : officeTypes[office.kind],
        document: office.kind,
        pages: 1,
        files: office.files
      }
    if (mediaType === 'application/zip')
      return {
        mediaType,
        document: 'archive',
        pages: 1,
        files: await (await import('./archive.ts')).countArchived(path)
      }
    if (kind === 'other') throw new Refused(await otherKind(path, mediaType))
    return {
      mediaType,
      document: kind,
      pages: await countPages(path, kind),
      ...(kind === 'pdf'
        ? { pictures: await hasPictures(path), files: await countFiles(path) }
        : {})
    }
  } catch (error) {
    return {
      mediaType,
      document: kind,
      pages: 0,
      refused: error instanceof Refused ? error.message : 'cannot be decoded'
    }
  }
}

function isZip(start: Buffer): boolean {
  return start.toString('latin1', 0, 4) === 'PK\x03\x04'
}

async function countPages(path: string, kind: DocumentKind): Promise<number> {
  const pages =
    kind === 'pdf' ? await pdfPages(path) : kind === 'image' ? await imagePages(path) : 1
  if (pages > limits.pages) throw new Refused(`has more than ${limits.pages} pages`)
  if (pages === 0) throw new Refused('has no pages')
  return pages
}

/**
 * Enough for every signature; office files are told apart by names of parts that may stand further
 * in.
 */
async function head(path: string): Promise<Buffer> {
  const file = await openFile(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024 ** 2), 0, 1024 ** 2, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/**
 * Image dictionaries stand in the clear, since streams are never packed into object streams (ISO
 * 32000-1, 7.5.7).
 */
async function hasPictures(path: string): Promise<boolean> {
  return (await readFile(path)).includes('/Image')
}

async function countFiles(path: string): Promise<number> {
  const { openPdf } = await import('./pdf.ts')
  return (await (await openPdf(path)).getAttachments().catch(() => null))?.size ?? 0
}

async function pdfPages(path: string): Promise<number> {
  const { openPdf } = await import('./pdf.ts')
  return (await openPdf(path)).numPages
}

async function imagePages(path: string): Promise<number> {
  const bytes = await readFile(path)
  if (isBmp(bytes)) return bmpPages(bytes)
  const found = await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata()
  if (found.width * (found.pageHeight ?? found.height) > limits.sourcePixels)
    throw new Refused('has more pixels than are read by machine')
  // Frames of an animation are not pages; only TIFF and HEIF hold pages.
  return found.format === 'tiff' || found.format === 'heif' ? Math.max(1, found.pages ?? 1) : 1
}

function bmpPages(bytes: Buffer): number {
  const { width, height } = bmpFacts(bytes)
  if (width * height > limits.pdfImagePixels)
    throw new Refused('has more pixels than are read by machine')
  return width * height > 0 ? 1 : 0
}
