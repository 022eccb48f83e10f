/** Page accounting: what the scans held when they were opened against what became of every page. Pure. */
import { plural } from './sentences.ts'
import type { PageAccount, SheetKind } from './types.ts'

export interface Accounted {
  readonly kind: SheetKind
  readonly letter: number | undefined
  readonly withheld: boolean
}

/**
 * `opened` is the pages that the scans said they have; `made`, once letters are contacts, how many sheets went into their documents.
 * The two sides are counted apart, so that a page lost on the way shows.
 */
export function accountFor(opened: number, sheets: readonly Accounted[], made?: number): PageAccount {
  const inLetters = sheets.filter(({ kind, letter }) => kind === 'page' && letter !== undefined)
  const withheld = inLetters.filter((sheet) => sheet.withheld).length
  const letters = (made ?? inLetters.length) - withheld
  const separators = sheets.filter(({ kind }) => kind === 'separator').length
  const blanks = sheets.filter(({ kind }) => kind === 'blank').length
  return { in: opened, letters, separators, blanks, withheld, balanced: opened === letters + separators + blanks + withheld }
}

/** The difference in words; undefined where there is none. */
export function differenceIn(account: PageAccount): string | undefined {
  if (account.balanced) return undefined
  const out = account.letters + account.separators + account.blanks + account.withheld
  return `${plural(account.in, 'page', 'pages')} came in and ${out} are accounted for: ${account.letters} in letters, ${account.separators} separators, ${account.blanks} blank, ${account.withheld} not read.`
}
