/**
 * Services that hand in by mail what came another way: a fax service, a copier. Whether a mail is one is decided at the door it comes by, before it
 * is accepted. A From can be written by anybody, so that a mail counts only with a proof of its way (docs/decisions/0008); without one it stays a mail.
 */
import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import type { Gateway } from '../config/gateways.ts'
import type { RawContact } from './channel.ts'

/** What the door knows of a mail. */
export interface MailFacts {
  readonly remoteAddress: string
  /** Who signed in to hand it in. */
  readonly user: string | undefined
  /** Addresses of the return path and the From header. */
  readonly senders: readonly string[]
  readonly recipients: readonly string[]
  /** Authentication-Results headers (RFC 8601), the topmost first. */
  readonly authenticationResults: readonly string[]
}

const patternSchema = z.object({ in: z.enum(['subject', 'text', 'file']), pattern: z.string() })

export type GatewayPattern = z.output<typeof patternSchema>

/** The contact as its gateway's channel gets it; unchanged, or with a note for staff, where it is none of a gateway's. */
export function throughGateway(raw: RawContact, mail: MailFacts, gateways: readonly Gateway[]): RawContact {
  const claimed = gateways.filter((gateway) => isClaimed(gateway, mail))
  for (const gateway of claimed) {
    const proof = proofOf(gateway, mail)
    if (!proof) continue
    // The patterns are kept with it: reading it later needs no configuration.
    return { ...raw, channel: gateway.kind, source: `gateway:${gateway.id}`, evidence: { ...raw.evidence, gateway: { id: gateway.id, proof, patterns: gateway.patterns } } }
  }
  return claimed[0] ? { ...raw, evidence: { ...raw.evidence, gatewayUnproved: claimed[0].id } } : raw
}

/** The patterns kept with a contact, for its channel's `translate`. */
export function readPatterns(evidence: unknown): readonly GatewayPattern[] {
  return z.object({ patterns: z.array(patternSchema) }).safeParse(evidence).data?.patterns ?? []
}

function isClaimed({ from, recipient }: Gateway, mail: MailFacts): boolean {
  return fitsAny(from, mail.senders) && fitsAny(recipient, mail.recipients)
}

function fitsAny(patterns: readonly string[] | undefined, addresses: readonly string[]): boolean {
  return patterns === undefined || patterns.some((pattern) => addresses.some((address) => fitsAddress(address, pattern)))
}

/** `fax@town.example`, or `@service.example` for every address of a domain. */
function fitsAddress(address: string, pattern: string): boolean {
  const [given, wanted] = [address.toLowerCase(), pattern.toLowerCase()]
  return wanted.startsWith('@') ? given.endsWith(wanted) : given === wanted
}

function proofOf({ proof }: Gateway, mail: MailFacts): 'network' | 'user' | 'dkim' | undefined {
  if (proof.networks && isWithin(mail.remoteAddress, proof.networks)) return 'network'
  if (proof.users && mail.user !== undefined && proof.users.includes(mail.user)) return 'user'
  const { dkim } = proof
  return dkim && mail.authenticationResults.some((result) => dkimPasses(result, dkim)) ? 'dkim' : undefined
}

function isWithin(remoteAddress: string, networks: readonly string[]): boolean {
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '')
  const family = isIP(address)
  if (family === 0) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', prefix] = network.split('/')
    const version = isIP(base) === 4 ? 'ipv4' : 'ipv6'
    list.addSubnet(base, prefix === undefined ? (version === 'ipv4' ? 32 : 128) : Number(prefix), version)
  }
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/**
 * Whether one Authentication-Results header, written by our own mail server, says that the service's domain signed the mail. That
 * server takes away headers in its name that come from outside (RFC 8601 section 5).
 */
function dkimPasses(header: string, { checkedBy, domain }: { checkedBy: string, domain: string }): boolean {
  const [server = '', ...results] = header.replace(/\([^()]*\)/g, ' ').split(';').map((part) => part.trim().toLowerCase())
  if (server.split(/\s/, 1)[0] !== checkedBy.toLowerCase()) return false
  return results.some((result) => {
    const properties = result.split(/\s+/)
    return properties[0] === 'dkim=pass' && properties.some((property) => property === `header.d=${domain.toLowerCase()}`)
  })
}
