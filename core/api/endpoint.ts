/** One definition of each endpoint of the API: it checks requests, and the OpenAPI document is made of it. */
import type { z } from 'zod'
import type { ApiKey, Scope } from '../api-keys.ts'
import type { ErrorCode } from '../errors.ts'

/** Who may ask: everybody, every key, or a key with a scope (of the department that a path parameter names). */
export type Access =
  | { readonly for: 'everybody'; readonly perMinute: number }
  | { readonly for: 'keys'; readonly scope?: Scope; readonly department?: string; readonly note?: string }

export interface ApiRequest<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** Of an endpoint that is for keys. */
  readonly key: ApiKey
  readonly idempotencyKey: string | undefined
  /** Ends when the asker has gone away. */
  readonly signal: AbortSignal | undefined
}

export interface ApiAnswer {
  readonly status: number
  /** Sent as JSON. */
  readonly json?: object
  /** Sent as they are, with headers that say what they are. */
  readonly bytes?: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Body<B> {
  readonly schema: z.ZodType<B>
  readonly maxBytes: number
  /** Media types and what each holds, where there are others than JSON. */
  readonly content?: Readonly<Record<string, z.ZodType>>
  /** Bytes to what the schema checks; JSON where there is none. @throws EvenhandError BAD_REQUEST and the like */
  read?(bytes: Uint8Array, mediaType: string): Promise<unknown>
  /** What makes two bodies the same, where their bytes do not. */
  identify?(body: B, bytes: Uint8Array, mediaType: string): Promise<Uint8Array>
}

export interface AnswerShape {
  readonly description: string
  readonly schema?: z.ZodType
  /** Where it is not JSON. */
  readonly mediaType?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Endpoint<P = unknown, Q = unknown, B = unknown> {
  readonly method: 'get' | 'post'
  /** With parameters in braces: `/v1/lines/{department}`. */
  readonly path: string
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  readonly params?: z.ZodType<P>
  readonly query?: z.ZodType<Q>
  readonly body?: Body<B>
  readonly answers: Readonly<Record<number, AnswerShape>>
  /** What can go wrong besides what can with every endpoint. */
  readonly problems?: readonly ErrorCode[]
  /** Takes an Idempotency-Key. */
  readonly repeatable?: boolean
  handle(request: ApiRequest<P, Q, B>): Promise<ApiAnswer>
}

/** Gives the handler the types of the schemas beside it. */
export function endpoint<P = undefined, Q = undefined, B = undefined>(definition: Endpoint<P, Q, B>): Endpoint {
  return definition as unknown as Endpoint
}
