/**
 * Telnyx Programmable Fax: an event as JSON, signed with Ed25519, with an address for the pages (developers.telnyx.com, "Receive a fax",
 * "Webhook signing"). Several events come of one fax; `fax.received` is the one with pages.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Settings } from '../../config/settings.ts'
import type { ChannelRequest, ChannelResponse, ChannelRoute, Intake, RawContact, RemoteFile } from '../../core/channel.ts'
import type { HeldRate } from '../../core/held-rate.ts'
import { factsOf, type FaxFacts } from './facts.ts'
import { acceptHook, nothingToTake } from './hook.ts'
import { HOOKS_PER_MINUTE, MAX_EVENT_BYTES, MAX_FAX_BYTES } from './limits.ts'

const eventSchema = z.object({
  data: z.object({
    event_type: z.string(),
    payload: z.object({
      fax_id: z.string().min(1).max(200),
      direction: z.string().optional(),
      from: z.string().optional(), to: z.string().optional(),
      media_url: z.string().max(8_000).optional(),
      page_count: z.number().optional(),
      partial_content: z.boolean().optional(),
      failure_reason: z.string().optional()
    }),
    occurred_at: z.string().optional()
  })
})

type Event = z.output<typeof eventSchema>

export function telnyxRoute(collect: Intake, held: HeldRate): ChannelRoute {
  return { method: 'post', path: '/hooks/fax/telnyx', maxBodyBytes: MAX_EVENT_BYTES, perMinute: HOOKS_PER_MINUTE, handle: (request) => receive(collect, held, request) }
}

async function receive(collect: Intake, held: HeldRate, request: ChannelRequest): Promise<ChannelResponse> {
  const event = parseEvent(request.body)
  const unproved = whyUnproved(request, collect.settings)
  if (event && !unproved && !bringsPages(event)) return nothingToTake(collect, 'telnyx', event.data.event_type.slice(0, 100))
  return acceptHook(collect, held, rawContact(request, event, unproved))
}

/** On the way in before there are pages, and what becomes of our own. Any other event is taken: one that is new may bring a fax. */
const withoutPages = new Set(['fax.receiving.started', 'fax.media.processing.started', 'fax.queued', 'fax.media.processed', 'fax.originated', 'fax.sending.started', 'fax.delivered'])

/** A fax that broke off has its pages under `partial_content` or in an event of failure; without an address nothing came. */
function bringsPages({ data: { event_type: type, payload } }: Event): boolean {
  return payload.direction !== 'outbound' && !withoutPages.has(type) && (type !== 'fax.failed' || payload.media_url !== undefined)
}

/** `fax.received` comes once for a fax; what else may bring pages of it is a delivery of its own. */
function identityOf({ data: { event_type: type, payload } }: Event): string {
  return type === 'fax.received' ? payload.fax_id : `${type}:${payload.fax_id}`
}

function rawContact({ body }: ChannelRequest, event: Event | undefined, unproved: string | undefined): RawContact {
  return {
    channel: 'fax', source: 'telnyx', bytes: body, mediaType: 'application/json',
    // An id that a stranger made up must not take the place of the real fax's.
    ...(event && !unproved ? { externalId: identityOf(event) } : {}),
    recipients: event?.data.payload.to ? [event.data.payload.to] : [],
    evidence: { signed: !unproved },
    ...(unproved ? { quarantine: unproved } : {})
  }
}

/**
 * Why the signature does not prove that Telnyx sent it: over "timestamp|body", by the account's key. An old timestamp is no reason: a delivery
 * that is played back has the fax id of the first one, and gets its receipt.
 */
function whyUnproved({ headers, body }: ChannelRequest, { TELNYX_PUBLIC_KEY: key }: Settings): string | undefined {
  if (!key) return 'TELNYX_PUBLIC_KEY is not set, so the signature could not be checked.'
  const timestamp = headers['telnyx-timestamp']
  const signature = headers['telnyx-signature-ed25519']
  if (typeof timestamp !== 'string' || typeof signature !== 'string') return 'The fax notice is not signed.'
  const good = verify(null, Buffer.concat([Buffer.from(`${timestamp}|`), body]), telnyxKey(key), Buffer.from(signature, 'base64'))
  return good ? undefined : 'The signature of the fax notice is not Telnyx\'s.'
}

/** Telnyx shows the 32 bytes of the key in base64; before them goes what says "Ed25519" (RFC 8410). @throws TypeError where it is none */
export function telnyxKey(base64: string): KeyObject {
  const raw = Buffer.from(base64, 'base64')
  if (raw.length !== 32) throw new TypeError('an Ed25519 public key has 32 bytes')
  return createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' })
}

function parseEvent(bytes: Uint8Array): Event | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch {
    return undefined
  }
}

/** The pages lie at Telnyx's store for a short while, at an address that needs no password. */
export function telnyxFiles(bytes: Uint8Array, { TELNYX_MEDIA_HOSTS: hosts }: Settings): RemoteFile[] {
  const url = parseEvent(bytes)?.data.payload.media_url
  return url === undefined ? [] : [{ url, name: 'fax.pdf', hosts, maxBytes: MAX_FAX_BYTES }]
}

/** Undefined where the bytes are no event of theirs. */
export function telnyxFacts(bytes: Uint8Array): FaxFacts | undefined {
  const event = parseEvent(bytes)
  if (!event) return undefined
  const { payload, event_type: type, occurred_at: receivedAt } = event.data
  return factsOf({
    callerNumber: payload.from, calledNumber: payload.to, communication: payload.fax_id, pages: payload.page_count, receivedAt,
    partial: payload.partial_content === true || type === 'fax.failed', error: payload.failure_reason
  })
}
