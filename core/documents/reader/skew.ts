import type { Frame } from './boxes.ts'
import { resample, type Raster } from './raster.ts'

/** Degrees looked at to each side; feeders and fax machines seldom pull worse. */
const widest = 10
/**
 * Less than this is left alone: tesseract follows such lines without loss, and turning softens a
 * fax (confidence 0.92 → 0.86 at 0.7°).
 */
export const worthStraightening = 1.2

/** Ink per row is compared at this width; a 1,000 pixel row moves 17 pixels per degree. */
const lookWidth = 800

export interface Lean {
  /** Degrees clockwise to turn the page so that its lines are level. */
  readonly angle: number
  /**
   * How much better the lines stand out across the page than down it: above 1 for upright or
   * upside-down print.
   */
  readonly rowsOverColumns: number
}

/**
 * Finds the lean of the lines by the sharpness of the row profile (Postl's projection method), and
 * whether they run across.
 */
export async function findLean(raster: Raster): Promise<Lean> {
  const scale = Math.min(1, lookWidth / Math.max(raster.width, raster.height))
  const small = await resample(
    raster,
    Math.max(1, Math.round(raster.width * scale)),
    Math.max(1, Math.round(raster.height * scale)),
    0
  )
  const points = inkPoints(small)
  if (points.x.length < 50) return { angle: 0, rowsOverColumns: 1 }
  const across = bestAngle(points, small.width, small.height)
  const down = bestAngle({ x: points.y, y: points.x }, small.height, small.width)
  return { angle: across.angle, rowsOverColumns: across.score / Math.max(1, down.score) }
}

interface Points {
  readonly x: Uint16Array
  readonly y: Uint16Array
}

function inkPoints({ data, width, height }: Raster): Points {
  const dark = Math.min(160, mean(data) * 0.75)
  const x: number[] = []
  const y: number[] = []
  // The outer 3 % hold scanner shadows and fax headers.
  for (let row = Math.round(height * 0.03); row < height * 0.97; row++) {
    for (let column = Math.round(width * 0.03); column < width * 0.97; column++) {
      if (data[row * width + column]! < dark) {
        x.push(column)
        y.push(row)
      }
    }
  }
  return { x: Uint16Array.from(x), y: Uint16Array.from(y) }
}

function mean(data: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < data.length; i += 16) sum += data[i]!
  return sum / Math.ceil(data.length / 16)
}

function bestAngle(
  points: Points,
  width: number,
  height: number
): { angle: number; score: number } {
  const size = { width, height }
  const { angle } = pick(points, size, { from: -widest, to: widest, step: 0.5 })
  return pick(points, size, { from: angle - 0.4, to: angle + 0.4, step: 0.1 })
}

function pick(
  points: Points,
  { width, height }: Frame,
  { from, to, step }: { readonly from: number; readonly to: number; readonly step: number }
): { angle: number; score: number } {
  let best = { angle: 0, score: -1 }
  const rows = new Float64Array(height + 2 * width)
  for (let angle = from; angle <= to + 1e-9; angle += step) {
    const score = sharpness(points, Math.tan((angle * Math.PI) / 180), rows, width)
    if (score > best.score) best = { angle, score }
  }
  return best
}

/** Sum of squared differences of neighbouring rows' ink after shearing by `slope`. */
function sharpness({ x, y }: Points, slope: number, rows: Float64Array, offset: number): number {
  rows.fill(0)
  for (let i = 0; i < x.length; i++) rows[Math.round(y[i]! + x[i]! * slope) + offset]!++
  let sum = 0
  for (let i = 1; i < rows.length; i++) sum += (rows[i]! - rows[i - 1]!) ** 2
  return sum
}
