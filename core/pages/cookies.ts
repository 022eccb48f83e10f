/** A cookie for our own pages only: not for scripts, not for other sites' posts, not in clear where the agency uses https. */
export function setCookie(name: string, value: string, options: { secure: boolean; maxAgeSeconds?: number }): string {
  const age = options.maxAgeSeconds === undefined ? '' : `; Max-Age=${options.maxAgeSeconds}`
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${age}${options.secure ? '; Secure' : ''}`
}

/** The resident's choice of language; says nothing about them but that. */
export const LANGUAGE_COOKIE = 'evenhand-language'
export const LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600
