import { domainToASCII } from 'node:url'

/**
 * Decides whether mail for an address is accepted. Entries are domains ("town.gov") or addresses
 * ("parks@town.gov"), in any case; without entries every recipient is accepted. For every domain
 * named, answers to our messages (reply+…@) and postmaster@ (RFC 5321 section 4.5.1) are accepted
 * too.
 */
export function recipientPolicy(entries: readonly string[]): (address: string) => boolean {
  const allowed = new Set(entries.map(normal))
  const domains = new Set(entries.map(domainOf))
  return (address) => {
    if (allowed.size === 0 || allowed.has(domainOf(address)) || allowed.has(normal(address)))
      return true
    return /^(reply\+.+|postmaster)@/i.test(address) && domains.has(domainOf(address))
  }
}

function normal(entry: string): string {
  const at = entry.lastIndexOf('@')
  // parks+anything@town.gov is parks@town.gov (subaddressing, RFC 5233).
  return at <= 0
    ? domainOf(entry)
    : `${entry
        .slice(0, at)
        .toLowerCase()
        .replace(/(?<=.)\+.*$/, '')}@${domainOf(entry)}`
}

function domainOf(entry: string): string {
  const name = entry.slice(entry.lastIndexOf('@') + 1).replace(/\.$/, '')
  return (domainToASCII(name) || name).toLowerCase()
}
