/**
 * Receipt codes: 17 random symbols (85 bits) and one check symbol in Crockford's base 32, which has
 * no I, L, O or U, in three groups of six for reading aloud. The check symbol is a one-symbol
 * Reed–Solomon code over GF(32): with weights that are distinct powers of a primitive element it
 * detects every single wrong symbol and every swap of two symbols.
 */
import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const RANDOM_SYMBOLS = 17

// GF(2^5) by the primitive polynomial x^5 + x^2 + 1.
const powers = Array.from({ length: 31 }, () => 0)
for (let exponent = 0, value = 1; exponent < 31; exponent++) {
  powers[exponent] = value
  value <<= 1
  if (value & 32) value ^= 0b100101
}
const logs = new Map(powers.map((value, exponent) => [value, exponent]))

/** A new code, as stored and printed: `XXXXXX-XXXXXX-XXXXXX`. */
export function newReceipt(): string {
  const bytes = randomBytes(RANDOM_SYMBOLS)
  const symbols = Array.from(bytes, (byte) => byte & 31)
  return format([...symbols, checkSymbol(symbols)])
}

/**
 * The stored form of a typed code, or undefined if it cannot be one of ours. Case, spaces and
 * hyphens do not matter, and O counts as 0, I and L as 1.
 */
export function parseReceipt(typed: string): string | undefined {
  if (typed.length > 100) return undefined
  const plain = typed
    .toUpperCase()
    .replace(/[\s\-–—.]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  const symbols = Array.from(plain, (symbol) => ALPHABET.indexOf(symbol))
  if (symbols.length !== RANDOM_SYMBOLS + 1 || symbols.includes(-1)) return undefined
  return checkSymbol(symbols.slice(0, RANDOM_SYMBOLS)) === symbols[RANDOM_SYMBOLS]
    ? format(symbols)
    : undefined
}

/**
 * A code typed into a field or keypad for receipts, as a token that joins its case: somebody who
 * typed it there meant that case. Undefined if it cannot be one of ours. A code in running text is
 * no such token, because it may be quoted or misread.
 */
export function receiptToken(typed: string): string | undefined {
  const receipt = parseReceipt(typed)
  return receipt && `receipt:${receipt}`
}

/** The receipt that such a token contains. */
export function receiptOfToken(token: string): string | undefined {
  return token.startsWith('receipt:') ? parseReceipt(token.slice('receipt:'.length)) : undefined
}

/** Most codes used from one text; a text with more is a list, not a letter. */
const NAMED = 5

/** Receipts in running text, whatever their spacing; at most 5. */
export function receiptsIn(text: string): string[] {
  const found = text
    .slice(0, 50_000)
    .matchAll(/(?<![0-9A-Za-z])(?:[0-9A-Za-z]{6}[-–—. ]{0,3}){2}[0-9A-Za-z]{6}(?![0-9A-Za-z])/g)
  const receipts = new Set<string>()
  for (const [code] of found) {
    const receipt = parseReceipt(code)
    if (receipt) receipts.add(receipt)
    if (receipts.size === NAMED) break
  }
  return [...receipts]
}

function checkSymbol(symbols: readonly number[]): number {
  return symbols.reduce(
    (sum, symbol, index) =>
      sum ^ (symbol === 0 ? 0 : powers[(logs.get(symbol)! + index + 1) % 31]!),
    0
  )
}

function format(symbols: readonly number[]): string {
  const code = symbols.map((symbol) => ALPHABET[symbol]).join('')
  return `${code.slice(0, 6)}-${code.slice(6, 12)}-${code.slice(12)}`
}
