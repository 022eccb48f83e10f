/** Decides where the sheets of a batch split into letters, and what a person must look at. Pure. */
import { archiveNumber, verifySeparator, type Separator } from '../documents/separators.ts'
import { plural, positionsOf, sentenceList } from './sentences.ts'
import type { Sheet, SheetKind } from './types.ts'

export interface SplitSheet {
  /** True for the first sheet of a file. */
  readonly opens: boolean
  readonly blank: boolean
  readonly withheld: boolean
  readonly codes: readonly string[]
  /** What a person set, if anybody did. */
  readonly kindSet: SheetKind | undefined
  readonly startsSet: boolean | undefined
}

export interface SplitBatch {
  readonly id: string
  /** Number of letters counted by hand. */
  readonly expected: number | undefined
  /** Highest number of the separator sheets that were printed for it. */
  readonly printed: number
}

export interface SplitRules {
  readonly secret: Uint8Array
  /** QR texts of separator sheets that were bought, not printed by us. */
  readonly sheets: readonly string[]
  readonly numberPrefix: string | undefined
  readonly mark: RegExp | undefined
}

export interface Placed {
  readonly kind: SheetKind
  readonly startedBy: Sheet['startedBy']
  readonly letter: number | undefined
}

export interface Split {
  readonly sheets: readonly Placed[]
  readonly letters: number
  readonly problems: readonly string[]
}

interface Judged {
  readonly sheet: SplitSheet
  readonly position: number
  readonly kind: SheetKind
  readonly signed: Separator | undefined
  readonly bought: boolean
  readonly mark: 'number' | 'text' | undefined
}

const INSTEAD =
  'Separator sheets were printed for this batch, and none was found; it was split by bought ones.'

/**
 * Splits a batch: by its own signed separator sheets if it has any, else by bought ones, else one
 * letter per file. What a person set overrides all of these.
 */
export function split(sheets: readonly SplitSheet[], batch: SplitBatch, rules: SplitRules): Split {
  const codes = sheets.map((sheet) => readCodes(sheet, rules))
  const signed = codes.some((one) => one.signed)
  const bought = !signed && codes.some((one) => one.bought)
  const byOwnSheets = signed || (batch.printed > 0 && !bought)
  const blankLetters = byOwnSheets ? new Set<number>() : blankFiles(sheets)
  const judged = sheets.map((sheet, index): Judged => ({
    sheet,
    position: index + 1,
    ...codes[index]!,
    kind:
      sheet.kindSet ??
      kindOf(sheet, codes[index]!, { byOwnSheets, keepsBlank: blankLetters.has(index) })
  }))
  const placed = place(judged, byOwnSheets)
  const letters = placed.sheets.reduce((most, { letter }) => Math.max(most, letter ?? 0), 0)
  return {
    sheets: placed.sheets,
    letters,
    problems: [
      ...placed.problems,
      ...doubts(judged, byOwnSheets, batch),
      ...(bought && batch.printed > 0 ? [INSTEAD] : []),
      ...miscount(letters, batch)
    ]
  }
}

function readCodes(
  { codes }: SplitSheet,
  rules: SplitRules
): Pick<Judged, 'signed' | 'bought' | 'mark'> {
  const signed = codes
    .map((code) => verifySeparator(code, rules.secret))
    .find((found) => found !== undefined)
  const numbered = codes.some((code) => archiveNumber(code, rules.numberPrefix) !== undefined)
  const marked = rules.mark !== undefined && codes.some((code) => rules.mark?.test(code))
  return {
    signed,
    bought: codes.some((code) => rules.sheets.includes(code)),
    mark: numbered ? 'number' : marked ? 'text' : undefined
  }
}

function kindOf(
  sheet: SplitSheet,
  { signed, bought }: Pick<Judged, 'signed' | 'bought'>,
  { byOwnSheets, keepsBlank }: { byOwnSheets: boolean; keepsBlank: boolean }
): SheetKind {
  if (signed || (bought && !byOwnSheets)) return 'separator'
  return sheet.blank && !keepsBlank ? 'blank' : 'page'
}

/** Sheets of files with only blank pages. Somebody sent them, so they stay a letter. */
function blankFiles(sheets: readonly SplitSheet[]): Set<number> {
  const files: number[][] = []
  sheets.forEach(({ opens }, index) => {
    if (opens || files.length === 0) files.push([index])
    else files.at(-1)!.push(index)
  })
  return new Set(files.filter((file) => file.every((index) => sheets[index]!.blank)).flat())
}

