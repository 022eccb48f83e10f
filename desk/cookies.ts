import type { CookieOptions, Response } from 'express'
import { publicUrl, type Settings } from '../config/settings.ts'

export const SESSION_COOKIE = 'evenhand-session'
/** A random value of the browser before anyone signed in, so that the sign-in form has something to be bound to. */
export const VISIT_COOKIE = 'evenhand-visit'
export const CSRF_COOKIE = 'evenhand-csrf'
export const FLASH_COOKIE = 'evenhand-flash'

export function cookieOptions(settings: Settings): CookieOptions & { httpOnly: true; sameSite: 'lax' } {
  return { httpOnly: true, sameSite: 'lax', path: '/desk', secure: publicUrl(settings).startsWith('https:') }
}

/** A cookie for the desk only, ending with the browser unless `maxAge` (ms) says otherwise. */
export function setDeskCookie(response: Response, settings: Settings, name: string, value: string, maxAge?: number): void {
  response.cookie(name, value, { ...cookieOptions(settings), ...(maxAge === undefined ? {} : { maxAge }) })
}

export function clearDeskCookie(response: Response, settings: Settings, name: string): void {
  response.clearCookie(name, cookieOptions(settings))
}
