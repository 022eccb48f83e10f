import { dateFromSerial, format, isDateFormat } from 'numfmt'

/**
 * Formats that every workbook has without writing them (ISO 29500-1, 18.8.30); dates, which each
 * country shows its own way, as ISO 8601.
 */
const builtIn: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  12: '# ?/?',
  13: '# ??/??',
  14: 'yyyy-mm-dd',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'yyyy-mm-dd hh:mm',
  37: '#,##0;(#,##0)',
  38: '#,##0;(#,##0)',
  39: '#,##0.00;(#,##0.00)',
  40: '#,##0.00;(#,##0.00)',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss.0',
  48: '##0.0E+0',
  49: '@'
}
/** Excel takes no longer ones. */
const FORMAT_LENGTH = 255
/** Days from the first of 1900 to the first of 1904, by which some workbooks count. */
const DAYS_1904 = 1_462
/** Dates end with the year 9999. */
const LAST_DAY = 2_958_466

/** The format of a number in force: the workbook's own, else the one that every workbook has. */
export function formatCode(id: number, own: ReadonlyMap<number, string>): string {
  const code = own.get(id) ?? builtIn[id] ?? 'General'
  return code.length > FORMAT_LENGTH ? 'General' : code
}

/** A number as its cell shows it, with the exact one after it where the cell shows less. */
export function shownNumber(
  raw: string,
  code: string,
  { from1904 }: { readonly from1904: boolean }
): string {
  const value = Number(raw)
  if (raw.trim() === '' || !Number.isFinite(value) || /^(general|@)$/i.test(code))
    return tidyNumber(raw, value)
  const isDate = attempt(() => isDateFormat(code)) === true
  const days = isDate && from1904 ? value + DAYS_1904 : value
  const shown = attempt(() => format(code, days))?.trim() ?? ''
  return withExact(
    shown,
    isDate && days >= 0 && days < LAST_DAY ? isoOf(days) : tidyNumber(raw, value),
    isDate ? undefined : value
  )
}

/**
 * What is shown; what it stands for is added where it cannot be told from that. `value` is
 * undefined for dates.
 */
export function withExact(shown: string, exact: string, value?: number): string {
  if (shown === '') return exact
  const told = value === undefined ? tellsDate(shown, exact) : tellsNumber(shown, value)
  return told || shown === exact ? shown : `${shown} (${exact})`
}

/** The day and the year are there, or there is only a time. */
function tellsDate(shown: string, exact: string): boolean {
  const [, year, , day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(exact) ?? []
  return (
    year === undefined ||
    (shown.includes(year) && new RegExp(`(^|\\D)0?${Number(day)}(\\D|$)`).test(shown))
  )
}

function tellsNumber(shown: string, value: number): boolean {
  const digits = shown.replace(/[^\d.,eE+-]/g, '')
  const read = [digits.replaceAll(',', ''), digits.replaceAll('.', '').replace(',', '.')].map(
    (text) => Math.abs(Number(text))
  )
  const size = Math.abs(value)
  return read.some((number) =>
    [number, number / 100].some((one) => Math.abs(one - size) <= size * 1e-9)
  )
}

/** Ten digits: the fifteen that are stored end with what a machine could not divide. */
function tidyNumber(raw: string, value: number): string {
  return raw.trim() !== '' &&
    Number.isFinite(value) &&
    raw.length > 12 &&
    !Number.isSafeInteger(value)
    ? String(Number(value.toPrecision(10)))
    : raw
}

function isoOf(days: number): string {
  const [year, month, day, hour, minute, second] = dateFromSerial(days).map((part) =>
    String(part).padStart(2, '0')
  )
  const time = days % 1 === 0 ? '' : ` ${hour}:${minute}:${second}`
  return days < 1 ? time.trim() || '0' : `${year!.padStart(4, '0')}-${month}-${day}${time}`
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
