import { setTimeout as pause } from 'node:timers/promises'

export interface Patience {
  /** Between two looks, in ms. */
  readonly everyMs?: number
  /** After so long it fails, in seconds: a guard against what never comes, not a measure. */
  readonly seconds?: number
}

/**
 * Looks again and again until there is something; answers what there is. @throws where it does not
 * come about in time
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { everyMs = 50, seconds = 150 }: Patience = {}
): Promise<Exclude<T, false | undefined>> {
  for (const deadline = performance.now() + seconds * 1_000; performance.now() < deadline;) {
    const found = await look()
    if (found !== undefined && found !== false) return found as Exclude<T, false | undefined>
    await pause(everyMs)
  }
  throw new Error(`it did not come about within ${seconds} seconds`)
}

/**
 * Waits until nothing is left to do, as long as what is left grows less: how long the whole takes
 * is a machine's business. @throws where nothing became less for `seconds`
 */
export async function untilNoneLeft(
  countLeft: () => Promise<number>,
  { everyMs = 500, seconds = 150 }: Patience = {}
): Promise<void> {
  let left = await countLeft()
  while (left > 0) {
    const before = left
    left = await until(
      async () => {
        const now = await countLeft()
        return now < before && { now }
      },
      { everyMs, seconds }
    ).then(({ now }) => now)
  }
}
