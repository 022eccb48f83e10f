/**
 * Each API endpoint is defined once. The definition checks requests, and the OpenAPI document is
 * generated from it.
 */
import type { z } from 'zod'
import type { ApiKey, Scope } from '../access/api-keys.ts'
import type { ErrorCode } from '../../platform/errors.ts'

/**
 * Who may call: everybody, every key, or a key with a scope (for the department named by a path
 * parameter).
 */
export type CallerAccess =
  | { readonly for: 'everybody' }
  | {
      readonly for: 'keys'
      readonly scope?: Scope
      readonly department?: string
      readonly note?: string
    }

export interface ApiRequest<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** The caller's key, for endpoints that require one. */
  readonly key: ApiKey
  readonly idempotencyKey: string | undefined
  /**
   * Counts a wrong guess against the caller. @throws RATE_LIMITED when one address has made too
   * many
   */
  guessed(what: 'receipt'): Promise<void>
  /** Records in the access log that the key read something (core/access/access-log.ts). */
  recorded(what: string, target: string): void
  /** Aborts when the client has disconnected. */
  readonly signal: AbortSignal | undefined
}

export interface ApiAnswer {
  readonly status: number
  /** Body, sent as JSON. */
  readonly json?: object
  /** Body, sent unchanged; `headers` say what it is. */
  readonly bytes?: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Body<B> {
  readonly schema: z.ZodType<B>
  readonly maxBytes: number
  /** Media type → schema, for bodies other than JSON. */
  readonly content?: Readonly<Record<string, z.ZodType>>
  /**
   * Turns the body's bytes into what the schema checks. JSON if absent. @throws EvenhandError
   * BAD_REQUEST and the like
   */
  read?(bytes: Uint8Array, mediaType: string): Promise<unknown>
  /** The bytes by which two bodies count as the same. If absent, the raw bytes are compared. */
  identify?(body: B, bytes: Uint8Array, mediaType: string): Promise<Uint8Array>
}

export interface AnswerShape {
  readonly description: string
  readonly schema?: z.ZodType
  /** Media type of the answer, if it is not JSON. */
  readonly mediaType?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Endpoint<P = unknown, Q = unknown, B = unknown> {
  readonly method: 'get' | 'post'
  /** Path with parameters in braces: `/v1/lines/{department}`. */
  readonly path: string
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: CallerAccess
  readonly params?: z.ZodType<P>
  readonly query?: z.ZodType<Q>
  readonly body?: Body<B>
  readonly answers: Readonly<Record<number, AnswerShape>>
  /** Errors it can answer with besides those common to all endpoints. */
  readonly problems?: readonly ErrorCode[]
  /** Accepts an Idempotency-Key. */
  readonly repeatable?: boolean
  handle(request: ApiRequest<P, Q, B>): Promise<ApiAnswer>
}

/** Returns the definition unchanged; it only gives the handler the types of the schemas. */
export function endpoint<P = undefined, Q = undefined, B = undefined>(
  definition: Endpoint<P, Q, B>
): Endpoint {
  return definition as unknown as Endpoint
}
