export interface Location {
  /** Degrees, WGS 84. */
  readonly lat: number
  readonly long: number
}

const EARTH_RADIUS = 6_371_000
const DEGREE = Math.PI / 180
/** Side of a cell of the place index in degrees of latitude: about 110 m. */
const CELL = 0.001

/** Metres between two places along the great circle (haversine). */
export function metresApart(a: Location, b: Location): number {
  const [north, east] = [(b.lat - a.lat) * DEGREE, (b.long - a.long) * DEGREE]
  const chord =
    Math.sin(north / 2) ** 2 +
    Math.cos(a.lat * DEGREE) * Math.cos(b.lat * DEGREE) * Math.sin(east / 2) ** 2
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(chord)))
}

/**
 * True for finite degrees on the globe, except (0, 0), which geocoders return for an unknown place.
 */
export function isLocation(value: { lat: unknown; long: unknown } | undefined): value is Location {
  if (typeof value?.lat !== 'number' || typeof value.long !== 'number') return false
  return (
    Math.abs(value.lat) <= 90 &&
    Math.abs(value.long) <= 180 &&
    (value.lat !== 0 || value.long !== 0)
  )
}

/**
 * Index keys (`int4`) of the place's cell and, for searching, of the eight around it: two places
 * within 75 m at up to 45° share one.
 */
export function locationKeys(location: Location, around: 'own' | 'near'): number[] {
  const [row, column] = [Math.floor(location.lat / CELL), Math.floor(location.long / CELL)]
  const steps = around === 'own' ? [0] : [-1, 0, 1]
  return steps.flatMap((up) => steps.map((right) => cellKey(row + up, column + right)))
}

function cellKey(row: number, column: number): number {
  const hash = Math.imul(row, 0x9e3779b1) ^ Math.imul(column, 0x85ebca6b)
  return Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) | 0
}
