import type { Network } from './language-data.ts'
import type { Working } from './raster.ts'

/**
 * How a page is prepared for the engine: the factors on its width and height, a blur, and the
 * network.
 */
export interface Plan {
  readonly network: Network
  readonly x: number
  readonly y: number
  /** Gaussian sigma in pixels after scaling; joins the stair-steps of a fax. */
  readonly blur: number
}

/**
 * Letters of 10 points are 28 pixels high at this; the engine brings every line to 36 pixels, so
 * more only costs layout time.
 */
const readingDpi = 200

/**
 * The quickest plan that loses no words (figures in docs: bench read). The engine's time goes with
 * a line's length in units of its height, so narrowing the page by a tenth with the larger network
 * saves a tenth of its time at the same words.
 */
export function quickPlan(
  page: Working,
  { fastInstalled }: { readonly fastInstalled: boolean }
): Plan {
  if (isFax(page)) return faxPlan(page)
  const scale =
    page.dpi > readingDpi * 1.1
      ? readingDpi / page.dpi
      : page.dpi < 120
        ? Math.min(2, readingDpi / page.dpi)
        : 1
  const narrow = fastInstalled ? 1 : 0.9
  return { network: 'fast', x: scale * narrow, y: scale, blur: 0 }
}

/**
 * For what the quick plan read badly: the larger network, nothing thrown away, small print
 * enlarged.
 */
export function carefulPlan(page: Working): Plan {
  if (isFax(page)) return { network: 'best', x: 1, y: 1, blur: 1 }
  const scale = page.dpi < 250 ? Math.min(2, 300 / page.dpi) : 1
  return { network: 'best', x: scale, y: scale, blur: 0 }
}

/**
 * Black and white at about 200 dpi: T.4's 204×98 (stretched) and 204×196, and scans that look the
 * same.
 */
export function isFax(page: Pick<Working, 'bilevel' | 'dpi' | 'stretched'>): boolean {
  return page.stretched || (page.bilevel && page.dpi < 230)
}

/**
 * Blurred, the small network reads a fax as well as the large one: standard resolution 97.9 % of a
 * letter's words against 96.9 %, fine 96.9 % against 95.8 %. Narrowing goes with the stretched kind
 * only, whose letters are wide for the detail they have.
 */
function faxPlan(page: Working): Plan {
  return page.stretched
    ? { network: 'fast', x: 0.8, y: 1, blur: 0.8 }
    : { network: 'fast', x: 1, y: 1, blur: 1 }
}
