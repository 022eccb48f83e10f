/** The filters of GET requests. */
import { parseReceipt } from '../../core/contacts/receipts.ts'
import type { ReportQuery } from '../../core/contacts/service-requests.ts'
import { addDays, parseDate } from './dates.ts'
import type { Problem } from './format.ts'
import { MAX_ASKED, MAX_DAYS, MAX_PAGE, MAX_REPORTS } from './limits.ts'

export type Filters = Pick<
  ReportQuery,
  'categories' | 'from' | 'to' | 'updatedFrom' | 'updatedTo' | 'ended' | 'limit' | 'offset'
>

/**
 * The receipts asked for, which override all filters; or the filters; or what is wrong with them.
 */
export function readQuery(
  query: URLSearchParams,
  now: Date
): { receipts: string[] } | Filters | { problems: Problem[] } {
  const asked = listOf(query, 'service_request_id')
  if (asked.length > MAX_ASKED)
    return { problems: [bad(`service_request_id names more than ${MAX_ASKED} reports.`)] }
  if (asked.length > 0) return { receipts: asked.flatMap((id) => parseReceipt(id) ?? []) }
  const range = readRange(query, now)
  const statuses = listOf(query, 'status').map((status) => status.toLowerCase())
  const [page, size] = [
    readNumber(query, 'page', 1, MAX_PAGE),
    readNumber(query, 'page_size', MAX_REPORTS, MAX_REPORTS)
  ]
  const problems = [
    ...('problems' in range ? range.problems : []),
    ...(statuses.some((status) => status !== 'open' && status !== 'closed')
      ? [bad('status must be open or closed.')]
      : []),
    ...(page === undefined ? [bad(`page must be a number from 1 to ${MAX_PAGE}.`)] : []),
    ...(size === undefined ? [bad(`page_size must be a number from 1 to ${MAX_REPORTS}.`)] : [])
  ]
  if (problems.length > 0 || 'problems' in range || page === undefined || size === undefined)
    return { problems }
  const codes = listOf(query, 'service_code')
  const both = new Set(statuses).size !== 1
  return {
    ...range,
    ...(codes.length > 0 ? { categories: codes } : {}),
    ...(both ? {} : { ended: statuses[0] === 'closed' }),
    limit: size,
    offset: (page - 1) * size
  }
}

/**
 * By default the latest 90 days. If only one end of the sending time is given, the 90 days from it
 * or up to it. Reports can be filtered by when they were sent, when they changed, or both.
 */
function readRange(
  query: URLSearchParams,
  now: Date
): Pick<Filters, 'from' | 'to' | 'updatedFrom' | 'updatedTo'> | { problems: Problem[] } {
  const requested = readSpan(query, 'start_date', 'end_date', now)
  const updated = readUpdated(query)
  const problems = [requested, updated].flatMap((span) =>
    span && 'problems' in span ? span.problems : []
  )
  if (
    problems.length > 0 ||
    (requested && 'problems' in requested) ||
    (updated && 'problems' in updated)
  )
    return { problems }
  // A client that asks what changed means reports of any age, unless it gives other dates.
  return {
    ...updated,
    ...(requested ?? (updated ? {} : { from: addDays(now, -MAX_DAYS), to: now }))
  }
}

/**
 * Changes as long ago as asked: a client that was off for half a year asks for everything since.
 * Undefined if neither end is given.
 */
function readUpdated(
  query: URLSearchParams
): Pick<Filters, 'updatedFrom' | 'updatedTo'> | { problems: Problem[] } | undefined {
  const [from, to] = [
    readDate(query, 'updated_after', 'start'),
    readDate(query, 'updated_before', 'end')
  ]
  if (from === null || to === null)
    return { problems: [noDates('updated_after', 'updated_before')] }
  if (from && to && from > to)
    return { problems: [bad('updated_after must not be after updated_before.')] }
  return from || to
    ? { ...(from ? { updatedFrom: from } : {}), ...(to ? { updatedTo: to } : {}) }
    : undefined
}

/** A span of at most 90 days given by two arguments; undefined if neither is given. */
function readSpan(
  query: URLSearchParams,
  first: string,
  last: string,
  now: Date
): { from: Date; to: Date } | { problems: Problem[] } | undefined {
  const [start, end] = [readDate(query, first, 'start'), readDate(query, last, 'end')]
  if (start === undefined && end === undefined) return undefined
  if (start === null || end === null) return { problems: [noDates(first, last)] }
  const to = end ?? (start ? addDays(start, MAX_DAYS) : now)
  const from = start ?? addDays(to, -MAX_DAYS)
  if (from > to) return { problems: [bad(`${first} must not be after ${last}.`)] }
  return to > addDays(from, MAX_DAYS)
    ? { problems: [bad(`${first} and ${last} may be at most ${MAX_DAYS} days apart.`)] }
    : { from, to }
}

/** Null if it is no valid date. */
function readDate(
  query: URLSearchParams,
  name: string,
  edge: 'start' | 'end'
): Date | null | undefined {
  const text = query.get(name)?.trim()
  return text ? (parseDate(text, edge) ?? null) : undefined
}

function readNumber(
  query: URLSearchParams,
  name: string,
  otherwise: number,
  most: number
): number | undefined {
  const text = query.get(name)?.trim()
  if (!text) return otherwise
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  return value >= 1 && value <= most ? value : undefined
}

/** "can be declared multiple times, comma delimited" */
function listOf(query: URLSearchParams, name: string): string[] {
  return query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter(Boolean)
}

function noDates(first: string, last: string): Problem {
  return bad(`${first} and ${last} must be dates with their zone, such as 2026-01-31T00:00:00Z.`)
}

function bad(description: string): Problem {
  return { status: 400, description }
}
