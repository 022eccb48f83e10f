/** The filters of GET requests. */
import { parseReceipt } from '../../core/receipts.ts'
import type { ReportQuery } from '../../core/reports.ts'
import { addDays, parseDate } from './dates.ts'
import type { Problem } from './format.ts'
import { MAX_ASKED, MAX_DAYS, MAX_PAGE, MAX_REPORTS } from './limits.ts'

export type Filters = Pick<ReportQuery, 'categories' | 'from' | 'to' | 'ended' | 'limit' | 'offset'>

/** Receipts where any are named, which overrides all else; or filters; or what is wrong with them. */
export function readQuery(query: URLSearchParams, now: Date): { receipts: string[] } | Filters | { problems: Problem[] } {
  const asked = listOf(query, 'service_request_id')
  if (asked.length > MAX_ASKED) return { problems: [bad(`service_request_id names more than ${MAX_ASKED} reports.`)] }
  if (asked.length > 0) return { receipts: asked.flatMap((id) => parseReceipt(id) ?? []) }
  const range = readRange(query, now)
  const statuses = listOf(query, 'status').map((status) => status.toLowerCase())
  const [page, size] = [readNumber(query, 'page', 1, MAX_PAGE), readNumber(query, 'page_size', MAX_REPORTS, MAX_REPORTS)]
  const problems = [
    ...('problems' in range ? range.problems : []),
    ...(statuses.some((status) => status !== 'open' && status !== 'closed') ? [bad('status must be open or closed.')] : []),
    ...(page === undefined ? [bad(`page must be a number from 1 to ${MAX_PAGE}.`)] : []),
    ...(size === undefined ? [bad(`page_size must be a number from 1 to ${MAX_REPORTS}.`)] : [])
  ]
  if (problems.length > 0 || 'problems' in range || page === undefined || size === undefined) return { problems }
  const codes = listOf(query, 'service_code')
  const both = new Set(statuses).size !== 1
  return { ...range, ...(codes.length > 0 ? { categories: codes } : {}), ...(both ? {} : { ended: statuses[0] === 'closed' }), limit: size, offset: (page - 1) * size }
}

/** The latest 90 days; one end alone stands for the 90 days from or up to it. */
function readRange(query: URLSearchParams, now: Date): { from: Date; to: Date } | { problems: Problem[] } {
  const [start, end] = [readDate(query, 'start_date', 'start'), readDate(query, 'end_date', 'end')]
  if (start === null || end === null) return { problems: [bad('start_date and end_date must be dates with their zone, such as 2026-01-31T00:00:00Z.')] }
  const to = end ?? (start ? addDays(start, MAX_DAYS) : now)
  const from = start ?? addDays(to, -MAX_DAYS)
  if (from > to) return { problems: [bad('start_date must not be after end_date.')] }
  return to > addDays(from, MAX_DAYS) ? { problems: [bad(`start_date and end_date may be at most ${MAX_DAYS} days apart.`)] } : { from, to }
}

/** Null where it is none. */
function readDate(query: URLSearchParams, name: string, edge: 'start' | 'end'): Date | null | undefined {
  const text = query.get(name)?.trim()
  return text ? parseDate(text, edge) ?? null : undefined
}

function readNumber(query: URLSearchParams, name: string, otherwise: number, most: number): number | undefined {
  const text = query.get(name)?.trim()
  if (!text) return otherwise
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  return value >= 1 && value <= most ? value : undefined
}

/** "can be declared multiple times, comma delimited" */
function listOf(query: URLSearchParams, name: string): string[] {
  return query.getAll(name).flatMap((value) => value.split(',')).map((value) => value.trim()).filter(Boolean)
}

function bad(description: string): Problem {
  return { status: 400, description }
}
