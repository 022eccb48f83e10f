import { limits } from '../limits.ts'

export const TOO_MANY_MARKS =
  'It has more lines, marks or pictures than are compared with its words: look at the page.'

/** What may be compared on one page, counted before it is: lines, marks and pictures with words. */
export class Comparisons {
  #left: number

  constructor(most: number = limits.comparisonsPerPage) {
    this.#left = most
  }

  /** True while there were no more than may be. */
  get inBounds(): boolean {
    return this.#left >= 0
  }

  /** Takes so many; false where there are no more, for good. */
  take(count: number): boolean {
    if (this.#left >= 0) this.#left -= count
    return this.#left >= 0
  }

  /** Says that something was left out. */
  exceed(): void {
    this.#left = -1
  }
}
