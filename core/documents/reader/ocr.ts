import { isBlank } from './blank.ts'
import { hasFast } from './language-data.ts'
import { carefulPlan, quickPlan, type Plan } from './plan.ts'
import { atDpi, cut, resample, rotate, type Raster, type Working } from './raster.ts'
import { recogniseWords, type Engine } from './recognise-words.ts'
import { findLean, worthStraightening, type Lean } from './skew.ts'
import { nothing, scaleWords, type Recognised } from './tsv.ts'

export interface Upright {
  readonly raster: Raster
  readonly rotation: number
  readonly skew: number
  readonly blank: boolean
  readonly found: Recognised
}

const asItIs: Plan = { network: 'fast', x: 1, y: 1, blur: 0 }
/** Lines this much sharper down the page than across it mean a page lying on its side. */
const sideways = 0.7
/** Upright print reads above 0.85, faint fax above 0.65; upside-down print 0.3 to 0.55. */
const doubtful = 0.65
/** Below this the page is worth the careful plan. */
const unsure = 0.8
const hopeless = 0.4

/**
 * Puts a page upright and straight and reads it: the common case is one pass, only doubtful pages
 * pay for more.
 */
export async function readRaster(page: Working, engine: Engine): Promise<Upright> {
  const small = await atDpi(page, 100)
  if (await isBlank(small))
    return { raster: page, rotation: 0, skew: 0, blank: true, found: nothing }
  const lean = await findLean(small)
  const lying = lean.rowsOverColumns < sideways
  const guess = lying ? await bestRotation(await busiestPart(page), [90, 270], engine) : 0
  const first = await readRotated(page, guess, lean, engine)
  if (first.found.confidence >= doubtful) return carefully(page, first, engine)
  const rotation = await bestRotation(await busiestPart(page), [0, 180, 90, 270], engine)
  if (rotation === guess) return carefully(page, first, engine)
  const second = await readRotated(page, rotation, lean, engine)
  return carefully(page, weight(second.found) > weight(first.found) ? second : first, engine)
}

/** Reads a small picture that stands as its page does. */
export async function readLevel(page: Working, engine: Engine): Promise<Recognised> {
  const found = await readBy(
    quickPlan(page, { fastInstalled: hasFast(engine.languages) }),
    page,
    engine
  )
  const upright = { raster: page, rotation: 0, skew: 0, blank: false, found }
  return (await carefully(page, upright, engine)).found
}

async function readRotated(
  page: Working,
  rotation: number,
  lean: Lean,
  engine: Engine
): Promise<Upright> {
  const turned = await rotate(page, rotation)
  const skew = rotation === 0 ? lean.angle : (await findLean(await atDpi(turned, 100))).angle
  const straighten = Math.abs(skew) >= worthStraightening
  const raster = straighten ? await rotate(turned, skew) : turned
  const found = await readBy(
    quickPlan({ ...page, ...raster }, { fastInstalled: hasFast(engine.languages) }),
    raster,
    engine
  )
  return {
    raster,
    rotation,
    skew: straighten ? Math.round(skew * 10) / 10 : 0,
    blank: false,
    found
  }
}

/**
 * A second, slower look where the first was unsure. Below `hopeless` there is no print to win back:
 * handwriting, a photograph, noise.
 */
async function carefully(page: Working, first: Upright, engine: Engine): Promise<Upright> {
  const { confidence } = first.found
  if (confidence >= unsure || confidence < hopeless) return first
  const found = await readBy(carefulPlan({ ...page, ...first.raster }), first.raster, engine)
  return weight(found) > weight(first.found) ? { ...first, found } : first
}

async function readBy(plan: Plan, page: Raster, engine: Engine): Promise<Recognised> {
  const width = Math.max(1, Math.round(page.width * plan.x))
  const height = Math.max(1, Math.round(page.height * plan.y))
  const found = await recogniseWords(
    await resample(page, width, height, plan.blur),
    plan.network,
    engine
  )
  return scaleWords(found, page.width / width, page.height / height)
}

/** The turn in which a part of the page reads best. */
async function bestRotation(
  part: Raster,
  rotations: readonly number[],
  engine: Engine
): Promise<number> {
  let best = { degrees: rotations[0] ?? 0, weight: -1 }
  for (const degrees of rotations) {
    const turned = await rotate(part, degrees)
    const found = await readBy(asItIs, turned, engine)
    const score = weight(found)
    if (score > best.weight) best = { degrees, weight: score }
  }
  return best.degrees
}

/** A square of at most 3 inches with the most ink, at 200 dpi. */
async function busiestPart(page: Raster): Promise<Raster> {
  const small = await atDpi(page, 200)
  const side = Math.min(600, small.width, small.height)
  let best = { left: 0, top: 0, ink: -1 }
  for (let top = 0; top + side <= small.height; top += Math.max(1, side >> 2)) {
    for (let left = 0; left + side <= small.width; left += Math.max(1, side >> 2)) {
      const ink = inkOf(small, left, top, side)
      if (ink > best.ink) best = { left, top, ink }
    }
  }
  return cut(small, best.left, best.top, side, side)
}

function inkOf({ data, width }: Raster, left: number, top: number, side: number): number {
  let ink = 0
  for (let y = top; y < top + side; y += 2)
    for (let x = left; x < left + side; x += 2) if (data[y * width + x]! < 128) ink++
  return ink
}

/**
 * Characters counted by how surely they were read: garbage has many characters of little
 * confidence.
 */
function weight({ words }: Recognised): number {
  return words.reduce((sum, word) => sum + (word.confidence - 0.5) * word.text.length, 0)
}
