/**
 * The cookie of a browser in which the answers of one receipt are open: signed, short-lived, sent
 * to that receipt's pages only, and gone when the browser is closed.
 */
import { codeRates } from '../../platform/limits/rates.ts'
import { setCookie } from '../../platform/pages/cookies.ts'
import { makeToken, readToken } from '../../platform/signing.ts'
import type { ChannelRequest, ChannelResponse } from '../../core/intake/channel.ts'
import type { WebIntake } from './intake.ts'
import { isSecure, redirect } from './pages.ts'

const COOKIE = 'evenhand-answer'

export function openAnswers(
  { settings, secret }: WebIntake,
  receipt: string,
  proofId: string
): ChannelResponse {
  const until = Date.now() + codeRates.openMinutes * 60_000
  const value = makeToken(secret('answer'), `${proofId}.${until.toString(36)}`, bindTo(receipt))
  const cookie = setCookie(COOKIE, value, { secure: isSecure(settings), path: `/r/${receipt}` })
  return withCookie(redirect(`/r/${receipt}/answer`), cookie)
}

/** The proof by which this browser opened the answers; undefined where it did not, or long ago. */
export function openedProof(
  { secret }: Pick<WebIntake, 'secret'>,
  request: Pick<ChannelRequest, 'cookies'>,
  receipt: string
): string | undefined {
  const says = readToken(secret('answer'), request.cookies[COOKIE], bindTo(receipt))
  const [, proofId, until] = /^([0-9a-f-]{36})\.([0-9a-z]{1,11})$/.exec(says ?? '') ?? []
  return until && Number.parseInt(until, 36) > Date.now() ? proofId : undefined
}

/** For a computer that others use, too. */
export function closeAnswers(settings: WebIntake['settings'], receipt: string): ChannelResponse {
  const cookie = setCookie(COOKIE, '', {
    secure: isSecure(settings),
    path: `/r/${receipt}`,
    maxAgeSeconds: 0
  })
  return withCookie(redirect(`/r/${receipt}`), cookie)
}

function bindTo(receipt: string): (says: string) => string {
  return (says) => `${says} ${receipt}`
}

function withCookie(response: ChannelResponse, cookie: string): ChannelResponse {
  return { ...response, headers: { ...response.headers, 'set-cookie': [cookie] } }
}
