/**
 * The domains for which our own mail server found a mail to be genuine (RFC 8601). Such headers
 * from anybody else do not count, because anybody can write them.
 */
import { domainOf } from '../../platform/text/mail-domain.ts'
import type { HeaderFields } from './headers.ts'

/** Most domains kept per mail; a mail has a handful of signatures. */
const MOST = 10
const LONGEST = 4_000

// Where each method's result names the domain (RFC 8601 section 2.7).
const properties: Readonly<Record<string, RegExp>> = {
  dkim: /\bheader\.d=([^\s;@"]+)/,
  dmarc: /\bheader\.from=(?:[^\s;@"]*@)?([^\s;@"]+)/,
  spf: /\bsmtp\.mailfrom=(?:[^\s;@"]*@)?([^\s;@"]+)/
}

/**
 * Domains for which DKIM, DMARC or SPF passed, from the topmost Authentication-Results header that
 * `server` wrote. Empty if no server of ours is configured. That server removes headers in its name
 * from incoming mail (RFC 8601 section 5).
 */
export function authenticatedDomains(fields: HeaderFields, server: string | undefined): string[] {
  if (server === undefined) return []
  for (const value of fields.get('authentication-results') ?? []) {
    const [by = '', ...results] = value
      .slice(0, LONGEST)
      .replace(/\([^()]*\)/g, ' ')
      .toLowerCase()
      .split(';')
      .map((part) => part.trim())
    if (by.split(/\s/, 1)[0] === server.toLowerCase())
      return [...new Set(results.flatMap(passed))].slice(0, MOST)
  }
  return []
}

function passed(result: string): string[] {
  const method = /^(dkim|dmarc|spf)\s*=\s*pass\b/.exec(result)?.[1]
  const domain = method && properties[method]!.exec(result)?.[1]
  return domain ? [domain] : []
}

/** Whether an address belongs to one of the domains or to a subdomain of one. */
export function isOfDomains(address: string, domains: unknown): boolean {
  const own = domainOf(address)
  return (
    Array.isArray(domains) &&
    domains.some((domain) => own === domain || own.endsWith(`.${String(domain)}`))
  )
}
