import type { Request } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import { storableText } from '../../../platform/text/storable.ts'
import { isBlank } from '../../../platform/text/visible.ts'

/**
 * A typed field as storable text, cut to `limit` characters. Empty if it is missing or has nothing
 * visible.
 */
export function field(request: Request, name: string, limit = 2_000): string {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name]
  const text = Array.isArray(value) ? (value[0] as unknown) : value
  return typeof text === 'string' && !isBlank(text) ? storableText(text.slice(0, limit)).trim() : ''
}

/** All values of a field that may be given more than once (checkboxes). */
export function fieldList(request: Request, name: string): string[] {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name]
  return [value].flat().filter((entry) => typeof entry === 'string')
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An id from the URL. An invalid one counts as unknown, without asking the database. */
export function idParam(
  request: Request,
  name: string,
  unknown: 'CASE_UNKNOWN' | 'NOT_FOUND' | 'STAFF_UNKNOWN' | 'KEY_UNKNOWN' | 'WEBHOOK_UNKNOWN'
): string {
  const id = request.params[name]
  if (typeof id !== 'string' || !UUID.test(id)) throw new EvenhandError(unknown)
  return id
}
