const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

/** How an all-number date with the year last is read: the United States writes the month first. */
export type DateOrder = 'month-first' | 'day-first'

/**
 * A birth date as digits YYYYMMDD (YYYY where no more is known), from the usual ways to write one.
 * Impossible days such as 1856-01-81 keep their digits: they are slips of the pen and still tell
 * people apart. Empty where there is no date.
 */
export function birthDigits(text: string, order: DateOrder = 'month-first'): string {
  const value = text
    .trim()
    .toLowerCase()
    .replace(/t\d\d:\d\d.*$/, '')
  if (value.length > 40) return ''
  if (/^\d{8}$/.test(value))
    return yearFirst(value)
      ? value
      : numeric(value.slice(0, 2), value.slice(2, 4), value.slice(4), order)
  if (/^\d{4}$/.test(value)) return value
  const iso = /^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})$/.exec(value)
  if (iso) return iso[1]! + two(iso[2]!) + two(iso[3]!)
  const numbers = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})$/.exec(value)
  if (numbers) return numeric(numbers[1]!, numbers[2]!, fullYear(numbers[3]!), order)
  return worded(value)
}

function yearFirst(digits: string): boolean {
  const century = Number(digits.slice(0, 2))
  return century >= 17 && century <= 20 && !(Number(digits.slice(4, 6)) > 31)
}

function numeric(first: string, second: string, year: string, order: DateOrder): string {
  const monthFirst = Number(second) > 12 || (order === 'month-first' && Number(first) <= 12)
  return monthFirst ? year + two(first) + two(second) : year + two(second) + two(first)
}

function worded(value: string): string {
  const parts = value.split(/[^a-z0-9]+/).filter(Boolean)
  const month = parts.map((part) => months.indexOf(part.slice(0, 3))).find((index) => index >= 0)
  const year = parts.find((part) => /^\d{4}$/.test(part))
  if (month === undefined || !year) return ''
  const day = parts.map((part) => /^(\d{1,2})(st|nd|rd|th)?$/.exec(part)?.[1]).find(Boolean)
  return day ? year + two(String(month + 1)) + two(day) : year
}

// Two-digit years belong to the last hundred years; nobody is born in the future.
function fullYear(year: string): string {
  if (year.length === 4) return year
  const now = new Date().getFullYear()
  const near = Math.floor(now / 100) * 100 + Number(year)
  return String(near > now ? near - 100 : near)
}

function two(part: string): string {
  return part.padStart(2, '0')
}
