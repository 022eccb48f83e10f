import { groupsOf } from './cell-groups.ts'
import { resample, type Raster } from './raster.ts'

/** Rows and columns of the page are looked at in cells of this many pixels at `blankDpi`. */
const blankDpi = 100
const cell = 10
/** Scanner edges, punch holes and fax headers' noise lie within this share of each side. */
const margin = 0.02
/**
 * A cell's darkest spot must be this much darker than the paper around it: faint pencil is 25 to 40
 * levels, bleed-through under 18.
 */
const contrast = 20
/**
 * Marked cells that make a page not blank: a stroke of pencil 12 mm long marks five. Lone dust
 * specks mark one each.
 */
const enough = 4

/**
 * True when nothing is on the page. Each cell's darkest smoothed pixel is set against its
 * surroundings, so that pencil, a stamp or a single line count as content while grey paper, shading
 * and single specks do not.
 */
export async function isBlank(raster: Raster): Promise<boolean> {
  const marked = await findMarks(raster)
  return Math.max(0, ...groupsOf(marked.cells, marked.columns)) < enough
}

export interface Marks {
  /** 1 for a cell that something is on, row by row. */
  readonly cells: Uint8Array
  readonly columns: number
  /** Pixels of the raster that a cell is wide and high. */
  readonly side: number
}

/** The cells of a tenth of an inch that something is on. */
export async function findMarks(raster: Raster): Promise<Marks> {
  const scale = Math.min(1, blankDpi / raster.dpi)
  // A Gaussian of one pixel at 100 dpi: a speck of one pixel at 300 dpi fades, a pencil line does
  // not.
  const small = await resample(
    raster,
    Math.max(1, Math.round(raster.width * scale)),
    Math.max(1, Math.round(raster.height * scale)),
    0.7
  )
  return { ...markedCells(small), side: cell / scale }
}

function markedCells({ data, width, height }: Raster): { cells: Uint8Array; columns: number } {
  const columns = Math.ceil(width / cell)
  const rows = Math.ceil(height / cell)
  const darkest = new Uint8Array(columns * rows).fill(255)
  const lightest = new Uint8Array(columns * rows)
  const [left, right] = [Math.round(width * margin), Math.round(width * (1 - margin))]
  const [top, bottom] = [Math.round(height * margin), Math.round(height * (1 - margin))]
  for (let y = top; y < bottom; y++) {
    const row = Math.floor(y / cell) * columns
    for (let x = left; x < right; x++) {
      const at = row + Math.floor(x / cell)
      const value = data[y * width + x]!
      if (value < darkest[at]!) darkest[at] = value
      if (value > lightest[at]!) lightest[at] = value
    }
  }
  const paper = median(lightest.filter((value) => value > 0))
  return {
    cells: darkest.map((dark, at) =>
      lightest[at]! > 0 && (lightest[at]! - dark > contrast || paper - dark > 3 * contrast) ? 1 : 0
    ),
    columns
  }
}

function median(values: Uint8Array): number {
  return values.toSorted()[values.length >> 1] ?? 255
}
