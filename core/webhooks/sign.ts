/** Signatures by the Standard Webhooks specification 1.0: HMAC-SHA256 over id, time and body, so that none can be changed or sent again later. */
import { createHmac } from 'node:crypto'
import type { Department } from '../../config/schema.ts'
import type { Ground } from '../ground.ts'

type Hook = NonNullable<Department['webhook']>

/** The secret of a department's receiver, as its administrator puts it there: derived, so that it is in no file and no table. */
export function webhookSecret({ secret }: Pick<Ground, 'secret'>, department: string, version: number): string {
  return `whsec_${Buffer.from(secret(`webhook:${department}:${version}`)).toString('base64')}`
}

/** Headers of a delivery. While a secret is changed over, the one before signs too: the receiver may know either. */
export function signedHeaders(ground: Pick<Ground, 'secret'>, department: string, { secretVersion }: Hook, id: string, body: string, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const versions = secretVersion > 1 ? [secretVersion, secretVersion - 1] : [secretVersion]
  const signatures = versions.map((version) => {
    const key = Buffer.from(webhookSecret(ground, department, version).slice('whsec_'.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
