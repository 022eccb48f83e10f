/**
 * Finds out how the bytes of a form encode text. Labels are those of the WHATWG Encoding Standard,
 * as browsers know them.
 */

/** The charset parameter of a media type, if it names a known charset. */
export function charsetOf(mediaType: string): string | undefined {
  const parameter = mediaType
    .split(';')
    .slice(1)
    .map((one) => one.trim())
    .find((one) => one.slice(0, 8).toLowerCase() === 'charset=')
  return parameter === undefined ? undefined : knownCharset(parameter.slice(8).replaceAll('"', ''))
}

/**
 * The standard's name of a charset ("iso-8859-1" is "windows-1252"); undefined for an unknown
 * label.
 */
export function knownCharset(label: string): string | undefined {
  // The longest known label has 19 characters.
  if (label.length > 40) return undefined
  try {
    return new TextDecoder(label.trim()).encoding
  } catch {
    return undefined
  }
}

/**
 * Decodes bytes to text; invalid bytes become U+FFFD. A byte order mark selects the order in
 * UTF-16, and is kept as a character in UTF-8.
 */
export function decodeText(bytes: Uint8Array, charset = 'utf-8'): string {
  return new TextDecoder(charset, { ignoreBOM: charset === 'utf-8' }).decode(bytes)
}
