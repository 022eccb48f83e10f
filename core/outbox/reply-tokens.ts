/**
 * Signed tokens in the messages we send. A reply joins its case by the token. A number in the
 * subject would not do: anybody can guess it, and a guess must not open another person's case.
 */
import { parseReceipt } from '../contacts/receipts.ts'
import { isSame, sign } from '../../platform/signing.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
/** 16 symbols of base 32: 80 bits of HMAC-SHA-256. */
const MAC_SYMBOLS = 16

/**
 * `<receipt>.<mac>` in lower case: at most 35 characters, so `reply+<token>` stays inside a local
 * part's 64 (RFC 5321).
 */
export function signReplyToken(receipt: string, secret: Uint8Array): string {
  return signed(receipt.replaceAll('-', '').toLowerCase(), secret)
}

/** The receipt that a token was made for, or undefined if we did not sign the token. */
export function verifyReplyToken(token: string, secret: Uint8Array): string | undefined {
  const [plain = ''] = token.split('.', 1)
  return isSame(Buffer.from(token.toLowerCase()), Buffer.from(signed(plain.toLowerCase(), secret)))
    ? parseReceipt(plain)
    : undefined
}

function signed(plain: string, secret: Uint8Array): string {
  return `${plain}.${mac(plain, secret)}`
}

function mac(plain: string, secret: Uint8Array): string {
  return Array.from(
    sign(secret, plain).subarray(0, MAC_SYMBOLS),
    (byte) => ALPHABET[byte & 31]
  ).join('')
}
