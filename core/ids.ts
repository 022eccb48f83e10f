import { v7 } from 'uuid'

/** A UUID that sorts by time of making (RFC 9562 version 7), which keeps indexes compact. */
export function newId(): string {
  return v7()
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** Whether PostgreSQL would take it for a uuid; an id from outside that is none names nothing, and must not fail a statement. */
export function isId(text: string): boolean {
  return UUID.test(text)
}
