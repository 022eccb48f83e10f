/** Plain sentences for mailroom staff. */

/** Numbers of a long list that are named; the others are only counted. */
const NAMED = 12

export function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

/** "3", "3 and 4", "3, 4 and 9". */
export function sentenceList(items: readonly (number | string)[]): string {
  if (items.length > NAMED)
    return `${items.slice(0, NAMED).join(', ')} and ${items.length - NAMED} more`
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

export function positionsOf(sheets: readonly { readonly position: number }[]): string {
  return `${sheets.length === 1 ? 'Position' : 'Positions'} ${sentenceList(sheets.map(({ position }) => position))}`
}
