import type { FaxFacts } from './facts.ts'

/**
 * A fax, whichever way it came: facts of the call, its pages, and what else staff may want to see.
 */
export interface ReadFax {
  readonly facts: FaxFacts
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[]
  /** Why there are no pages, if there are none. */
  readonly missing?: string
  readonly evidence?: Readonly<Record<string, unknown>>
  readonly reason: string
}
