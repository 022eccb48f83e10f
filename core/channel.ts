/** The contract every channel fulfils. Implementations live in `channels/<kind>/`; `channels/index.ts` lists them. */
import type { Agency } from '../config/agency.ts'
import type { Settings } from '../config/settings.ts'
import type { Endpoint } from './api/endpoint.ts'
import type { ApiKey } from './api-keys.ts'
import type { Claim } from './confirm.ts'
import type { ChannelKind, EnvelopeDraft } from './envelope.ts'
import type { EvenhandError } from './errors.ts'
import type { IdempotentRequest, StoredAnswer } from './idempotency.ts'
import type { OutboundKind } from './db/tables.ts'
import type { Log } from './logger.ts'
import type { DeliveryReport } from './texts/delivery.ts'
import type { CallTranscript } from './transcripts.ts'
import type { Hopper } from './mailroom/hopper.ts'
import type { Report, ReportQuery } from './reports.ts'
import type { StatusView } from './status.ts'

/** What a channel hands to `accept`: the original bytes and what came with them. */
export interface RawContact {
  readonly channel: ChannelKind
  /** Which of the agency's doors it came by: a mailbox, number, form, folder. */
  readonly source: string
  /** The provider's own id of this delivery. Without one, the hash of the bytes (and of `recipients`) stands in. */
  readonly externalId?: string
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** Our addresses it was delivered to, where the bytes do not say (SMTP RCPT TO, the called number). */
  readonly recipients?: readonly string[]
  /** Who handed it in, as the ledger names them (`key:<id>`, `staff:<id>`); without one the ledger names the channel. */
  readonly actor?: string
  /** Facts about the transport: MAIL FROM, remote address, signature verdict, provider time. */
  readonly evidence: Readonly<Record<string, unknown>>
  /** Set when a machine must not decide about it (bad signature): stored with its place, kept for a person. */
  readonly quarantine?: string
}

