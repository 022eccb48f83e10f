import type { Request } from 'express'
import { EvenhandError } from '../core/errors.ts'
import { storableText } from '../core/envelope.ts'

/** A typed field as text that can be stored, cut to `limit` characters; empty where it is missing. */
export function field(request: Request, name: string, limit = 2_000): string {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name]
  const text = Array.isArray(value) ? value[0] as unknown : value
  return typeof text === 'string' ? storableText(text.slice(0, limit)).trim() : ''
}

/** All values of a field that may be given more than once (checkboxes). */
export function fieldList(request: Request, name: string): string[] {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name]
  return [value].flat().filter((entry) => typeof entry === 'string')
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An id from the address; anything that cannot be one is unknown before the database is asked. */
export function idParam(request: Request, name: string, unknown: 'CASE_UNKNOWN' | 'NOT_FOUND' | 'STAFF_UNKNOWN' | 'KEY_UNKNOWN' | 'WEBHOOK_UNKNOWN'): string {
  const id = request.params[name]
  if (typeof id !== 'string' || !UUID.test(id)) throw new EvenhandError(unknown)
  return id
}
