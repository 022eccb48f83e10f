import type { Due } from '../../../core/clocks/due.ts'

/** What goes before a due date, so that colour is never the only sign. */
export function sayDue({ state }: Due): string {
  return {
    later: 'Due',
    soon: 'Due soon:',
    over: 'Overdue since',
    stands: 'The clock stands; due, if it went on now,'
  }[state]
}