/** Something a provider keeps for us that belongs to a contact (a recording, a picture): the core fetches it before `translate`. */
export interface RemoteFile {
  readonly url: string
  readonly name: string
  /** Hosts it may come from, exact names (with the port where it is not 443); a redirect elsewhere is not followed. Only https, or a loopback host named here. */
  readonly hosts: readonly string[]
  readonly maxBytes: number
  /** Such as authorization; never stored, never logged, never sent to another host than the address's own. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A remote file that was fetched, or why it could not be. */
export type FetchedFile =
  | { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly missing: string }

/** A stored raw contact as `translate` sees it. */
export interface StoredRaw extends RawContact {
  readonly sha256: string
  /** What `remoteFiles` asked for, in its order. */
  readonly fetched?: readonly FetchedFile[]
}

/** One envelope made from a raw contact, with its documents' contents in the order of `envelope.documents`. */
export interface Translation {
  readonly envelope: EnvelopeDraft
  readonly contents: readonly Uint8Array[]
  readonly kind: 'message' | 'auto-reply' | 'bounce'
  /** Signed reply tokens and message ids of ours that it carries, for joining an existing case. */
  readonly tokens: readonly string[]
  /** One sentence why this kind, for the trail. */
  readonly reason: string
  /** Why a person must give the text before anything is decided by it (a silent call, a faint page); the place is kept. */
  readonly unsure?: string
  /** Its documents are scans of paper (a copier's mail): the mailroom makes contacts of the letters in them, at this one's arrival. */
  readonly scans?: boolean
}

/** What the sender is told: the same for a first delivery and for its retries. */
export interface Accepted {
  readonly contactId: string
  readonly receipt: string
  readonly arrivedAt: Date
  readonly ordinal: number
  /** True when this delivery had been accepted before. */
  readonly repeated: boolean
}

/** A short message to the resident by the channel they used. */
export interface OutboundMessage {
  /** Which of our ways out it takes. */
  readonly via: 'mail' | 'text'
  /** Our number they know, for a text. */
  readonly from?: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  readonly replyTo?: string
}

/** Why no acknowledgement can or may be sent; recorded as such. */
export interface Undeliverable {
  readonly undeliverable: string
}

/** What an acknowledgement says; carries nothing of what the resident wrote. */
export interface Acknowledgement {
  /** The receipt of a case where it is not said otherwise; a channel that does not know a purpose has no way to serve it. */
  readonly purpose?: OutboundKind
  /** For a question: the earlier contact that this one may be about. */
  readonly earlier?: { readonly receipt: string; readonly arrivedAt: Date }
  readonly receipt: string
  readonly arrivedAt: Date
  readonly departmentName: string
  readonly statusUrl: string
  readonly language: string
  readonly replyTo: string
  readonly messageId: string
}

export interface ChannelRequest {
  readonly method: string
  /** Path below the mount, as given to `route`. */
  readonly path: string
  /** The exact public URL, for signatures. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly query: URLSearchParams
  readonly params: Readonly<Record<string, string>>
  readonly cookies: Readonly<Record<string, string | undefined>>
  /** The body's bytes as they came, never more than the route's bound. */
  readonly body: Uint8Array
  readonly remoteAddress: string
  /** Ends when the asker has gone away. */
  readonly signal?: AbortSignal
}

export interface ChannelResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

export interface ChannelRoute {
  readonly method: 'get' | 'post'
  readonly path: string
  readonly maxBodyBytes: number
  /** Requests allowed per minute from one address. */
  readonly perMinute: number
  /** What it is in the API, where it is a part of that. */
  readonly endpoint?: Endpoint
  handle(request: ChannelRequest): Promise<ChannelResponse>
  /** How this route says what went wrong, also before `handle` (a body too large, too many requests); without it, the site's own page. */
  refuse?(error: EvenhandError, request: ChannelRequest): ChannelResponse
}

/** A listener or poller a channel runs, started only by the process that has its role. */
export interface ChannelService {
  readonly role: 'web' | 'smtp' | 'worker'
  readonly name: string
  start(): Promise<{ stop(): Promise<void>; readonly port?: number }>
}

/** What a channel is given at start: where to put contacts, and where to add its routes and services. */
export interface Intake {
  readonly settings: Settings
  readonly agency: () => Agency
  readonly log: Log
  /** The one door: resolves when bytes and row are on disk. @throws EvenhandError INTAKE_* (retry says whether to try later). */
  accept(raw: RawContact): Promise<Accepted>
  /** What a receipt shows; undefined alike for malformed, unknown and hidden ones. */
  status(receipt: string): Promise<StatusView | undefined>
  /** Contacts that a channel's own clients may ask for again. */
  reports(query: ReportQuery): Promise<Report[]>
  /** The key of another system behind a secret, where it may hand in contacts. @throws EvenhandError KEY_REQUIRED, KEY_SCOPE */
  requireKey(secret: string | undefined): Promise<ApiKey>
  /** Runs the work once for an Idempotency-Key and gives a repeat its first answer (core/idempotency.ts). */
  answerOnce(request: IdempotentRequest, work: () => Promise<StoredAnswer>): Promise<StoredAnswer & { readonly repeated: boolean }>
  /** The receipt of a contact accepted before, by its delivery's identity. */
  receiptOf(source: string, externalId: string): Promise<string | undefined>
  /** The provider says that it has a message of this id: a contact without signature that says the same is known by it from then on, and released if held. Answers whether there was one. */
  confirmed(source: string, claim: Pick<Claim, 'id' | 'evidence' | 'isSame'>): Promise<boolean>
  /** The sender of an accepted contact asks for the receipt as a text. */
  textReceipt(source: string, externalId: string): Promise<void>
  /** What a carrier says became of a message of ours; reports out of order never take one back. */
  delivered(report: DeliveryReport): Promise<void>
  /** What a machine made of a recording, which may come before its contact or long after. */
  transcribed(transcript: CallTranscript): Promise<void>
  /** Something an administrator should hear of: counted in /metrics and logged. Nothing of what somebody sent. */
  alert(what: string, reason: string): void
  /** Where scans of paper go, which the mailroom makes contacts of. */
  hopper(): Hopper
  /** A secret for signing what leaves by this channel, stable over restarts. */
  secret(purpose: string): Uint8Array
  route(route: ChannelRoute): void
  /** Adds an endpoint of the API: checked, counted and described like all of them. */
  endpoint(endpoint: Endpoint): void
  service(service: ChannelService): void
}

export interface Channel {
  readonly kind: ChannelKind
  /** Adds routes, listeners or pollers; never sees Express itself. */
  start(collect: Intake): void
  /** What has to be fetched from the provider before `translate`; runs in the worker process. */
  remoteFiles?(raw: StoredRaw, settings: Settings): readonly RemoteFile[]
  /** Pure: no storage, no queues, no clock, no network. Runs in a worker thread with bounds. */
  translate(raw: StoredRaw): Promise<Translation[]>
  /** A file on disk as this channel would have received it (`evenhand submit`). @throws EvenhandError where it is none of this channel's */
  fromFile(name: string, bytes: Uint8Array, agency: Agency): RawContact
  /** How the sender hears of the receipt by this channel, or why they cannot. */
  acknowledge?(acknowledgement: Acknowledgement, to: Pick<EnvelopeDraft, 'sender' | 'evidence' | 'subject'>, agency: Agency): OutboundMessage | Undeliverable
}
