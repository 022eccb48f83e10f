import {
  PDFArray,
  PDFDict,
  PDFName,
  PDFNumber,
  PDFRef,
  PDFStream,
  type PDFObject,
  type PDFPage
} from '@cantoo/pdf-lib'
import type { Box } from '../types.ts'

/** HIDDEN and NOVIEW (ISO 32000-1, table 165). */
const UNSEEN = 2 | 32

/**
 * Makes what form fields and typed notes show part of their page, so that every reader finds their
 * words; answers the places, in the page's own space. Those without an appearance stay as they are.
 */
export function flatten(page: PDFPage): Box[] {
  const annotations = page.node.Annots()
  if (!annotations) return []
  const flat: Box[] = []
  for (let at = annotations.size() - 1; at >= 0; at--) {
    const annotation = annotations.lookup(at)
    const shown =
      annotation instanceof PDFDict &&
      /^(Widget|FreeText)$/.test(nameOf(annotation, 'Subtype')) &&
      (numberOf(annotation.lookup(PDFName.of('F'))) & UNSEEN) === 0
    const rect = shown ? draw(page, annotation, `Flat${at}`) : undefined
    if (!rect) continue
    flat.push(rect)
    annotations.remove(at)
  }
  return flat
}

function draw(page: PDFPage, annotation: PDFDict, name: string): Box | undefined {
  const form = appearanceOf(annotation)
  const rect = boxOf(annotation.lookup(PDFName.of('Rect')))
  const stream = form && page.node.context.lookup(form)
  const bounds =
    stream instanceof PDFStream ? boxOf(stream.dict.lookup(PDFName.of('BBox'))) : undefined
  if (!form || !(stream instanceof PDFStream) || !rect || !bounds) return undefined
  const [x0, y0, x1, y1] = moved(bounds, stream.dict.lookup(PDFName.of('Matrix')))
  if (x1 === x0 || y1 === y0) return undefined
  // ISO 32000-1, 12.5.5: the appearance's box, turned by its own matrix, is brought to the
  // rectangle.
  const [a, d] = [(rect[2] - rect[0]) / (x1 - x0), (rect[3] - rect[1]) / (y1 - y0)]
  const matrix = [a, 0, 0, d, rect[0] - x0 * a, rect[1] - y0 * d]
    .map((number) => number.toFixed(4))
    .join(' ')
  page.node.setXObject(PDFName.of(name), form)
  page.node.addContentStream(
    page.node.context.register(page.node.context.stream(`q ${matrix} cm /${name} Do Q`))
  )
  return rect
}

/** The normal appearance, in the state it is in. */
function appearanceOf(annotation: PDFDict): PDFRef | undefined {
  const appearance = annotation.lookup(PDFName.of('AP'))
  if (!(appearance instanceof PDFDict)) return undefined
  const normal = appearance.get(PDFName.of('N'))
  const found = appearance.lookup(PDFName.of('N'))
  if (found instanceof PDFStream) return normal instanceof PDFRef ? normal : undefined
  const state =
    found instanceof PDFDict ? found.get(PDFName.of(nameOf(annotation, 'AS') || 'Off')) : undefined
  return state instanceof PDFRef ? state : undefined
}

function moved([x0, y0, x1, y1]: Box, matrix: PDFObject | undefined): Box {
  const numbers =
    matrix instanceof PDFArray && matrix.size() === 6
      ? Array.from({ length: 6 }, (_, at) => numberOf(matrix.lookup(at)))
      : [1, 0, 0, 1, 0, 0]
  const [a, b, c, d, e, f] = numbers as [number, number, number, number, number, number]
  const corners = [
    [x0, y0],
    [x1, y0],
    [x0, y1],
    [x1, y1]
  ].map(([x, y]) => [a * x! + c * y! + e, b * x! + d * y! + f] as const)
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)]
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

function boxOf(value: PDFObject | undefined): Box | undefined {
  if (!(value instanceof PDFArray) || value.size() !== 4) return undefined
  const [x0, y0, x1, y1] = Array.from({ length: 4 }, (_, at) => numberOf(value.lookup(at))) as [
    number,
    number,
    number,
    number
  ]
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)]
}

function numberOf(value: PDFObject | undefined): number {
  return value instanceof PDFNumber ? value.asNumber() : 0
}

function nameOf(dict: PDFDict, key: string): string {
  const value = dict.lookup(PDFName.of(key))
  return value instanceof PDFName ? value.decodeText() : ''
}
