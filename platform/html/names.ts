/** Names of elements, written with white space between them. */
export function namesIn(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/))
}
