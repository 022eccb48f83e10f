/**
 * A signed mark in each form that says for whom it was made. If a form arrives after its session
 * has ended, the mark still tells who filled it in. Nobody else can make such a mark, so it also
 * proves that the form is ours.
 */
import { makeToken, readToken } from '../../../platform/signing.ts'

export interface FormOwner {
  readonly staffId: string
  /** Tells one session of the same person from another. */
  readonly session: string
}

/** Separates a form's token from the mark of its owner. */
const SEPARATOR = '~'
/** Characters kept of a session's hash: enough to compare, useless for anything else. */
const SESSION_LENGTH = 12

export function markForm(token: string, secret: Uint8Array, owner: FormOwner | undefined): string {
  if (!owner) return token
  return [
    token,
    makeToken(secret, `${owner.staffId}.${owner.session.slice(0, SESSION_LENGTH)}`, itself)
  ].join(SEPARATOR)
}

/** The part that proves that the form belongs to the session. */
export function tokenOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.split(SEPARATOR, 1)[0] : undefined
}

/** Whose form it was. Undefined if nobody was signed in, or we did not make the mark. */
export function ownerOf(value: unknown, secret: Uint8Array): FormOwner | undefined {
  if (typeof value !== 'string' || !value.includes(SEPARATOR)) return undefined
  const mark = readToken(secret, value.slice(value.lastIndexOf(SEPARATOR) + 1), itself)
  const [, staffId, session] = /^([0-9a-f-]{36})\.([\w-]{12})$/.exec(mark ?? '') ?? []
  return staffId && session ? { staffId, session } : undefined
}

export function isOfSession(owner: FormOwner, session: string): boolean {
  return owner.session === session.slice(0, SESSION_LENGTH)
}

function itself(says: string): string {
  return says
}
