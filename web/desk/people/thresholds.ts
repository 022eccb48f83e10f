/**
 * The page for choosing thresholds: the agency's own reviewed pairs as a curve, and the weights
 * that the model has learned.
 */
import { fields } from '../../../core/matching/fields.ts'
import { weightOf, type Model } from '../../../core/matching/model.ts'
import { LINK_BITS, POSSIBLE_BITS } from '../../../core/matching/verdict.ts'
import { curveOf, type CurvePoint, type ReviewedPair } from '../../../core/people/reviewed.ts'

/** Drawing area in pixels. */
const WIDTH = 600
const HEIGHT = 220

/** Everything the page draws. Pairs below POSSIBLE_BITS were never suggested to anyone. */
export function thresholdsModel(pairs: readonly ReviewedPair[], model: Model) {
  const curve = curveOf(pairs)
  return {
    reviewed: pairs.length,
    same: pairs.filter(({ same }) => same).length,
    curve,
    linkBits: LINK_BITS,
    possibleBits: POSSIBLE_BITS,
    chart: {
      width: WIDTH,
      height: HEIGHT,
      precision: lineOf(curve, 'precision'),
      recall: lineOf(curve, 'recall'),
      link: x(curve, LINK_BITS),
      possible: x(curve, POSSIBLE_BITS)
    },
    trainedOn: model.trainedOn,
    weights: fields.map(({ name, levels }, field) => ({
      name,
      bars: levels.map(({ label }, level) => ({
        field: name,
        level: label,
        bits: weightOf(model, field, level)
      }))
    }))
  }
}

/** Points of an SVG polyline. */
function lineOf(curve: readonly CurvePoint[], what: 'precision' | 'recall'): string {
  return curve
    .flatMap((point) =>
      point[what] === undefined
        ? []
        : [`${x(curve, point.threshold)},${Math.round((1 - point[what]) * HEIGHT)}`]
    )
    .join(' ')
}

function x(curve: readonly CurvePoint[], threshold: number): number {
  const [from, to] = [curve[0]!.threshold, curve.at(-1)!.threshold]
  return Math.round(((threshold - from) / (to - from)) * WIDTH)
}
