/**
 * Telnyx Programmable Fax: a JSON event, signed with Ed25519, with the address of the pages
 * (developers.telnyx.com, "Receive a fax", "Webhook signing"). One fax causes several events;
 * `fax.received` is the one with pages.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Settings } from '../../config/settings.ts'
import type {
  ChannelRequest,
  ChannelResponse,
  ChannelRoute,
  Intake,
  RawContact,
  RemoteFile
} from '../../core/intake/channel.ts'
import { parseJson } from '../../platform/http-bodies/json.ts'
import type { UnverifiedLimit } from '../../core/intake/unverified-limit.ts'
import { factsOf, type FaxFacts } from './facts.ts'
import { acceptHook, nothingToTake } from '../../core/intake/provider-hook.ts'
import { MAX_EVENT_BYTES, MAX_FAX_BYTES } from './limits.ts'

const eventSchema = z.object({
  data: z.object({
    event_type: z.string(),
    payload: z.object({
      fax_id: z.string().min(1).max(200),
      direction: z.string().optional(),
      from: z.string().optional(),
      to: z.string().optional(),
      media_url: z.string().max(8_000).optional(),
      page_count: z.number().optional(),
      partial_content: z.boolean().optional(),
      failure_reason: z.string().optional()
    }),
    occurred_at: z.string().optional()
  })
})

type Event = z.output<typeof eventSchema>

export function telnyxRoute(intake: Intake, held: UnverifiedLimit): ChannelRoute {
  return {
    method: 'post',
    path: '/hooks/fax/telnyx',
    maxBodyBytes: MAX_EVENT_BYTES,
    handle: (request) => receive(intake, held, request)
  }
}

async function receive(
  intake: Intake,
  held: UnverifiedLimit,
  request: ChannelRequest
): Promise<ChannelResponse> {
  const event = parseEvent(request.body)
  const unproved = whyUnproved(request, intake.settings)
  if (event && !unproved && !bringsPages(event))
    return nothingToTake(intake, 'telnyx', event.data.event_type.slice(0, 100))
  return acceptHook(intake, held, rawContact(request, event, unproved))
}

/**
 * Events before there are pages, and events about faxes we sent. Any other event is accepted,
 * because a new kind may bring a fax.
 */
const withoutPages = new Set([
  'fax.receiving.started',
  'fax.media.processing.started',
  'fax.queued',
  'fax.media.processed',
  'fax.originated',
  'fax.sending.started',
  'fax.delivered'
])

/**
 * A fax that broke off has its pages under `partial_content` or in a failure event. Without an
 * address there are no pages.
 */
function bringsPages({ data: { event_type: type, payload } }: Event): boolean {
  return (
    payload.direction !== 'outbound' &&
    !withoutPages.has(type) &&
    (type !== 'fax.failed' || payload.media_url !== undefined)
  )
}

/** `fax.received` comes once per fax. Any other event with pages of it is a separate delivery. */
function identityOf({ data: { event_type: type, payload } }: Event): string {
  return type === 'fax.received' ? payload.fax_id : `${type}:${payload.fax_id}`
}

function rawContact(
  { body }: ChannelRequest,
  event: Event | undefined,
  unproved: string | undefined
): RawContact {
  return {
    channel: 'fax',
    source: 'telnyx',
    bytes: body,
    mediaType: 'application/json',
    // An unverified event gets no id, because a forged id must not take the place of the real
    // fax's.
    ...(event && !unproved ? { externalId: identityOf(event) } : {}),
    recipients: event?.data.payload.to ? [event.data.payload.to] : [],
    evidence: { signed: !unproved },
    ...(unproved ? { quarantine: unproved } : {})
  }
}

/**
 * Why the signature does not prove that Telnyx sent the event. It covers "timestamp|body", with the
 * account's key. An old timestamp is accepted: a replayed delivery has the fax id of the first one
 * and gets its receipt.
 */
function whyUnproved(
  { headers, body }: ChannelRequest,
  { TELNYX_PUBLIC_KEY: key }: Settings
): string | undefined {
  if (!key) return 'TELNYX_PUBLIC_KEY is not set, so the signature could not be checked.'
  const timestamp = headers['telnyx-timestamp']
  const signature = headers['telnyx-signature-ed25519']
  if (typeof timestamp !== 'string' || typeof signature !== 'string')
    return 'The fax notice is not signed.'
  const good = verify(
    null,
    Buffer.concat([Buffer.from(`${timestamp}|`), body]),
    telnyxKey(key),
    Buffer.from(signature, 'base64')
  )
  return good ? undefined : "The signature of the fax notice is not Telnyx's."
}

/**
 * Telnyx shows the 32 bytes of the key in base64; the prefix added here marks them as Ed25519 (RFC
 * 8410).
 * @throws TypeError if it is no such key
 */
export function telnyxKey(base64: string): KeyObject {
  const raw = Buffer.from(base64, 'base64')
  if (raw.length !== 32) throw new TypeError('an Ed25519 public key has 32 bytes')
  return createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
    format: 'der',
    type: 'spki'
  })
}

function parseEvent(bytes: Uint8Array): Event | undefined {
  try {
    return eventSchema.safeParse(parseJson(bytes)).data
  } catch {
    return undefined
  }
}

/** Telnyx keeps the pages for a short while, at an address that needs no password. */
export function telnyxFiles(
  bytes: Uint8Array,
  { TELNYX_MEDIA_HOSTS: hosts }: Settings
): RemoteFile[] {
  const url = parseEvent(bytes)?.data.payload.media_url
  return url === undefined ? [] : [{ url, name: 'fax.pdf', hosts, maxBytes: MAX_FAX_BYTES }]
}

/** Undefined if the bytes are no Telnyx event. */
export function telnyxFacts(bytes: Uint8Array): FaxFacts | undefined {
  const event = parseEvent(bytes)
  if (!event) return undefined
  const { payload, event_type: type, occurred_at: receivedAt } = event.data
  return factsOf({
    callerNumber: payload.from,
    calledNumber: payload.to,
    communication: payload.fax_id,
    pages: payload.page_count,
    receivedAt,
    partial: payload.partial_content === true || type === 'fax.failed',
    error: payload.failure_reason
  })
}
