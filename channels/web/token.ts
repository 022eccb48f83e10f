/**
 * The hidden token of a form. It proves that the browser that sends the form has loaded our page
 * (it is signed, and bound to a cookie that another site cannot set). It expires. It also
 * identifies the delivery, so that a second click makes no second contact.
 */
import { randomBytes } from 'node:crypto'
import { TOKEN_HOURS } from './limits.ts'
import { hiddenFields, type Submission } from './submission.ts'
import { makeToken, readToken, signList } from '../../platform/signing.ts'

/** A browser's random value, stored in a cookie and used for every form it opens. */
export function newBinding(): string {
  return randomBytes(16).toString('base64url')
}

/** Whether a cookie has the form of ours; any other is replaced. */
export function isBinding(value: string | undefined): value is string {
  return value !== undefined && /^[A-Za-z0-9_-]{22}$/.test(value)
}

/** A new token for a page of `form`, as `nonce.time.signature`. */
export function issueToken(secret: Uint8Array, binding: string, form: string, now: number): string {
  return makeToken(
    secret,
    `${randomBytes(16).toString('base64url')}.${now.toString(36)}`,
    bindTo(binding, form)
  )
}

/**
 * The nonce of a token that we signed for this browser and form and that is at most a day old; else
 * undefined.
 */
export function checkToken(
  secret: Uint8Array,
  token: string | undefined,
  binding: string | undefined,
  form: string,
  now: number
): string | undefined {
  if (!isBinding(binding)) return undefined
  const [, nonce, time] =
    /^([A-Za-z0-9_-]{22})\.([a-z0-9]{1,11})$/.exec(
      readToken(secret, token, bindTo(binding, form)) ?? ''
    ) ?? []
  if (!nonce || !time) return undefined
  const age = now - Number.parseInt(time, 36)
  return age <= TOKEN_HOURS * 3_600_000 ? nonce : undefined
}

/**
 * The id of a delivery: the token and what was sent with it. A double click or a reload sends the
 * same again and gets the same receipt. Somebody who goes back and writes something else has sent
 * another contact, which must not get the first one's receipt. The hash is keyed, so that nobody
 * who reads the id can test guessed texts against it.
 */
export function deliveryId(secret: Uint8Array, nonce: string, submission: Submission): string {
  const typed = submission.fields.filter(([name]) => !hiddenFields.has(name)).flat()
  return `${nonce}.${signList(secret, [...typed, ...submission.files.flatMap(({ field, name, content }) => [field, name, content])])}`
}

function bindTo(binding: string, form: string): (head: string) => string {
  return (head) => `${head} ${binding} ${form}`
}
