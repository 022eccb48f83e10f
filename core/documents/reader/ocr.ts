import { isBlank } from './blank.ts'
import { hasFast } from './language-data.ts'
import { carefulPlan, quickPlan, type Plan } from './plan.ts'
import { cut, resample, turn, type Raster, type Working } from './raster.ts'
import { recognise, type Engine } from './recognise.ts'
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

/** Puts a page upright and straight and reads it: the common case is one pass, only doubtful pages pay for more. */
export async function readRaster(page: Working, engine: Engine): Promise<Upright> {
  if (await isBlank(page)) return { raster: page, rotation: 0, skew: 0, blank: true, found: nothing }
  const lean = await findLean(page)
  const part = await busiestPart(page)
  const lying = lean.rowsOverColumns < sideways
  const standing = !lying && await readsUpright(part, engine)
  const rotation = standing ? 0 : await bestTurn(part, lying ? [90, 270] : [0, 180, 90, 270], engine)
  const first = await readTurned(page, rotation, lean, engine)
  if (!lying || first.found.confidence >= doubtful) return first
  const other = await bestTurn(part, [0, 180], engine)
  const second = await readTurned(page, other, lean, engine)
  return weight(second.found) > weight(first.found) ? second : first
}

/** A few lines are enough to see that a page stands upright: a fiftieth of the time of reading it. */
async function readsUpright(part: Raster, engine: Engine): Promise<boolean> {
  const height = Math.min(part.height, 200)
  const lines = await cut(part, 0, (part.height - height) >> 1, part.width, height)
  const found = await readBy(asItIs, lines, engine)
  return found.confidence >= doubtful && found.words.length >= 3
}

async function readTurned(page: Working, rotation: number, lean: Lean, engine: Engine): Promise<Upright> {
  const turned = await turn(page, rotation)
  const skew = rotation === 0 ? lean.angle : (await findLean(turned)).angle
  const straighten = Math.abs(skew) >= worthStraightening
  const raster = straighten ? await turn(turned, skew) : turned
  const found = await readCarefully({ ...page, ...raster }, engine)
  return { raster, rotation, skew: straighten ? Math.round(skew * 10) / 10 : 0, blank: false, found }
}

async function readCarefully(page: Working, engine: Engine): Promise<Recognised> {
  const quick = await readBy(quickPlan(page, hasFast(engine.languages)), page, engine)
  // Below 0.4 there is no print to win back: handwriting, a photograph, noise.
  if (quick.confidence >= unsure || quick.confidence < 0.4) return quick
  const careful = await readBy(carefulPlan(page), page, engine)
  return weight(careful) > weight(quick) ? careful : quick
}

async function readBy(plan: Plan, page: Raster, engine: Engine): Promise<Recognised> {
  const width = Math.max(1, Math.round(page.width * plan.x))
  const height = Math.max(1, Math.round(page.height * plan.y))
  const found = await recognise(await resample(page, width, height, plan.blur), plan.network, engine)
  return scaleWords(found, page.width / width, page.height / height)
}

/** The turn in which a part of the page reads best. */
async function bestTurn(part: Raster, turns: readonly number[], engine: Engine): Promise<number> {
  let best = { degrees: turns[0] ?? 0, weight: -1 }
  for (const degrees of turns) {
    const turned = await turn(part, degrees)
    const found = await readBy(asItIs, turned, engine)
    const score = weight(found)
    if (score > best.weight) best = { degrees, weight: score }
  }
  return best.degrees
}

/** A square of at most 3 inches with the most ink, at 200 dpi. */
async function busiestPart(page: Raster): Promise<Raster> {
  const scale = Math.min(1, 200 / page.dpi)
  const small = await resample(page, Math.max(1, Math.round(page.width * scale)), Math.max(1, Math.round(page.height * scale)), 0)
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
  for (let y = top; y < top + side; y += 2) for (let x = left; x < left + side; x += 2) if (data[y * width + x]! < 128) ink++
  return ink
}

/** Characters counted by how surely they were read: garbage has many characters of little confidence. */
function weight({ words }: Recognised): number {
  return words.reduce((sum, word) => sum + (word.confidence - 0.5) * word.text.length, 0)
}
