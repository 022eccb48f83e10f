import { v5, v7 } from 'uuid'

/** A UUID that sorts by its creation time (RFC 9562 version 7), which keeps indexes compact. */
export function newId(): string {
  return v7()
}

/** Our name space for ids made from words: a random UUID, drawn once. */
const NAMESPACE = '5d0b6c2e-8f5a-4d7e-9d58-0f7a3c1b92e4'

/** The same UUID for the same words (RFC 9562 version 5): what is done again is known again. */
export function idFrom(words: string): string {
  return v5(words, NAMESPACE)
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/**
 * Whether PostgreSQL accepts the text as a uuid. An invalid id from outside must count as unknown
 * and not make a statement fail.
 */
export function isId(text: string): boolean {
  return UUID.test(text)
}

/** Figures of a short number: of a hundred ids, two are alike once in a million times. */
export const SHORT_NUMBER = 8

/** The end of an id in lower case, by which people name what is to be done. */
export function shortNumber(id: string): string {
  return id.slice(-SHORT_NUMBER)
}

/** Whether somebody named a thing by its short number. */
export function isShortNumber(text: string): boolean {
  return /^[0-9a-f]{8}$/i.test(text)
}
