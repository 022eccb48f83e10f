import type { Due } from '../../../core/clocks/due.ts'

/** What goes before a due date: which clock it is, with colour never the only sign. */
export function sayDue({ state }: Due): string {
  return {
    later: 'To finish by',
    soon: 'To finish soon, by',
    over: 'Late: was to be finished by',
    stands: 'The clock is paused; if it went on now, to finish by'
  }[state]
}
