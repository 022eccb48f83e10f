/**
 * Services that send us by mail what came another way: a fax service, a copier, the website's
 * contact form. Whether a mail is from one is decided before it is accepted. Anybody can write any
 * From address, so a mail counts only with proof of where it came from (docs/decisions/0008).
 * Without proof it stays a mail.
 */
import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import type { Gateway } from '../../config/gateways.ts'
import type { RawContact } from './channel.ts'

/** What is known of a mail when it comes in. */
export interface MailFacts {
  readonly remoteAddress: string
  /** The account that signed in to submit it. */
  readonly user: string | undefined
  /** Addresses of the return path and the From header. */
  readonly senders: readonly string[]
  readonly recipients: readonly string[]
  /** Authentication-Results headers (RFC 8601), the topmost first. */
  readonly authenticationResults: readonly string[]
}

const patternSchema = z.object({ in: z.enum(['subject', 'text', 'file']), pattern: z.string() })

export type GatewayPattern = z.output<typeof patternSchema>

/**
 * The contact as the service's own channel takes it. If the mail is from no such service it comes
 * back unchanged, or with a note for staff.
 */
export function throughGateway(
  raw: RawContact,
  mail: MailFacts,
  gateways: readonly Gateway[]
): RawContact {
  const claimed = gateways.filter((gateway) => isClaimed(gateway, mail))
  for (const gateway of claimed) {
    const proof = proofOf(gateway, mail)
    if (!proof) continue
    // Their mail stays a mail; only its writer is taken from elsewhere in it.
    if (gateway.kind === 'form' || gateway.kind === 'trusted')
      return {
        ...raw,
        evidence: { ...raw.evidence, gateway: { id: gateway.id, kind: gateway.kind, proof } }
      }
    // The patterns are stored with the contact, so that reading it later needs no configuration.
    return {
      ...raw,
      channel: gateway.kind,
      source: `gateway:${gateway.id}`,
      evidence: { ...raw.evidence, gateway: { id: gateway.id, proof, patterns: gateway.patterns } }
    }
  }
  return claimed[0]
    ? { ...raw, evidence: { ...raw.evidence, gatewayUnproved: claimed[0].id } }
    : raw
}

/** The patterns kept with a contact, for its channel's `translate`. */
export function readPatterns(evidence: unknown): readonly GatewayPattern[] {
  return z.object({ patterns: z.array(patternSchema) }).safeParse(evidence).data?.patterns ?? []
}

function isClaimed({ from, recipient }: Gateway, mail: MailFacts): boolean {
  return fitsAny(from, mail.senders) && fitsAny(recipient, mail.recipients)
}

function fitsAny(patterns: readonly string[] | undefined, addresses: readonly string[]): boolean {
  return (
    patterns === undefined ||
    patterns.some((pattern) => addresses.some((address) => fitsAddress(address, pattern)))
  )
}

/** `fax@town.example`, or `@service.example` for every address of a domain. */
function fitsAddress(address: string, pattern: string): boolean {
  const [given, wanted] = [address.toLowerCase(), pattern.toLowerCase()]
  return wanted.startsWith('@') ? given.endsWith(wanted) : given === wanted
}

function proofOf(
  { proof }: Gateway,
  mail: MailFacts
): 'network' | 'user' | 'dkim' | 'spf' | 'from' | undefined {
  // Whoever writes a trusted sender's From could have written the person's as well.
  if (!proof) return 'from'
  if (proof.networks && isWithin(mail.remoteAddress, proof.networks)) return 'network'
  if (proof.users && mail.user !== undefined && proof.users.includes(mail.user)) return 'user'
  const { dkim, spf } = proof
  if (
    dkim &&
    mail.authenticationResults.some((result) => passes(result, 'dkim=pass', 'header.d', dkim))
  )
    return 'dkim'
  return spf &&
    mail.authenticationResults.some((result) => passes(result, 'spf=pass', 'smtp.mailfrom', spf))
    ? 'spf'
    : undefined
}

function isWithin(remoteAddress: string, networks: readonly string[]): boolean {
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(address)
  if (family === 0) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', prefix] = network.split('/')
    const version = isIP(base) === 4 ? 'ipv4' : 'ipv6'
    list.addSubnet(
      base,
      prefix === undefined ? (version === 'ipv4' ? 32 : 128) : Number(prefix),
      version
    )
  }
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * Whether one Authentication-Results header, written by our own mail server, says that the
 * service's domain signed the mail (dkim) or let its server send it (spf, of the return path). That
 * server takes away headers in its name that come from outside (RFC 8601 section 5).
 */
function passes(
  header: string,
  verdict: string,
  property: string,
  { checkedBy, domain }: { checkedBy: string; domain: string }
): boolean {
  const [server = '', ...results] = header
    .replace(/\([^()]*\)/g, ' ')
    .split(';')
    .map((part) => part.trim().toLowerCase())
  if (server.split(/\s/, 1)[0] !== checkedBy.toLowerCase()) return false
  return results.some((result) => {
    const properties = result.split(/\s+/)
    return (
      properties[0] === verdict &&
      properties.some(
        (one) =>
          one.startsWith(`${property}=`) &&
          one.slice(property.length + 1).replace(/^.*@/, '') === domain.toLowerCase()
      )
    )
  })
}
