/**
 * Counts wrong guesses per address over all processes together. A right guess is never counted and
 * never refused, whoever else guesses from the same address.
 */
import { EvenhandError } from '../errors.ts'
import { addressKey } from './address-key.ts'
import { rates } from './rates.ts'
import type { SharedCounter } from './shared-counter.ts'

export type Guessed = 'receipt' | 'key' | 'link'

const most: Readonly<Record<Guessed, number>> = {
  receipt: rates.wrongReceipts,
  key: rates.wrongKeys,
  link: rates.wrongLinks
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
    const { isWithin } = await this.#counter.take(`${what} ${addressKey(address)}`, most[what])
    if (!isWithin) throw new EvenhandError('RATE_LIMITED')
  }
}
