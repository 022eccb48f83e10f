/**
 * Text that PostgreSQL and JSON can store: no NUL (text and jsonb cannot store U+0000) and no lone
 * surrogates (jsonb refuses them). Both become U+FFFD, so that nothing is silently shortened.
 */
export function storableText(value: string): string {
  return value.toWellFormed().replaceAll('\u0000', '\uFFFD')
}

/** Deepest nesting of stored evidence. A provider's own notes have three or four levels. */
const DEPTH_LIMIT = 32

/**
 * A value that jsonb can store: every text in it, keys included, is made storable, and what is
 * nested deeper than 32 levels is cut off.
 */
export function storableValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storableText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_LIMIT) return '\u2026'
  if (Array.isArray(value)) return value.map((entry) => storableValue(entry, depth + 1))
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return storableValue(value.toJSON(), depth + 1)
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      storableText(key),
      storableValue(entry, depth + 1)
    ])
  )
}
