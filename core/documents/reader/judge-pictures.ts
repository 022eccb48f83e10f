/**
 * What may be said of a page that has words of its own, by what OCR made of its pictures: much good
 * text beside a scan says nothing of the scan.
 */
import type { Word } from '../types.ts'
import { area, type Frame } from './boxes.ts'
import type { PageLook } from './pdf-look.ts'
import { unsurePage } from './sure-words.ts'
import type { Recognised } from './tsv.ts'
import type { Uncovered } from './uncovered.ts'

/**
 * Marked cells of a tenth of an inch from which a picture holds more than a logo or a seal: two
 * square inches.
 */
const MUCH = 200
/**
 * Of a picture's marks, the share that has to lie under words; the lines of a letter cover nearly
 * all.
 */
const COVERED = 0.3
/**
 * A logo or a letterhead read badly takes nothing from the words under it: only pictures with this
 * share of the page's marks do, as print has them and photographs have not.
 */
const PRINT = 0.25
/** A picture over so much of the page is a scan of one. */
const WHOLE_PAGE = 0.8

export interface PictureVerdict {
  /** 0 to 1; 1 where nothing on the pictures lessens what the page's own words say. */
  readonly confidence: number
  /** Why the pictures are not taken as read, as staff read it. */
  readonly unread: string | undefined
}

/** True where one picture takes the whole page. */
export function isScan({ boxes }: Pick<PageLook, 'boxes'>, { width, height }: Frame): boolean {
  return boxes.some((box) => area(box) >= WHOLE_PAGE * width * height)
}

/** `found` is what OCR read of the pictures, `sure` the words of it that are taken as text. */
export function judgePictures(
  look: PageLook,
  frame: Frame & { readonly dpi: number },
  found: Recognised,
  sure: readonly Word[],
  uncovered: Uncovered
): PictureVerdict {
  const covered = Math.min(
    1,
    sure.reduce((sum, { box }) => sum + area(box), 0) /
      (frame.dpi * 0.1) ** 2 /
      Math.max(1, uncovered.cells)
  )
  const lost = uncovered.cells >= MUCH && covered < COVERED
  const scan = uncovered.share >= PRINT && isScan(look, frame)
  if (lost && scan)
    return {
      confidence: found.confidence * covered,
      unread: 'A picture over the whole page holds marks that could not be read as words.'
    }
  if (lost || (found.words.length > 0 && sure.length === 0))
    return { confidence: 1, unread: 'A picture on it holds marks that could not be read as words.' }
  if (sure.length === 0) return { confidence: 1, unread: undefined }
  return {
    confidence: uncovered.share >= PRINT ? found.confidence : 1,
    unread: unsurePage(found.confidence)
  }
}
