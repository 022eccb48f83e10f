/** Groups the same letter from different people, one contact after another. */
import { KeyIndex, leastShared } from '../duplicates/key-index.ts'
import { sketch } from '../duplicates/sketch.ts'
import type { Comparable } from '../duplicates/comparable.ts'
import { sameLetter } from './overlap.ts'

/**
 * Groups of numbered texts, in memory. The cost per text stays constant as groups grow to
 * thousands.
 */
export class CampaignGroups {
  readonly #index = new KeyIndex()
  readonly #texts: Comparable[] = []
  readonly #parents: number[] = []

  /** Adds a text and returns its number: 0, 1, 2, … */
  add(text: Comparable): number {
    const no = this.#texts.push(text) - 1
    this.#parents.push(no)
    const keys = sketch(text.letters)
    for (const { no: other } of this.#index.find(keys, leastShared(keys))) {
      if (
        this.groupOf(other) !== this.groupOf(no) &&
        sameLetter(text, this.#texts[other] as Comparable)
      )
        this.#join(other, no)
    }
    this.#index.add(no, keys)
    return no
  }

  /** The group of a text, named by its earliest text. A text unlike any other is a group of one. */
  groupOf(no: number): number {
    let root = no
    while (this.#parents[root] !== root) root = this.#parents[root] as number
    this.#parents[no] = root
    return root
  }

  /** All groups of two or more, members in order of arrival. */
  groups(): number[][] {
    const byRoot = Map.groupBy(this.#parents.keys(), (no) => this.groupOf(no))
    return [...byRoot.values()].filter((members) => members.length > 1)
  }

  #join(a: number, b: number): void {
    const [earlier, later] = [this.groupOf(a), this.groupOf(b)].sort((x, y) => x - y) as [
      number,
      number
    ]
    this.#parents[later] = earlier
  }
}
