/**
 * Who vouches for the sender of a mail: DKIM (RFC 6376), SPF (RFC 7208), DMARC (RFC 9989) and ARC
 * (RFC 8617), as mailauth finds them. The verdict is evidence. Nothing is refused or set aside for
 * it, because forwarders of honest mail break all of these.
 */
import {
  authenticate,
  type AuthenticateResult,
  type DKIMResult,
  type DNSResolver,
  type SPFResult
} from 'mailauth'
import { isOfDomains } from '../authenticated.ts'
import { authenticationLimits as limits } from '../limits.ts'

/** A mail as the transport brought it. */
export interface Delivered {
  readonly bytes: Uint8Array
  /** MAIL FROM; empty if it was <>. */
  readonly mailFrom: string
  /** The server that connected, if it is the sender's and not one of ours. */
  readonly peer?: { readonly address: string; readonly hello: string }
}

/** What one method found, in the words of RFC 8601 section 2.7, and for which domain. */
export interface Finding {
  readonly result: string
  readonly domain?: string
}

/** The verdict as it stands in the envelope's evidence, under `authentication`. */
export interface Authentication {
  /** True if the domain of the From address is shown to have sent it or to have signed all of it. */
  readonly vouched: boolean
  /** `unknown` where the sending server's address did not reach us. */
  readonly spf: Finding
  readonly dkim: readonly (Finding & { readonly selector?: string })[]
  readonly dmarc: Finding & { readonly policy?: string }
  readonly arc: Finding
  /** Why it says nothing, or not all. */
  readonly unchecked?: string
}

/** Signatures kept; a mail has one or two. */
const MOST = 10
/** Characters kept of a name in the DNS (RFC 1035 section 2.3.4). */
const NAME = 255

export const reasons = {
  off: 'The name service that it needs is not asked here.',
  unsigned: 'It has no signature, and the server that sent it is not known here.',
  late: 'The name service did not answer in time.',
  silent: 'No name service answers.',
  busy: 'Too many mails were being checked at once.',
  signatures: 'It has more signatures than are checked, or is too large for those that it has.',
  lines: 'Its lines are too many or too long to be checked.',
  broken: 'The check did not end.'
} as const

/** A verdict that says nothing, and why. */
export function unchecked(reason: string): Authentication {
  const result = 'unknown'
  return {
    vouched: false,
    spf: { result },
    dkim: [],
    dmarc: { result },
    arc: { result },
    unchecked: reason
  }
}

/** Whether its lines are such as programs for mail write; see `authenticationLimits`. */
export function hasOrdinaryLines(bytes: Buffer): boolean {
  let [lines, start] = [0, 0]
  while (start < bytes.length && lines <= limits.lines) {
    const end = bytes.indexOf(10, start)
    if ((end < 0 ? bytes.length : end) - start > limits.lineBytes) return false
    if (end < 0) return true
    start = end + 1
    lines += 1
  }
  return lines <= limits.lines
}

/**
 * Checks one mail. Everything that it asks the network goes through `resolve`, which bounds it.
 * @throws what mailauth throws on a mail that it cannot take apart
 */
export async function authenticationOf(
  { bytes, mailFrom, peer }: Delivered,
  resolve: DNSResolver
): Promise<Authentication> {
  const found = await authenticate(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
    resolver: resolve,
    sender: mailFrom,
    mta: 'evenhand.invalid',
    disableBimi: true,
    rejectRsaSha1: true,
    ...(peer ? { ip: peer.address, helo: peer.hello } : {})
  })
  return verdictOf(found, peer !== undefined)
}

function verdictOf(found: AuthenticateResult, isPeerKnown: boolean): Authentication {
  const { dkim, dmarc, arc } = found
  const signatures = (dkim.results ?? []).filter(({ signingDomain }) => signingDomain)
  const verdict = {
    vouched: isVouched(found, signatures),
    spf: isPeerKnown
      ? finding(found.spf || undefined, spfDomain(found.spf))
      : { result: 'unknown' },
    dkim: signatures.slice(0, MOST).map((signature) => ({
      ...finding(signature, signature.signingDomain),
      ...(signature.selector ? { selector: signature.selector.slice(0, NAME) } : {})
    })),
    dmarc: dmarc
      ? { ...finding(dmarc, dmarc.domain), ...(dmarc.policy ? { policy: dmarc.policy } : {}) }
      : { result: 'none' },
    arc: finding(
      arc || undefined,
      (arc && arc.signature && arc.signature.signingDomain) || undefined
    )
  }
  const results = [verdict.spf, ...verdict.dkim, verdict.dmarc].map(({ result }) => result)
  return !verdict.vouched && results.includes('temperror')
    ? { ...verdict, unchecked: reasons.late }
    : verdict
}

/**
 * DMARC decides where the domain publishes it. A domain without it vouches by a signature or by SPF
 * in its own name. A signature of the beginning only (l=) lets anybody add words, so that it does
 * not count.
 */
function isVouched({ dkim, spf, dmarc }: AuthenticateResult, signatures: DKIMResult[]): boolean {
  const from = dkim.headerFrom ?? []
  if (from.length !== 1) return false
  const sent = spf && spf.status.result === 'pass' ? [spf.domain] : []
  const whole = signatures.some(
    ({ status }) => status.result === 'pass' && status.aligned && !status.underSized
  )
  if (dmarc && dmarc.status.result !== 'none')
    return dmarc.status.result === 'pass' && (whole || Boolean(dmarc.alignment?.spf?.result))
  return whole || isOfDomains(from[0]!, sent)
}

function finding(
  method: { readonly status: { readonly result: string } } | undefined,
  domain: string | undefined
): Finding {
  return {
    result: method?.status.result ?? 'none',
    ...(domain ? { domain: domain.slice(0, NAME) } : {})
  }
}

function spfDomain(spf: SPFResult | false): string | undefined {
  return spf ? spf.domain : undefined
}
