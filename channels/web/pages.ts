/** Shared by this channel's handlers: the visitor's language, and how pages are answered. */
import type { Agency } from '../../config/agency.ts'
import { publicUrl, type Settings } from '../../config/settings.ts'
import type { ChannelRequest, ChannelResponse } from '../../core/intake/channel.ts'
import {
  LANGUAGE_COOKIE,
  LANGUAGE_COOKIE_SECONDS,
  setCookie
} from '../../platform/pages/cookies.ts'
import { pickLanguage } from '../../platform/pages/language.ts'

/** The language to show a page in. */
export function languageFor(
  request: Pick<ChannelRequest, 'headers' | 'query' | 'cookies'>,
  agency: Agency
): string {
  const accept = request.headers['accept-language']
  const wish = {
    query: request.query.get('lang'),
    cookie: request.cookies[LANGUAGE_COOKIE],
    accept: Array.isArray(accept) ? accept[0] : accept
  }
  return pickLanguage(wish, agency.departments.agency.languages)
}

/** A page as an answer. If the URL names a language, it is remembered. */
export function page(
  status: number,
  body: string,
  request: ChannelRequest,
  settings: Settings,
  agency: Agency,
  cookies: readonly string[] = []
): ChannelResponse {
  const asked = request.query.get('lang')
  const known = asked !== null && agency.departments.agency.languages.includes(asked)
  const remembered = known
    ? [
        setCookie(LANGUAGE_COOKIE, asked, {
          secure: isSecure(settings),
          maxAgeSeconds: LANGUAGE_COOKIE_SECONDS
        })
      ]
    : []
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'set-cookie': [...cookies, ...remembered]
  }
  return { status, body, headers }
}

/** 303 See Other: the browser loads `location` with GET, so that a reload sends nothing again. */
export function redirect(location: string): ChannelResponse {
  return { status: 303, headers: { location, 'cache-control': 'no-store' } }
}

/** Whether residents use https, so that cookies must not be sent without it. */
export function isSecure(settings: Settings): boolean {
  return publicUrl(settings).startsWith('https:')
}
