/** The code that shows whose an address is, and the link that stops updates; neither is stored. */
import { isSame, sign } from '../../platform/signing.ts'

/** Six digits, the same for an id each time. */
export function codeOf(secret: Uint8Array, proofId: string): string {
  return String(sign(secret, proofId).readUIntBE(0, 6) % 1_000_000).padStart(6, '0')
}

/** 16 characters of base64url: 96 bits. */
const MAC_LENGTH = 16

/** What stands in an update's link for stopping: no address, and nothing that can be guessed. */
export function stopToken(secret: Uint8Array, proofId: string): string {
  return `${proofId.replaceAll('-', '')}.${mac(secret, proofId)}`
}

/** The proof of a link that we made; else undefined. */
export function readStopToken(secret: Uint8Array, token: string): string | undefined {
  const [, plain = '', given = ''] = /^([0-9a-f]{32})\.([\w-]{16})$/.exec(token) ?? []
  const id = plain.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return isSame(Buffer.from(given), Buffer.from(mac(secret, id))) ? id : undefined
}

function mac(secret: Uint8Array, proofId: string): string {
  return sign(secret, `stop ${proofId}`).toString('base64url').slice(0, MAC_LENGTH)
}
