import type { Box } from '../types.ts'

export function area([x0, y0, x1, y1]: Box): number {
  return Math.max(0, x1 - x0) * Math.max(0, y1 - y0)
}

export function middle([x0, y0, x1, y1]: Box): [number, number] {
  return [(x0 + x1) / 2, (y0 + y1) / 2]
}

export function holds([x0, y0, x1, y1]: Box, [x, y]: readonly [number, number]): boolean {
  return x >= x0 && x <= x1 && y >= y0 && y <= y1
}

/** The share of the smaller of two boxes that lies in the other, 0 to 1. */
export function overlap(one: Box, other: Box): number {
  const common = area([
    Math.max(one[0], other[0]),
    Math.max(one[1], other[1]),
    Math.min(one[2], other[2]),
    Math.min(one[3], other[3])
  ])
  const smaller = Math.min(area(one), area(other))
  return smaller === 0 ? 0 : common / smaller
}

export interface Frame {
  readonly width: number
  readonly height: number
}

/**
 * Where a box lies after its picture was turned clockwise about its middle and came to stand in the
 * middle of `to`.
 */
export function rotateBox(box: Box, from: Frame, degrees: number, to: Frame): Box {
  const angle = (degrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const corners = [
    [box[0], box[1]],
    [box[2], box[1]],
    [box[0], box[3]],
    [box[2], box[3]]
  ].map(([x, y]) => {
    const [dx, dy] = [x! - from.width / 2, y! - from.height / 2]
    return [to.width / 2 + dx * cos - dy * sin, to.height / 2 + dx * sin + dy * cos] as const
  })
  return around(corners)
}

export function around(points: readonly (readonly [number, number])[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return [Math.round(left), Math.round(top), Math.round(right), Math.round(bottom)]
}
