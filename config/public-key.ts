import { createPublicKey, type KeyObject } from 'node:crypto'

/**
 * A public key as providers show it: PEM, or the same in one line of base64 (SubjectPublicKeyInfo,
 * RFC 5280).
 * @throws Error if it is none
 */
export function publicKeyOf(text: string): KeyObject {
  const base64 = text.replace(/-----[A-Z ]+-----/g, '').replace(/\\n|\s/g, '')
  return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' })
}

/** Whether it is a public key of this kind ("rsa", "ec"). */
export function isPublicKey(text: string, kind: KeyObject['asymmetricKeyType']): boolean {
  try {
    return publicKeyOf(text).asymmetricKeyType === kind
  } catch {
    return false
  }
}
