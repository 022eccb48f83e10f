/** Who vouches for the address that a mail names as its sender's, in words. */
import { isOfDomains } from '../../../channels/email/authenticated.ts'
import type { Authentication } from '../../../channels/email/authentication/verdict.ts'
import type { Envelope } from '../../../core/envelope.ts'

type Shown = Pick<Envelope, 'channel' | 'sender' | 'evidence'>

/** A sentence or two on the From address; undefined where nobody was asked. */
export function vouching({ channel, sender, evidence }: Shown): string | undefined {
  const verdict = evidence['authentication'] as Authentication | undefined
  const servers = evidence['authenticated']
  if (channel !== 'email' || (!verdict && servers === undefined)) return undefined
  const through = (evidence['through'] as { address?: string } | undefined)?.address
  const address = through ?? sender.emails[0]
  if (!address) return undefined
  if (isOfDomains(address, servers)) return `${vouched(address, through)} Our mail server found it.`
  if (verdict?.vouched) return `${vouched(address, through)} ${methods(verdict)}`
  return ['It cannot be verified that the mail comes from this address.', verdict?.unchecked]
    .filter(Boolean)
    .join(' ')
}

function vouched(address: string, through: string | undefined): string {
  return through === undefined
    ? 'The sender’s server vouches for this address.'
    : `The server of ${address} vouches for itself, not for the person who wrote.`
}

function methods({ spf, dkim, dmarc }: Authentication): string {
  const passed = [
    ...(dkim.some(({ result }) => result === 'pass') ? ['DKIM'] : []),
    ...(spf.result === 'pass' ? ['SPF'] : []),
    ...(dmarc.result === 'pass' ? ['DMARC'] : [])
  ]
  return `(${passed.join(', ')})`
}
