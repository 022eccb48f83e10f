/**
 * Checks the page count: pages that the scans had when opened, against what became of each page.
 * Pure.
 */
import { plural } from './sentences.ts'
import type { PageCount, SheetKind } from './types.ts'

export interface CountedSheet {
  readonly kind: SheetKind
  readonly letter: number | undefined
  readonly withheld: boolean
}

/**
 * `opened`: pages according to the scans. `made`: once letters are contacts, the sheets in their
 * documents. Both sides are counted independently, so that a lost page shows.
 */
export function countPages(
  opened: number,
  sheets: readonly CountedSheet[],
  made?: number
): PageCount {
  const inLetters = sheets.filter(({ kind, letter }) => kind === 'page' && letter !== undefined)
  const withheld = inLetters.filter((sheet) => sheet.withheld).length
  const letters = (made ?? inLetters.length) - withheld
  const separators = sheets.filter(({ kind }) => kind === 'separator').length
  const blanks = sheets.filter(({ kind }) => kind === 'blank').length
  return {
    in: opened,
    letters,
    separators,
    blanks,
    withheld,
    balanced: opened === letters + separators + blanks + withheld
  }
}

/** The difference in words; undefined if there is none. */
export function differenceIn(pageCount: PageCount): string | undefined {
  if (pageCount.balanced) return undefined
  const out = pageCount.letters + pageCount.separators + pageCount.blanks + pageCount.withheld
  return `${plural(pageCount.in, 'page', 'pages')} came in and ${out} are accounted for: ${pageCount.letters} in letters, ${pageCount.separators} separators, ${pageCount.blanks} blank, ${pageCount.withheld} not read.`
}
