/**
 * Checks the address to go to after signing in, which somebody else may have crafted: it must be a
 * page of the desk.
 */

/** Most characters; our longest address, a search, has some 300. */
const MAX_LENGTH = 1_000
/** A base for parsing. An address that does not stay below it leads away from the desk. */
const HERE = 'http://desk.invalid'

export function safeNext(asked: unknown): string {
  if (
    typeof asked !== 'string' ||
    asked.length > MAX_LENGTH ||
    !/^\/desk(?:[/?]|$)/.test(asked) ||
    !URL.canParse(asked, HERE)
  )
    return '/desk'
  const { origin, pathname, search } = new URL(asked, HERE)
  const ours =
    origin === HERE &&
    /^\/desk(?:\/[\w/-]*)?$/.test(pathname) &&
    !pathname.includes('//') &&
    !pathname.startsWith('/desk/sign-')
  return ours ? pathname + search : '/desk'
}
