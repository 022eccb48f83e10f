/**
 * Sets a cookie for our own pages only: hidden from scripts, not sent with other sites' posts, and
 * https only if the agency uses https.
 */
export function setCookie(
  name: string,
  value: string,
  options: { secure: boolean; maxAgeSeconds?: number; path?: string }
): string {
  const age = options.maxAgeSeconds === undefined ? '' : `; Max-Age=${options.maxAgeSeconds}`
  return `${name}=${value}; Path=${options.path ?? '/'}; HttpOnly; SameSite=Lax${age}${options.secure ? '; Secure' : ''}`
}

/** Holds the language that the resident chose, and nothing else about them. */
export const LANGUAGE_COOKIE = 'evenhand-language'
export const LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600
