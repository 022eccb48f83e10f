/** Six numbers of a PDF matrix: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = readonly [number, number, number, number, number, number]

export const identity: Matrix = [1, 0, 0, 1, 0, 0]

/** `inner` applied first, then `outer`. */
export function multiply(inner: Matrix, outer: Matrix): Matrix {
  const [a, b, c, d, e, f] = inner
  const [A, B, C, D, E, F] = outer
  return [
    a * A + b * C,
    a * B + b * D,
    c * A + d * C,
    c * B + d * D,
    e * A + f * C + E,
    e * B + f * D + F
  ]
}

/**
 * Tells whether a page's content draws one image and nothing else, as scanners and fax gateways
 * write it: only `q Q cm gs w J j M i ri` and one `Do`. Returns the image's resource name and
 * matrix, or undefined.
 */
export function singleDraw(content: string): { name: string; matrix: Matrix } | undefined {
  const harmless = new Set(['gs', 'w', 'J', 'j', 'M', 'i', 'ri'])
  let matrix = identity
  let drawn: { name: string; matrix: Matrix } | undefined
  const saved: Matrix[] = []
  let operands: string[] = []
  for (const token of content.split(/[\s\0]+/).filter(Boolean)) {
    if (/^[-+.\d]|^\//.test(token)) {
      operands.push(token)
      continue
    }
    if (token === 'q') saved.push(matrix)
    else if (token === 'Q') matrix = saved.pop() ?? identity
    else if (token === 'cm') matrix = multiply(toMatrix(operands), matrix)
    else if (token === 'Do' && !drawn && operands[0]?.startsWith('/'))
      drawn = { name: operands[0].slice(1), matrix }
    else if (!harmless.has(token)) return undefined
    operands = []
  }
  return drawn
}

function toMatrix(operands: readonly string[]): Matrix {
  const numbers = operands.map(Number)
  return numbers.length === 6 && numbers.every(Number.isFinite)
    ? (numbers as unknown as Matrix)
    : identity
}

/**
 * Quarter turns clockwise that a matrix shows an image with, or undefined where it leans or
 * mirrors.
 */
export function quarterRotations([a, b, c, d]: Matrix): 0 | 1 | 2 | 3 | undefined {
  const tiny = 1e-3 * Math.max(Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d))
  if (Math.abs(b) <= tiny && Math.abs(c) <= tiny)
    return a > 0 && d > 0 ? 0 : a < 0 && d < 0 ? 2 : undefined
  if (Math.abs(a) <= tiny && Math.abs(d) <= tiny)
    return b < 0 && c > 0 ? 1 : b > 0 && c < 0 ? 3 : undefined
  return undefined
}
