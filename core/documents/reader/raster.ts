import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { limits } from '../limits.ts'
import { Refused } from './refused.ts'

// One reader is one core, and reads each image once.
sharp.concurrency(1)
sharp.cache(false)

/** Where a page's pixels come from, before anything was done to them. */
export interface Source {
  readonly input:
    | Buffer
    | {
        readonly data: Buffer
        readonly width: number
        readonly height: number
        readonly channels: 1 | 3 | 4
      }
  /** Page of a multi-page image, from 0. */
  readonly page?: number
  /** Pixels per inch along x and y, where known. */
  readonly dpi?: readonly [number, number]
  /** Degrees clockwise the container says the image has to be turned (PDF /Rotate and matrix). */
  readonly rotation?: number
  /** The pixels are only black and white, where their form does not say so. */
  readonly bilevel?: boolean
  /** Set where the bytes are themselves a picture a browser shows. */
  readonly mediaType?: 'image/jpeg' | 'image/png'
}

/** A grey picture, 0 black to 255 white, with square pixels. */
export interface Raster {
  readonly data: Buffer
  readonly width: number
  readonly height: number
  readonly dpi: number
}

export interface Working extends Raster {
  /** Only black and white, as from a fax or a line-art scan. */
  readonly bilevel: boolean
  /** More than grey. */
  readonly colour: boolean
  /** Lines per inch were fewer than dots per inch, as in a fax of standard resolution. */
  readonly stretched: boolean
  /** The source's own pixels are the working pixels, so its bytes can be shown as they are. */
  readonly asIs: boolean
}

/**
 * A sharp pipeline on the source, decoding row by row. What is damaged at the end of an image is
 * left grey, not refused.
 */
export function pipeline(source: Source): Sharp {
  const options: SharpOptions = {
    limitInputPixels: limits.sourcePixels,
    sequentialRead: true,
    failOn: 'none',
    page: source.page ?? 0
  }
  if (Buffer.isBuffer(source.input)) return sharp(source.input, options)
  const { data, width, height, channels } = source.input
  return sharp(data, { ...options, raw: { width, height, channels } })
}

interface Shape {
  readonly width: number
  readonly height: number
  readonly dpi: number
  readonly stretched: boolean
  readonly orientation: number
  readonly bilevel: boolean
  readonly colour: boolean
}

/**
 * The working size: square pixels, at most `workingDpi` and `workingPixels`. @throws Refused over
 * the source's bound.
 */
async function shapeOf(source: Source): Promise<Shape> {
  const found = await pipeline(source).metadata()
  if (found.width * found.height > limits.sourcePixels)
    throw new Refused('has more pixels than are read by machine')
  const [xDpi, yDpi] = saneDpi(source.dpi ?? [found.density ?? 0, found.density ?? 0], found.width)
  const square = Math.max(xDpi, yDpi)
  const wide = (found.width * square) / xDpi
  const high = (found.height * square) / yDpi
  const scale = Math.min(
    1,
    limits.workingDpi / square,
    Math.sqrt(limits.workingPixels / (wide * high))
  )
  return {
    width: Math.max(1, Math.round(wide * scale)),
    height: Math.max(1, Math.round(high * scale)),
    dpi: square * scale,
    stretched: yDpi < xDpi * 0.75,
    orientation: found.orientation ?? 1,
    bilevel: source.bilevel ?? found.bitsPerSample === 1,
    colour: found.channels >= 3
  }
}

/**
 * Missing or absurd resolutions are replaced by that of a page 8.5 inches wide; unequal ones beyond
 * 1:4 are not believed.
 */
function saneDpi([x, y]: readonly [number, number], width: number): [number, number] {
  // 72 is what libraries write where nothing is known.
  if (!sane(x) || !sane(y) || Math.max(x / y, y / x) > 4 || (x === y && Math.abs(x - 72) < 1)) {
    const guess = Math.max(60, width / 8.5)
    return [guess, guess]
  }
  return [x, y]
}

function sane(dpi: number): boolean {
  return dpi >= 60 && dpi <= 2_400
}

function normalised(source: Source, shape: Shape): Sharp {
  const turned = shape.orientation >= 5
  const size = turned
    ? { width: shape.height, height: shape.width }
    : { width: shape.width, height: shape.height }
  const cubic = shape.stretched ? 'cubic' : 'lanczos3'
  const upright = pipeline(source).autoOrient().flatten({ background: '#fff' })
  return upright.resize({ ...size, fit: 'fill', kernel: cubic })
}

