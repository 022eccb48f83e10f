/**
 * The contract every channel fulfils. Implementations live in `channels/<kind>/`;
 * `channels/index.ts` lists them.
 */
import type { Agency } from '../../config/agency.ts'
import type { Settings } from '../../config/settings.ts'
import type { DownloadFile } from '../../platform/http-client/download.ts'
import type { Endpoint } from './endpoint.ts'
import type { ApiKey } from '../access/api-keys.ts'
import type { ProviderClaim } from '../contacts/confirm-held.ts'
import type { ChannelKind, EnvelopeDraft } from '../envelope.ts'
import type { EvenhandError } from '../../platform/errors.ts'
import type { Log } from '../../platform/logger.ts'
import type { DeliveryReport } from './delivery-report.ts'
import type { CallTranscript } from './call-transcript.ts'
import type { AddressProofs } from './address-proofs.ts'
import type { MailboxRecords } from './mailbox-records.ts'
import type { MailReport, Noted } from './mail-report.ts'
import type { ScanIntake } from './scan-intake.ts'
import type { ServiceReport, ReportQuery } from '../contacts/service-requests.ts'
import type { StatusView } from '../contacts/resident-status.ts'
import type { ResidentPage } from '../contacts/resident-page.ts'

/** What a channel hands to `accept`: the original bytes and what came with them. */
export interface RawContact {
  readonly channel: ChannelKind
  /** The mailbox, number, form or folder it came to. */
  readonly source: string
  /**
   * The provider's own id of this delivery. If there is none, the hash of the bytes and
   * `recipients` is used instead.
   */
  readonly externalId?: string
  readonly bytes: Uint8Array
  readonly mediaType: string
  /**
   * Our addresses it was delivered to, if the bytes do not name them (SMTP RCPT TO, the called
   * number).
   */
  readonly recipients?: readonly string[]
  /**
   * Who submitted it, as the ledger names them (`key:<id>`, `staff:<id>`). If absent, the ledger
   * names the channel.
   */
  readonly actor?: string
  /** Facts about the transport: MAIL FROM, remote address, signature verdict, provider time. */
  readonly evidence: Readonly<Record<string, unknown>>
  /**
   * Why a machine must not decide about it (for example a bad signature). It is stored with its
   * place in line and waits for a person.
   */
  readonly quarantine?: string
}

/**
 * A file that the provider stores for us and that belongs to a contact (a recording, a picture).
 * The core fetches it before `translate`.
 */
export interface RemoteFile extends DownloadFile {
  readonly name: string
  /**
   * Where the file is, if what the address gives only says that. @throws EvenhandError FETCH_* if
   * it does not say it
   */
  readonly leadsTo?: (bytes: Uint8Array) => DownloadFile
}

/** A remote file that was fetched, or why it could not be. */
export type FetchedFile =
  | { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly missing: string }

/** A stored raw contact as `translate` sees it. */
export interface StoredRaw extends RawContact {
  readonly sha256: string
  /** The files that `remoteFiles` asked for, in the same order. */
  readonly fetched?: readonly FetchedFile[]
}

/**
 * One envelope made from a raw contact, with its documents' contents in the order of
 * `envelope.documents`.
 */
