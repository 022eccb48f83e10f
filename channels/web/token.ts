/**
 * The hidden token of a form, three things in one: it proves that our page was loaded by the browser that sends it (signed, and
 * bound to a cookie another site cannot set), it grows old, and it names the delivery so that a second click is not a second contact.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { TOKEN_HOURS } from './limits.ts'
import { hiddenFields, type Submission } from './submission.ts'

/** A browser's own random value; kept in a cookie and good for every form it opens. */
export function newBinding(): string {
  return randomBytes(16).toString('base64url')
}

/** Whether a cookie can be one of ours; anything else is replaced. */
export function isBinding(value: string | undefined): value is string {
  return value !== undefined && /^[A-Za-z0-9_-]{22}$/.test(value)
}

/** A fresh token for a page of `form`, as `nonce.time.signature`. */
export function issueToken(secret: Uint8Array, binding: string, form: string, now: number): string {
  const head = `${randomBytes(16).toString('base64url')}.${now.toString(36)}`
  return `${head}.${sign(secret, binding, form, head).toString('base64url')}`
}

/** The nonce of a token that is ours, belongs to this browser and form, and is not older than a day; else undefined. */
export function checkToken(secret: Uint8Array, token: string | undefined, binding: string | undefined, form: string, now: number): string | undefined {
  const [, nonce, time, signature] = /^([A-Za-z0-9_-]{22})\.([a-z0-9]{1,11})\.([A-Za-z0-9_-]{43})$/.exec(token ?? '') ?? []
  if (!nonce || !time || !signature || !isBinding(binding)) return undefined
  const expected = sign(secret, binding, form, `${nonce}.${time}`)
  if (!timingSafeEqual(expected, Buffer.from(signature, 'base64url'))) return undefined
  const age = now - Number.parseInt(time, 36)
  return age <= TOKEN_HOURS * 3_600_000 ? nonce : undefined
}

/**
 * The id of a delivery: the token and what was sent with it. A double click or a reload sends the same again and gets the same
 * receipt; someone who goes back and writes something else has sent something else, which must not vanish behind the first receipt.
 * Keyed, so that nobody who reads the id can try out texts against it.
 */
export function deliveryId(secret: Uint8Array, nonce: string, submission: Submission): string {
  const digest = createHmac('sha256', secret)
  const add = (value: string | Buffer) => digest.update(`${Buffer.byteLength(value)}:`).update(value)
  for (const [name, value] of submission.fields) if (!hiddenFields.has(name)) { add(name); add(value) }
  for (const file of submission.files) { add(file.field); add(file.name); add(file.content) }
  return `${nonce}.${digest.digest('base64url')}`
}

function sign(secret: Uint8Array, binding: string, form: string, head: string): Buffer {
  return createHmac('sha256', secret).update(`${head} ${binding} ${form}`).digest()
}
