/** What an administrator should hear of without reading logs: counted here for as long as the process lives, shown by /metrics. */
const counts = new Map<string, number>()

/** @param what a few words joined by hyphens, such as `unsigned-sms`; never what somebody sent */
export function countAlert(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

export function alertCounts(): ReadonlyMap<string, number> {
  return counts
}
