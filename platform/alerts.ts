/**
 * Counts what an administrator should notice without reading logs. Counts last as long as the
 * process and are shown by /metrics.
 */
const counts = new Map<string, number>()

/**
 * @param what a few words joined by hyphens, such as `unsigned-sms`; never anything a resident sent
 */
export function countAlert(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

export function alertCounts(): ReadonlyMap<string, number> {
  return counts
}
