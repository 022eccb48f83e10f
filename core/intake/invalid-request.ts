import { EvenhandError } from '../../platform/errors.ts'

/** One thing that is wrong with a request: where, and what. */
export interface Flaw {
  readonly detail: string
  /** JSON pointer into the body, as a URI fragment (RFC 6901 section 6). */
  readonly pointer?: string
  /** Name of a parameter in the address. */
  readonly parameter?: string
}

/** A request that is well formed but has wrong values. */
export class InvalidRequest extends EvenhandError {
  readonly flaws: readonly Flaw[]

  constructor(flaws: readonly Flaw[]) {
    super('REQUEST_INVALID')
    this.flaws = flaws
  }
}
