/**
 * The agency's own e-mail addresses: who writes from one writes as the agency, and is no
 * constituent.
 */
import type { Agency } from '../../config/agency.ts'
import { domainOf } from '../../platform/text/mail-domain.ts'
import { publicDomains } from '../contacts/public-domains.ts'

/**
 * Tells whether an address is of an account, is named as ours in the configuration, or is of a
 * domain of those that are. That a town has a mailbox at a provider at which anybody gets one makes
 * only that mailbox its own.
 * @param accounts addresses of staff
 */
export function ownAddresses(
  { departments, mailboxes = [] }: Pick<Agency, 'departments' | 'mailboxes'>,
  accounts: readonly string[]
): (email: string) => boolean {
  const named = [departments.agency.email, ...mailboxes.map(({ address }) => address)]
  const ours = named.map((address) => address.toLowerCase())
  const own = new Set([...ours, ...accounts.map((address) => address.toLowerCase())])
  const domains = new Set(ours.map(domainOf))
  for (const domain of publicDomains) domains.delete(domain)
  return (email) => {
    const address = email.trim().toLowerCase()
    const domain = domainOf(address)
    return (
      own.has(address) || [...domains].some((one) => domain === one || domain.endsWith(`.${one}`))
    )
  }
}
