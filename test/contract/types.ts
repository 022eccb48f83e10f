/** What a channel says about itself to the contract suite. */
import type { AnyChannel } from '../../core/intake/channel.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'

/**
 * How a door answered, whatever its tongue: a 250, a 200, a file moved away; a 451, a 503, a file
 * left in place; a 552, a 413.
 */
export type Answer =
  | { readonly verdict: 'accepted'; readonly receipt?: string | undefined }
  | { readonly verdict: 'later' }
  | { readonly verdict: 'refused' }

/** True, or the reason why this door does not have it. */
export type Feature = true | `because ${string}`

export interface Features {
  /** Every delivery has an id that its sender's program gives it. */
  readonly ids: Feature
  /** Where there are ids, the format lets one be missing. */
  readonly idMayBeMissing: Feature
  /** Deliveries are signed, so that a wrong or missing signature can be told. */
  readonly signatures: Feature
  /** The resident's own words come as text (not as sound or as a picture of paper). */
  readonly words: Feature
  /** An honest message goes to its line without a person's help. */
  readonly line: Feature
  /** What becomes of a delivery with nothing in it. */
  readonly empty: 'accepted' | `refused because ${string}`
  /** A delivery one byte over the bound: kept for a person all the same, or told so. */
  readonly overCap: 'accepted' | `refused because ${string}`
  /**
   * The sender's id again with other content: a retry in other clothes, or another contact. Asked
   * where `ids` is true.
   */
  readonly sameIdOtherBytes: 'first receipt' | 'a contact of its own'
}

export interface Message {
  /** Unique in the run; channels whose provider gives ids use it as that. */
  readonly id: string
  readonly text: string
}

/**
 * One of a channel's doors, opened on a runtime. `D` is whatever this door takes: a request, a
 * mail, a file. Deliveries are made before they are delivered, so that the same one can be
 * delivered again.
 */
export interface Door<D> {
  deliver(delivery: D): Promise<Answer>
  /** A message of `person` as an honest sender's program sends it. */
  honest(message: Message): D | Promise<D>
  empty(): D | Promise<D>
  /** Honest, but without the id; where `idMayBeMissing` is true. */
  withoutId?(message: Message): D | Promise<D>
  /** With a wrong signature, and with none; where `signatures` is true. */
  forged?(message: Message): readonly D[] | Promise<readonly D[]>
  /** Exactly at the bound, and (`over` 1) one byte more. */
  sized(over: 0 | 1): D | Promise<D>
  /**
   * Any bytes where the content should be, delivered as honestly as can be (signed, if that is
   * usual).
   */
  holding(bytes: Uint8Array): D | Promise<D>
  /**
   * Honest, with every claim this door has a place for: an old date, a high rank, an ordinal, a
   * verified identity.
   */
  claiming(message: Message): D | Promise<D>
  /** Keys and tokens that no log may show. */
  readonly secrets: readonly string[]
  close?(): Promise<void>
}

export interface Contract<D> {
  readonly channel: AnyChannel
  /** Which door, for the titles: "SMTP", "the form", "Telnyx". */
  readonly door: string
  readonly features: Features
  readonly environment?: Readonly<Record<string, string>>
  /** What translates, for a channel that is not in `channels/index.ts`. */
  readonly thread?: URL
  open(runtime: OpenRuntime): Promise<Door<D>>
}

/** Who writes in the suite; none of it may be found in a log. */
export const person = {
  name: 'Zebulon Quixwood',
  email: 'zebulon.quixwood@resident.example',
  phone: '+12025550143',
  street: '77 Persimmon Way'
} as const
