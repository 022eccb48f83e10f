import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { drawLine, MOST_DOTS } from '../../../channels/web/line-figure.ts'

describe('the picture of a line', () => {
  test('has a dot for each message, in order, and one is you', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_DOTS }), fc.nat(), (waiting, any) => {
        const place = 1 + (any % waiting)
        const { dots, you } = drawLine(place, waiting)
        const xs = dots.map(({ x }) => Number.parseFloat(x))
        expect(dots.map(({ kind }) => kind)).toEqual([
          ...Array.from({ length: place - 1 }, () => 'ahead'),
          'you',
          ...Array.from({ length: waiting - place }, () => 'behind')
        ])
        expect(xs).toEqual(xs.toSorted((a, b) => a - b))
        expect(Math.min(...xs)).toBeGreaterThanOrEqual(4)
        expect(Math.max(...xs)).toBeLessThanOrEqual(96)
        expect(you).toBe(dots[place - 1]!.x)
      })
    )
  })

  test('is a bar for a long one', () => {
    expect(drawLine(30, MOST_DOTS + 1).dots).toEqual([])
    expect(Number.parseFloat(drawLine(30, 44).you)).toBeCloseTo(4 + (92 * 29) / 43, 1)
  })
})
