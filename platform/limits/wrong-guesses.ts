/**
 * Counts wrong guesses per address over all processes together. A right guess is never counted, and
 * never refused, whoever else guesses from the same address, but where checking it costs much.
 */
import { EvenhandError } from '../errors.ts'
import { addressKey } from './address-key.ts'
import { rates } from './rates.ts'
import type { SharedCounter } from './shared-counter.ts'

export type Guessed = 'receipt' | 'key' | 'link' | 'mail-sign-in'

const most: Readonly<Record<Guessed, number>> = {
  receipt: rates.wrongReceipts,
  key: rates.wrongKeys,
  link: rates.wrongLinks,
  'mail-sign-in': rates.mailSignIns
}

export class WrongGuesses {
  readonly #counter: SharedCounter

  constructor(counter: SharedCounter) {
    this.#counter = counter
  }

  /**
   * Counts a wrong guess. @throws RATE_LIMITED when the address has made too many in this minute
   */
  async count(what: Guessed, address: string): Promise<void> {
    const { isWithin } = await this.#counter.take(keyOf(what, address), most[what])
    if (!isWithin) throw new EvenhandError('RATE_LIMITED')
  }

  /** Whether an address has made all its wrong guesses of this minute. */
  isSpent(what: Guessed, address: string): Promise<boolean> {
    return this.#counter.isSpent(keyOf(what, address), most[what])
  }
}

function keyOf(what: Guessed, address: string): string {
  return `${what} ${addressKey(address)}`
}