/**
 * The grey working picture of a source. @throws Refused over a bound; decoder errors as they are.
 */
export async function loadWorking(source: Source): Promise<Working> {
  const shape = await shapeOf(source)
  let image = normalised(source, shape).greyscale()
  // sharp turns by `rotate` after resizing when both are in one pipeline only for multiples of 90.
  if (source.rotation)
    image = sharp(await image.png({ compressionLevel: 0 }).toBuffer(), {
      limitInputPixels: limits.sourcePixels
    })
      .rotate(source.rotation)
      .greyscale()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const grey = info.channels === 1 ? data : firstChannel(data, info.channels)
  const asIs =
    !source.rotation &&
    shape.orientation === 1 &&
    !shape.stretched &&
    (await sameSize(source, info))
  return {
    data: grey,
    width: info.width,
    height: info.height,
    dpi: shape.dpi,
    bilevel: shape.bilevel,
    colour: shape.colour,
    stretched: shape.stretched,
    asIs
  }
}

async function sameSize(source: Source, info: { width: number; height: number }): Promise<boolean> {
  const found = await pipeline(source).metadata()
  return found.width === info.width && found.height === info.height
}

function firstChannel(data: Buffer, channels: number): Buffer {
  const grey = Buffer.allocUnsafe(data.length / channels)
  for (let i = 0; i < grey.length; i++) grey[i] = data[i * channels]!
  return grey
}

/** Brings a picture to another size; `blur` is a Gaussian sigma in pixels, 0 for none. */
export async function resample(
  raster: Raster,
  width: number,
  height: number,
  blur: number
): Promise<Raster> {
  if (width === raster.width && height === raster.height && blur === 0) return raster
  let image = fromRaster(raster).resize({ width, height, fit: 'fill' })
  if (blur > 0) image = image.blur(blur)
  const data = await image.greyscale().raw().toBuffer()
  return { data, width, height, dpi: (raster.dpi * width) / raster.width }
}

/** The picture with at most `dpi`. */
export function atDpi(raster: Raster, dpi: number): Promise<Raster> {
  const scale = Math.min(1, dpi / raster.dpi)
  return resample(
    raster,
    Math.max(1, Math.round(raster.width * scale)),
    Math.max(1, Math.round(raster.height * scale)),
    0
  )
}

/**
 * RoundRobin a picture clockwise, growing it where the angle is not a right one; what comes in is
 * white.
 */
export async function rotate(raster: Raster, degrees: number): Promise<Raster> {
  if (degrees % 360 === 0) return raster
  const { data, info } = await fromRaster(raster)
    .rotate(degrees, { background: '#fff' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, dpi: raster.dpi }
}

/** Cuts a rectangle out. */
export async function cut(
  raster: Raster,
  left: number,
  top: number,
  width: number,
  height: number
): Promise<Raster> {
  const data = await fromRaster(raster)
    .extract({ left, top, width, height })
    .greyscale()
    .raw()
    .toBuffer()
  return { data, width, height, dpi: raster.dpi }
}

/** The picture with so many white pixels around it. */
export async function padded(raster: Raster, by: number): Promise<Raster> {
  const data = await fromRaster(raster)
    .extend({ top: by, bottom: by, left: by, right: by, background: '#fff' })
    .greyscale()
    .raw()
    .toBuffer()
  return { data, width: raster.width + 2 * by, height: raster.height + 2 * by, dpi: raster.dpi }
}

/** The picture as binary PGM: what tesseract and zxing read without decoding work. */
export function toPgm(raster: Raster, comment = ''): Buffer {
  return Buffer.concat([
    Buffer.from(`P5\n${comment}${raster.width} ${raster.height}\n255\n`, 'latin1'),
    raster.data
  ])
}

export function fromRaster(raster: Raster): Sharp {
  return sharp(raster.data, {
    raw: { width: raster.width, height: raster.height, channels: 1 },
    limitInputPixels: limits.sourcePixels
  })
}

/** The source in colour with the same geometry as the upright, straight page; for the desk. */
export async function colourImage(source: Source, degrees: number): Promise<Buffer> {
  const image = normalised(source, await shapeOf(source))
  const angle = ((source.rotation ?? 0) + degrees) % 360
  if (!angle) return image.jpeg({ quality: 75 }).toBuffer()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  return sharp(data, { raw: info })
    .rotate(angle, { background: '#fff' })
    .jpeg({ quality: 75 })
    .toBuffer()
}
