import type { CookieOptions, Response } from 'express'
import { publicUrl, type Settings } from '../../../config/settings.ts'

export const SESSION_COOKIE = 'evenhand-session'
/**
 * A random value for a browser before anyone signs in, so that the sign-in form's token can be
 * bound to it.
 */
export const VISIT_COOKIE = 'evenhand-visit'
export const CSRF_COOKIE = 'evenhand-csrf'
export const FLASH_COOKIE = 'evenhand-flash'

export function cookieOptions(
  settings: Settings
): CookieOptions & { httpOnly: true; sameSite: 'lax' } {
  return {
    httpOnly: true,
    sameSite: 'lax',
    path: '/desk',
    secure: publicUrl(settings).startsWith('https:')
  }
}

/** A cookie for the desk only. It ends with the browser unless `maxAge` (ms) is given. */
export function setDeskCookie(
  response: Response,
  settings: Settings,
  {
    name,
    value,
    maxAge
  }: { readonly name: string; readonly value: string; readonly maxAge?: number }
): void {
  response.cookie(name, value, {
    ...cookieOptions(settings),
    ...(maxAge === undefined ? {} : { maxAge })
  })
}

export function clearDeskCookie(response: Response, settings: Settings, name: string): void {
  response.clearCookie(name, cookieOptions(settings))
}
