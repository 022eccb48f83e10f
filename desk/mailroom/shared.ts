/** What the pages of the bench share. */
import type { Request } from 'express'
import { EvenhandError, type ErrorCode } from '../../core/errors.ts'
import type { BatchView, PageAccount } from '../../core/mailroom/types.ts'
import type { HttpOptions } from '../http-options.ts'

/** Pages of the bench are as wide as the screen, and have its keys and its news. */
export const benchFrame = { current: '/desk/mailroom', wide: true, scripts: ['forms.js', 'desk.js', 'bench.js'] }

export function batchPath(id: string): string {
  return `/desk/mailroom/batches/${id}`
}

/** @throws EvenhandError BATCH_UNKNOWN */
export async function findBatch({ mailroom }: HttpOptions, request: Request): Promise<BatchView> {
  const id = String(request.params['batch'])
  const view = /^[A-Za-z0-9-]{1,40}$/.test(id) ? await mailroom.viewBatch(id) : undefined
  if (!view) throw new EvenhandError('BATCH_UNKNOWN')
  return view
}

/** A sheet's position as the address or a form has it. @throws EvenhandError NOT_FOUND */
export function position(value: unknown): number {
  if (typeof value !== 'string' || !/^[1-9]\d{0,5}$/.test(value)) throw new EvenhandError('NOT_FOUND')
  return Number(value)
}

/** What a person can mend is said on the page they came from; the rest is the error handler's. */
export function refusal(error: unknown): ErrorCode {
  if (error instanceof EvenhandError && !error.report) return error.code
  throw error
}

/** "12 pages in = 9 in letters + 2 separators + 1 blank + 0 withheld". */
export function accountLine({ in: all, letters, separators, blanks, withheld }: PageAccount): string {
  return `${count(all, 'page')} in = ${letters} in letters + ${count(separators, 'separator')} + ${count(blanks, 'blank')} + ${withheld} withheld`
}

/** What the account leaves unexplained; 0 where it balances. */
export function difference({ in: all, letters, separators, blanks, withheld }: PageAccount): number {
  return all - letters - separators - blanks - withheld
}

export function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}

/** "3 days", "5 hours", "12 minutes": how long ago. */
export function formatAge(since: Date, now = Date.now()): string {
  const ms = Math.max(0, now - since.getTime())
  if (ms < 60_000) return 'less than a minute'
  const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]] as const
  const [unit, size] = units.find(([, least]) => ms >= least) ?? ['minute', 60_000]
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(Math.floor(ms / size))
}

export const batchStates = { scanning: 'Scans may come', reading: 'Being read', held: 'Needs a person', released: 'Released' } as const