export interface Translation {
  readonly envelope: EnvelopeDraft
  readonly contents: readonly Uint8Array[]
  readonly kind: 'message' | 'auto-reply' | 'bounce'
  /**
   * Signed reply tokens and message ids of ours that it contains. They join it to an existing case.
   */
  readonly tokens: readonly string[]
  /** One sentence that says why it is of this kind, for the trail. */
  readonly reason: string
  /**
   * Why a person must supply the text before anything is decided (a silent call, a faint page). It
   * keeps its place in line.
   */
  readonly unsure?: string
  /**
   * True if its documents are scans of paper (a copier's mail). The mailroom then makes contacts of
   * the letters in them, with this contact's arrival.
   */
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

/** A short message to the resident by the channel they used, or by mail. */
export interface OutboundMessage {
  /** How we send it. */
  readonly via: 'mail' | 'text'
  /** For a text: the number of ours that the resident knows. */
  readonly from?: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  readonly replyTo?: string
  /** Sent along with a mail. */
  readonly files?: readonly {
    readonly name: string
    readonly mediaType: string
    readonly content: Uint8Array
  }[]
}

/** Why no acknowledgement can or may be sent. The reason is recorded. */
export interface Undeliverable {
  readonly undeliverable: string
}

/**
 * What a sender is to be sent: the receipt of a case, a receipt asked for by telephone, a question,
 * or which number is ours. `answer:<id>` is the agency's own answer to one contact; its text is in
 * `answers`. `code:<id>` and `update:<id>.<event>` go to an address of `address_proofs`.
 */
export type OutboundKind =
  | 'acknowledgement'
  | 'receipt-by-text'
  | 'question'
  | 'help'
  | `answer:${string}`
  | `code:${string}`
  | `update:${string}`

/** What an acknowledgement says. It repeats nothing that the resident wrote. */
export interface Acknowledgement {
  /** Absent: the receipt of a case. A channel that does not know a purpose cannot send it. */
  readonly purpose?: OutboundKind
  /** For a question: the earlier contact that this one may be about. */
  readonly earlier?: { readonly receipt: string; readonly arrivedAt: Date }
  readonly receipt: string
  readonly arrivedAt: Date
  /** Empty until the department is known. */
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
  /**
   * Of a form too large for the route: its text fields, where the route asked for them. The body is
   * empty then.
   */
  readonly textFields?: readonly (readonly [name: string, value: string])[]
  readonly remoteAddress: string
  /** Aborts when the client has disconnected. */
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
  /** A multipart form that is larger is not refused: `handle` gets its text fields. */
  readonly keepsText?: boolean
  /**
   * Requests allowed per minute from one address. If absent, the general flood limit applies
   * (platform/limits/rates.ts).
   */
  readonly perMinute?: number
  handle(request: ChannelRequest): Promise<ChannelResponse>
  /**
   * How this route reports an error, also one found before `handle` runs (a body too large, too
   * many requests). If absent, the site's own error page is used.
   */
  refuse?(error: EvenhandError, request: ChannelRequest): ChannelResponse
}

/** A listener or poller that a channel runs. Only the process with the channel's role starts it. */
export interface ChannelService {
  readonly role: 'web' | 'smtp' | 'worker'
  readonly name: string
  start(): Promise<{ stop(): Promise<void>; readonly port?: number }>
}

/**
 * What a channel is given at start: where to put contacts, and where to add its routes and
 * services.
 */
export interface Intake {
  readonly settings: Settings
  readonly agency: () => Agency
  readonly log: Log
  /**
   * The only way in: resolves when bytes and row are on disk. @throws EvenhandError INTAKE_*
   * (`retry` says whether to try later).
   */
  accept(raw: RawContact): Promise<Accepted>
  /** The receipt of an accepted contact, looked up by the identity of its delivery. */
  receiptOf(source: string, externalId: string): Promise<string | undefined>
  /**
   * The provider confirms that it has a message of this id. A stored contact without a signature
   * that says the same gets that id, and is released if it was held. Returns whether there was such
   * a contact.
   */
  confirmed(
    source: string,
    claim: Pick<ProviderClaim, 'id' | 'evidence' | 'isSame'>
  ): Promise<boolean>
  /**
   * Counts a wrong guess of a receipt, a key or a password against the address it came from. @throws
   * EvenhandError RATE_LIMITED when the address has made too many
   */
  guessed(what: 'receipt' | 'key' | 'mail-sign-in', address: string): Promise<void>
  /** Whether an address has made all its wrong guesses of this minute: checking more costs much. */
  hasGuessed(what: 'mail-sign-in', address: string): Promise<boolean>
  /**
   * Reports something that an administrator should know. It is counted in /metrics and logged, and
   * must hold nothing that a resident sent.
   */
  alert(what: string, reason: string): void
  /** A secret for signing what this channel sends. It stays the same over restarts. */
  secret(purpose: string): Uint8Array
  route(route: ChannelRoute): void
  /**
   * Adds an endpoint of the API. It is checked, rate-limited and documented like every other one.
   */
  endpoint(endpoint: Endpoint): void
  service(service: ChannelService): void
}

/** What only some channels need. A channel gets those that it lists in `needs`. */
export interface Ports {
  /**
   * What a receipt shows. Undefined for a malformed, unknown or hidden one, so that nobody can tell
   * these apart.
   */
  status(receipt: string): Promise<StatusView | undefined>
  /** The whole page behind a receipt, under the same rule. */
  residentPage(receipt: string): Promise<ResidentPage | undefined>
  /** Contacts that a channel's own clients may look up again. */
  reports(query: ReportQuery): Promise<ServiceReport[]>
  /**
   * The API key that belongs to a secret, if it may submit contacts. @throws EvenhandError
   * KEY_REQUIRED, KEY_SCOPE
   */
  requireKey(secret: string | undefined): Promise<ApiKey>
  /** Records that the sender of an accepted contact wants the receipt as a text message. */
  textReceipt(source: string, externalId: string): Promise<void>
  /**
   * Records a carrier's report on a message of ours. Reports may come out of order; an older one
   * never undoes a newer one.
   */
  delivered(report: DeliveryReport): Promise<void>
  /**
   * Records what the service that sends our mail says became of some. Reports that are not about
   * mail of ours change nothing, nor do those that come again, or after one that says more.
   */
  mailReported(reports: readonly MailReport[]): Promise<Noted>
  /**
   * Records the machine transcript of a recording. It may come before its contact or long after.
   */
  transcribed(transcript: CallTranscript): Promise<void>
  /**
   * Whether a provider's one-time token came with this and nothing else, in any process.
   * @param ms how long it is remembered
   */
  tokenIsFor(token: string, use: string, ms: number): Promise<boolean>
  /** Shows by codes whose an address is, for news of a contact and for reading its answers. */
  addressProofs(): AddressProofs
  /** Our own record of what was taken from mailboxes. */
  mailboxRecords(): MailboxRecords
  /** Takes scans of paper, of which the mailroom makes contacts. */
  scanIntake(): ScanIntake
}

/** An intake together with the named ports. */
export type IntakeWith<Needs extends keyof Ports> = Intake & Pick<Ports, Needs>

export interface Channel<Needs extends keyof Ports = never> {
  readonly kind: ChannelKind
  /** Ports that the channel needs besides `Intake`. */
  readonly needs?: readonly Needs[]
  /** Adds routes, listeners or pollers. A channel never sees Express itself. */
  start(intake: IntakeWith<Needs>): void
  /** The files to fetch from the provider before `translate`. Called in the worker process. */
  remoteFiles?(raw: StoredRaw, settings: Settings): readonly RemoteFile[]
  /** Opens what asks the network about senders, beside `translate`; undefined if it is off. */
  senderChecks?(settings: Settings): SenderChecks | undefined
  /** Pure: no storage, no queues, no clock, no network. Runs in a worker thread with bounds. */
  translate(raw: StoredRaw): Promise<Translation[]>
  /**
   * A contact made from a file on disk, as this channel would have received it (`evenhand submit`).
   * @throws EvenhandError if the file is none of this channel's
   */
  fromFile(name: string, bytes: Uint8Array, agency: Agency): RawContact
  /** The message that tells the sender the receipt by this channel, or why none can be sent. */
  acknowledge?(
    acknowledgement: Acknowledgement,
    to: Pick<EnvelopeDraft, 'sender' | 'evidence' | 'subject'>,
    agency: Agency
  ): OutboundMessage | Undeliverable
}

/** What the network says about who sent a contact. */
export interface SenderChecks {
  /**
   * Evidence to add to the contact's envelope. Ends within a bound of its own, and never rejects:
   * what could not be found out is evidence too.
   */
  check(raw: StoredRaw): Promise<Readonly<Record<string, unknown>>>
  close(): Promise<void>
}

/** Any of the channels, whatever ports it needs. */
export type AnyChannel = Channel<keyof Ports>
