import { jest } from '@jest/globals'

/**
 * Keeps the clock from passing into the next minute, for a test of a limit that counts by minutes:
 * on a busy machine its requests may take until then. `jest.restoreAllMocks` ends it.
 */
export function holdMinute(): void {
  const real = Date.now
  const last = Math.floor(real() / 60_000) * 60_000 + 59_999
  jest.spyOn(Date, 'now').mockImplementation(() => Math.min(real(), last))
}