function place(
  judged: readonly Judged[],
  byOwnSheets: boolean
): { sheets: Placed[]; problems: string[] } {
  const problems: string[] = []
  let letter = 0
  let begin: Sheet['startedBy'] = 'first'
  const sheets = judged.map((one): Placed => {
    if (one.kind === 'separator')
      begin = one.signed ? 'signed' : one.sheet.kindSet ? 'person' : 'text'
    else if (one.sheet.opens && !byOwnSheets) begin ??= 'first'
    else if (one.sheet.opens && !begin && one.sheet.startsSet === undefined)
      problems.push(
        `Position ${one.position} opens a file without a separator sheet; it was put to the letter before it.`
      )
    if (one.kind !== 'page') return { kind: one.kind, startedBy: undefined, letter: undefined }
    const startedBy = startOf(one, begin, letter)
    begin = undefined
    if (startedBy) letter += 1
    return { kind: 'page', startedBy, letter }
  })
  return { sheets, problems }
}

function startOf(
  { sheet, mark }: Judged,
  begin: Sheet['startedBy'],
  letter: number
): Sheet['startedBy'] {
  if (sheet.startsSet === true) return 'person'
  if (letter === 0) return begin ?? 'first'
  if (sheet.startsSet === false) return undefined
  return begin ?? mark
}

/** Every reason why the split is uncertain. */
function doubts(judged: readonly Judged[], byOwnSheets: boolean, batch: SplitBatch): string[] {
  const separators = judged.filter(({ kind }) => kind === 'separator')
  const lost =
    separators.length > 0
      ? judged.filter(
          ({ sheet }) =>
            sheet.withheld && sheet.kindSet === undefined && sheet.startsSet === undefined
        )
      : []
  return [
    ...(lost.length > 0
      ? [
          `${positionsOf(lost)} could not be read by machine and may be ${lost.length === 1 ? 'a separator sheet' : 'separator sheets'}.`
        ]
      : []),
    ...(byOwnSheets
      ? [...strangers(judged, batch), ...numbering(judged, batch), ...emptiness(judged)]
      : [])
  ]
}

function strangers(judged: readonly Judged[], batch: SplitBatch): string[] {
  const foreign = judged.filter(({ signed }) => signed && signed.batch !== batch.id)
  const bought = judged.filter(
    (one) => one.bought && !one.signed && one.sheet.kindSet === undefined
  )
  return [
    ...foreign.map(
      ({ position, signed }) =>
        `Position ${position} is a separator sheet of batch ${signed!.batch}.`
    ),
    ...(bought.length > 0
      ? [
          `${positionsOf(bought)} ${bought.length === 1 ? 'looks' : 'look'} like a bought separator sheet; this batch is split by its own.`
        ]
      : [])
  ]
}

function numbering(judged: readonly Judged[], batch: SplitBatch): string[] {
  const found = new Map<number, number[]>()
  for (const { signed, position } of judged.filter((one) => one.signed?.batch === batch.id))
    found.set(signed!.letter, [...(found.get(signed!.letter) ?? []), position])
  const repeated = [...found].filter(([, positions]) => !sameSheet(positions, judged))
  const highest = Math.max(batch.expected ?? 0, ...found.keys())
  const missing = Array.from({ length: highest }, (_, index) => index + 1).filter(
    (letter) => !found.has(letter)
  )
  return [
    ...repeated.map(
      ([letter, positions]) =>
        `Separator sheet ${letter} lies at positions ${sentenceList(positions)}.`
    ),
    ...(missing.length > 0
      ? [
          `${missing.length === 1 ? 'Separator sheet' : 'Separator sheets'} ${sentenceList(missing)} ${missing.length === 1 ? 'is' : 'are'} missing.`
        ]
      : [])
  ]
}

/**
 * A separator printed on both sides is seen twice in a row, with nothing between; it counts once.
 */
function sameSheet(positions: readonly number[], judged: readonly Judged[]): boolean {
  const [first = 0, last = first] = [positions[0], positions.at(-1)]
  return (
    positions.length <= 2 && judged.slice(first, last - 1).every(({ kind }) => kind === 'blank')
  )
}

function emptiness(judged: readonly Judged[]): string[] {
  const first = judged.findIndex(({ signed }) => signed)
  const early = judged.slice(0, Math.max(0, first)).filter(({ kind }) => kind === 'page')
  const empty = judged.filter(({ signed }, index) => {
    if (!signed) return false
    const next = judged.slice(index + 1).find(({ kind }) => kind !== 'blank')
    return (
      !next ||
      (next.kind === 'separator' &&
        !(next.signed?.letter === signed.letter && next.signed.batch === signed.batch))
    )
  })
  return [
    ...(early.length > 0
      ? [
          `${positionsOf(early)} ${early.length === 1 ? 'lies' : 'lie'} before the first separator sheet.`
        ]
      : []),
    ...(first < 0 && judged.length > 0
      ? ['Separator sheets were printed for this batch, and none was found.']
      : []),
    ...empty.map(({ signed }) => `No page follows separator sheet ${signed!.letter}.`)
  ]
}

function miscount(letters: number, { expected }: SplitBatch): string[] {
  return expected === undefined || expected === letters
    ? []
    : [
        `${plural(letters, 'letter was', 'letters were')} found where ${expected} ${expected === 1 ? 'was' : 'were'} counted.`
      ]
}
