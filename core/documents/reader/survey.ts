import { readFile } from 'node:fs/promises'
import {
  PDFArray,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFName,
  PDFNumber,
  PDFRawStream,
  PDFRef,
  PDFStream,
  decodePDFRawStream,
  type PDFObject,
  type PDFPage
} from '@cantoo/pdf-lib'
import { limits } from '../limits.ts'
import type { SurveyJob } from './job.ts'
import { quarterRotations, singleDraw } from './page-content.ts'
import type { ImageAt, Survey } from './image-place.ts'

/**
 * Looks through a PDF for pages that are one image. Entries are undefined where a page is anything
 * else.
 */
export async function survey({ path }: SurveyJob): Promise<Survey> {
  const bytes = await readFile(path)
  const pdf = await PDFDocument.load(bytes, {
    ignoreEncryption: true,
    updateMetadata: false,
    throwOnInvalidObject: false
  })
  // Encrypted streams are not what they seem; pdfjs decrypts them.
  if (pdf.isEncrypted) return { images: [], tooLarge: [] }
  let from = 0
  const images = pdf
    .getPages()
    .slice(0, limits.pages)
    .map((page) => {
      const found = attempt(() => imageOf(page))
      if (!found) return undefined
      const offset = locate(bytes, found.contents, from)
      if (offset < 0) return undefined
      from = offset
      return {
        offset,
        length: found.contents.length,
        form: found.form,
        dpi: found.dpi,
        rotation: found.rotation
      }
    })
  const tooLarge = pdf
    .getPages()
    .slice(0, limits.pages)
    .flatMap((page, index) =>
      images[index] || !attempt(() => hasTooLarge(page)) ? [] : [index + 1]
    )
  return { images, tooLarge }
}

