/**
 * Receipt codes: 17 random symbols (85 bits) and one check symbol of Crockford's base 32, which has no I, L, O or U, in three
 * groups of six for reading aloud.
 *
 * The check symbol is a one-symbol Reed–Solomon code over GF(32): with weights that are distinct powers of a primitive
 * element it catches every single wrong symbol and every swap of two symbols.
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
 * The stored form of a code as a person typed it (case, spaces, hyphens, O for 0, I or L for 1 do not matter),
 * or undefined when it cannot be one of ours.
 */
export function parseReceipt(typed: string): string | undefined {
  if (typed.length > 100) return undefined
  const plain = typed.toUpperCase().replace(/[\s\-–—.]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  const symbols = Array.from(plain, (symbol) => ALPHABET.indexOf(symbol))
  if (symbols.length !== RANDOM_SYMBOLS + 1 || symbols.includes(-1)) return undefined
  return checkSymbol(symbols.slice(0, RANDOM_SYMBOLS)) === symbols[RANDOM_SYMBOLS] ? format(symbols) : undefined
}

/**
 * A typed code as a token that joins its case: for a field or keypad made for receipts, where whoever knows the code meant to name it.
 * Undefined where it cannot be one of ours. A code in running text is no such token: it may be quoted, or misread.
 */
export function receiptToken(typed: string): string | undefined {
  const receipt = parseReceipt(typed)
  return receipt && `receipt:${receipt}`
}

/** The receipt that such a token names. */
export function receiptOfToken(token: string): string | undefined {
  return token.startsWith('receipt:') ? parseReceipt(token.slice('receipt:'.length)) : undefined
}

/** Codes that a text may name; more would be a list, and no letter. */
const NAMED = 5

/** Receipts named in running text, however they are spaced; at most 5. */
export function receiptsIn(text: string): string[] {
  const found = text.slice(0, 50_000).matchAll(/(?<![0-9A-Za-z])(?:[0-9A-Za-z]{6}[-–—. ]{0,3}){2}[0-9A-Za-z]{6}(?![0-9A-Za-z])/g)
  const receipts = new Set<string>()
  for (const [code] of found) {
    const receipt = parseReceipt(code)
    if (receipt) receipts.add(receipt)
    if (receipts.size === NAMED) break
  }
  return [...receipts]
}

function checkSymbol(symbols: readonly number[]): number {
  return symbols.reduce((sum, symbol, index) => sum ^ (symbol === 0 ? 0 : powers[(logs.get(symbol)! + index + 1) % 31]!), 0)
}

function format(symbols: readonly number[]): string {
  const code = symbols.map((symbol) => ALPHABET[symbol]).join('')
  return `${code.slice(0, 6)}-${code.slice(6, 12)}-${code.slice(12)}`
}
