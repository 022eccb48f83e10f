/**
 * Signed tokens in what we send, by which a reply joins its case. A number in a subject line is not one: anybody can guess it,
 * and a guess must not open another person's case.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { parseReceipt } from './receipts.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
/** 16 symbols of base 32: 80 bits of HMAC-SHA-256. */
const MAC_SYMBOLS = 16

/** `<receipt>.<mac>` in lower case: at most 35 characters, so `reply+<token>` stays inside a local part's 64 (RFC 5321). */
export function signReplyToken(receipt: string, secret: Uint8Array): string {
  const plain = receipt.replaceAll('-', '').toLowerCase()
  return `${plain}.${mac(plain, secret)}`
}

/** The receipt a token speaks for, or undefined when we did not sign it. */
export function verifyReplyToken(token: string, secret: Uint8Array): string | undefined {
  const [plain = '', given = ''] = token.toLowerCase().split('.', 2)
  const [claimed, expected] = [Buffer.from(given), Buffer.from(mac(plain, secret))]
  // Bytes, not characters: sixteen letters of another alphabet are more than sixteen bytes, which timingSafeEqual throws on.
  if (claimed.length !== expected.length || !timingSafeEqual(claimed, expected)) return undefined
  return parseReceipt(plain)
}

function mac(plain: string, secret: Uint8Array): string {
  const digest = createHmac('sha256', secret).update(plain).digest()
  return Array.from(digest.subarray(0, MAC_SYMBOLS), (byte) => ALPHABET[byte & 31]).join('')
}