function hasTooLarge(page: PDFPage): boolean {
  const objects = page.node.Resources()?.lookupMaybe(PDFName.of('XObject'), PDFDict)
  return (objects?.keys() ?? []).slice(0, limits.imagesPerPage).some((key) => {
    const image = objects!.lookup(key)
    return (
      image instanceof PDFRawStream &&
      nameOf(image.dict, 'Subtype') === 'Image' &&
      numberOf(image.dict, 'Width') * numberOf(image.dict, 'Height') > limits.pdfImagePixels
    )
  })
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

function locate(bytes: Buffer, contents: Uint8Array, from: number): number {
  // Pages of one scanner begin alike, so the first match of a head is seldom enough; pages mostly
  // lie in order.
  const head = contents.subarray(0, 512)
  for (const start of from > 0 ? [from, 0] : [0]) {
    for (let at = bytes.indexOf(head, start); at >= 0; at = bytes.indexOf(head, at + 1)) {
      if (bytes.compare(contents, 0, contents.length, at, at + contents.length) === 0) return at
    }
  }
  return -1
}

interface Found extends Omit<ImageAt, 'offset' | 'length'> {
  readonly contents: Uint8Array
}

/** Links and the windows of comments show nothing of their own. */
const unshown = new Set(['Link', 'Popup'])

/** Somebody put something on the page, which is drawn then with all that is on it. */
function isAnnotated(page: PDFPage): boolean {
  return (page.node.Annots()?.asArray() ?? []).slice(0, limits.annotationsPerPage).some((one) => {
    const annotation = page.node.context.lookup(one)
    return annotation instanceof PDFDict && !unshown.has(nameOf(annotation, 'Subtype') ?? '')
  })
}

function imageOf(page: PDFPage): Found | undefined {
  if (isAnnotated(page)) return undefined
  const drawn = singleDraw(contentOf(page))
  if (!drawn) return undefined
  const image = page.node
    .Resources()
    ?.lookupMaybe(PDFName.of('XObject'), PDFDict)
    ?.lookup(PDFName.of(drawn.name))
  if (!(image instanceof PDFRawStream) || hasAny(image.dict, ['SMask', 'Mask', 'Decode']))
    return undefined
  const quarters = quarterRotations(drawn.matrix)
  if (nameOf(image.dict, 'Subtype') !== 'Image' || quarters === undefined) return undefined
  const form = formOf(image.dict)
  const [a, b, c, d] = drawn.matrix
  const [wide, high] = [Math.hypot(a, b), Math.hypot(c, d)]
  const rotation = (quarters * 90 + ((page.getRotation().angle % 360) + 360)) % 360
  const dpi = [
    (numberOf(image.dict, 'Width') * 72) / wide,
    (numberOf(image.dict, 'Height') * 72) / high
  ] as const
  return form && covers(page, wide, high)
    ? { contents: image.contents, form, dpi, rotation }
    : undefined
}

/**
 * A picture on an otherwise empty page is drawn with its surroundings; a scan fills most of its
 * page.
 */
function covers(page: PDFPage, wide: number, high: number): boolean {
  const { width, height } = page.getMediaBox()
  const share = (wide * high) / (width * height)
  return share > 0.8 && share < 1.25
}

function contentOf(page: PDFPage): string {
  const contents = page.node.Contents()
  const parts =
    contents instanceof PDFArray
      ? contents.asArray().map((ref) => page.node.context.lookup(ref))
      : [contents]
  let text = ''
  for (const part of parts) {
    if (part instanceof PDFRawStream)
      text += ` ${Buffer.from(Uint8Array.from(boundedContent(part))).toString('latin1')}`
    else if (part instanceof PDFStream) text += ` ${part.getContentsString()}`
    if (text.length > limits.pageContentBytes) return 'long'
  }
  return text
}

function boundedContent(stream: PDFRawStream): ArrayLike<number> {
  // Deflate shrinks at most 1,032 to 1; a stream too long to be a scanner's is not unpacked at all.
  return stream.contents.length > limits.pageContentBytes
    ? Buffer.from('long')
    : decodePDFRawStream(stream).getBytes(limits.pageContentBytes + 1)
}

function formOf(dict: PDFDict): ImageAt['form'] | undefined {
  const filter = oneOf(dict.lookup(PDFName.of('Filter')))
  const width = numberOf(dict, 'Width')
  const height = numberOf(dict, 'Height')
  if (!(width > 0 && height > 0)) return undefined
  const parameters = oneOf(dict.lookup(PDFName.of('DecodeParms')))
  const options = parameters instanceof PDFDict ? parameters : undefined
  const kind = filter instanceof PDFName ? filter.decodeText() : ''
  if (kind === 'DCTDecode') return { kind: 'jpeg' }
  if (kind === 'CCITTFaxDecode') return faxForm(options, width, height)
  return kind === 'FlateDecode' ? flateForm(dict, options, width, height) : undefined
}

function faxForm(
  options: PDFDict | undefined,
  width: number,
  height: number
): ImageAt['form'] | undefined {
  const k = numberOf(options, 'K', 0)
  if (boolOf(options, 'EncodedByteAlign') || numberOf(options, 'Columns', 1_728) !== width)
    return undefined
  const photometric = boolOf(options, 'BlackIs1') ? 1 : 0
  return {
    kind: 'tiff',
    facts: {
      width,
      height,
      bits: 1,
      samples: 1,
      compression: k < 0 ? 4 : 3,
      photometric,
      t4Options: k > 0 ? 1 : 0
    }
  }
}

function flateForm(
  dict: PDFDict,
  options: PDFDict | undefined,
  width: number,
  height: number
): ImageAt['form'] | undefined {
  const samples = samplesOf(dict)
  const bits = numberOf(dict, 'BitsPerComponent', 1)
  const predictor = numberOf(options, 'Predictor', 1)
  if (!samples || (bits !== 1 && bits !== 8) || (bits === 1 && samples === 3)) return undefined
  if (predictor >= 10)
    return pngFits(options, width, samples, bits)
      ? { kind: 'png', width, height, bits, colour: samples === 3 ? 2 : 0 }
      : undefined
  return predictor === 1
    ? {
        kind: 'tiff',
        facts: { width, height, bits, samples, compression: 8, photometric: samples === 3 ? 2 : 1 }
      }
    : undefined
}

function pngFits(
  options: PDFDict | undefined,
  width: number,
  samples: number,
  bits: number
): boolean {
  return (
    numberOf(options, 'Columns', 1) === width &&
    numberOf(options, 'Colors', 1) === samples &&
    numberOf(options, 'BitsPerComponent', 8) === bits
  )
}

function samplesOf(dict: PDFDict): 1 | 3 | undefined {
  const space = dict.lookup(PDFName.of('ColorSpace'))
  if (space instanceof PDFName)
    return space.decodeText() === 'DeviceGray'
      ? 1
      : space.decodeText() === 'DeviceRGB'
        ? 3
        : undefined
  if (!(space instanceof PDFArray) || nameText(space.lookup(0)) !== 'ICCBased')
    return dict.get(PDFName.of('ImageMask')) ? 1 : undefined
  const profile = space.lookup(1)
  const n = profile instanceof PDFStream ? numberOf(profile.dict, 'N') : 0
  return n === 1 || n === 3 ? n : undefined
}

function oneOf(value: PDFObject | undefined): PDFObject | undefined {
  return value instanceof PDFArray ? (value.size() === 1 ? value.lookup(0) : undefined) : value
}

function hasAny(dict: PDFDict, keys: readonly string[]): boolean {
  return keys.some((key) => {
    const value = dict.get(PDFName.of(key))
    return value instanceof PDFRef || value instanceof PDFArray || value instanceof PDFStream
  })
}

function nameOf(dict: PDFDict, key: string): string | undefined {
  return nameText(dict.lookup(PDFName.of(key)))
}

function nameText(value: PDFObject | undefined): string | undefined {
  return value instanceof PDFName ? value.decodeText() : undefined
}

function numberOf(dict: PDFDict | undefined, key: string, otherwise = 0): number {
  const value = dict?.lookup(PDFName.of(key))
  return value instanceof PDFNumber ? value.asNumber() : otherwise
}

function boolOf(dict: PDFDict | undefined, key: string): boolean {
  const value = dict?.lookup(PDFName.of(key))
  return value instanceof PDFBool && value.asBoolean()
}
