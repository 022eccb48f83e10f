/** What the pages of the mailroom share. */
import type { Request } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import type { BatchView, PageCount } from '../../../core/mailroom/types.ts'
import type { WebContext } from '../../context.ts'

/**
 * Pages of the mailroom use the whole width of the screen, with its keyboard shortcuts and update
 * notices.
 */
export const workFrame = {
  current: '/desk/mailroom',
  scripts: ['forms.js', 'desk.js', 'work-screen.js']
}

export function batchPath(id: string): string {
  return `/desk/mailroom/batches/${id}`
}

/** @throws EvenhandError BATCH_UNKNOWN */
export async function findBatch(
  { mailroom }: Pick<WebContext, 'mailroom'>,
  request: Request
): Promise<BatchView> {
  const id = String(request.params['batch'])
  const view = /^[A-Za-z0-9-]{1,40}$/.test(id) ? await mailroom.viewBatch(id) : undefined
  if (!view) throw new EvenhandError('BATCH_UNKNOWN')
  return view
}

/** A sheet's position from the URL or a form. @throws EvenhandError NOT_FOUND */
export function position(value: unknown): number {
  if (typeof value !== 'string' || !/^[1-9]\d{0,5}$/.test(value))
    throw new EvenhandError('NOT_FOUND')
  return Number(value)
}

/** "12 pages in = 9 in letters + 2 separators + 1 blank + 0 withheld". */
export function accountLine({ in: all, letters, separators, blanks, withheld }: PageCount): string {
  return `${count(all, 'page')} in = ${letters} in letters + ${count(separators, 'separator')} + ${count(blanks, 'blank')} + ${withheld} withheld`
}

/** Pages that the count does not explain; 0 if it balances. */
export function difference({ in: all, letters, separators, blanks, withheld }: PageCount): number {
  return all - letters - separators - blanks - withheld
}

export function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}

export const batchStates = {
  scanning: 'Scans may come',
  reading: 'Being read',
  held: 'Needs a person',
  released: 'Released'
} as const
