/**
 * What channels add at start: routes for the web process, and listeners and pollers for the process
 * with their role.
 */
import type { Endpoint } from '../core/intake/endpoint.ts'
import { requireKey } from '../core/access/api-keys.ts'
import type {
  AnyChannel,
  ChannelRoute,
  ChannelService,
  Intake,
  IntakeWith,
  Ports
} from '../core/intake/channel.ts'
import type { ChannelKind } from '../core/envelope.ts'
import { countAlert } from '../platform/alerts.ts'
import { confirmHeld } from '../core/contacts/confirm-held.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { isTokenFor } from '../platform/limits/one-time-tokens.ts'
import { identityOf, enqueueTextReceipt } from '../core/outbox/enqueue.ts'
import { openMailboxRecords } from '../core/intake/mailbox-records.ts'
import { findReports } from '../core/contacts/service-requests.ts'
import { openAddressProofs } from '../core/verification/open.ts'
import { openScanIntake } from '../core/mailroom/scan-intake.ts'
import { viewResidentPage } from '../core/contacts/resident-page.ts'
import { viewStatus } from '../core/contacts/resident-status.ts'
import { recordMailReports } from '../core/outbox/mail-delivery.ts'
import { recordDelivery } from '../core/outbox/text-delivery.ts'
import { recordTranscript } from '../core/transcription/machine-transcripts.ts'

export interface Registered {
  readonly routes: readonly ChannelRoute[]
  /**
   * Endpoints of the API. The web process checks, rate-limits and documents them like all others.
   */
  readonly endpoints: readonly Endpoint[]
  readonly services: readonly ChannelService[]
}

/** Starts every channel on a runtime and returns what they added. */
export function registerChannels(
  runtime: OpenRuntime,
  channels: readonly AnyChannel[]
): Registered {
  const routes: ChannelRoute[] = []
  const endpoints: Endpoint[] = []
  const services: ChannelService[] = []
  const sink: Sink = {
    route: (route) => {
      routes.push(route)
    },
    endpoint: (endpoint) => {
      endpoints.push(endpoint)
    },
    service: (service) => {
      services.push(service)
    }
  }
  for (const channel of channels) {
    const intake = intakeFor(runtime, channel.kind, sink)
    channel.start({ ...intake, ...portsFor(runtime, channel) } as IntakeWith<keyof Ports>)
  }
  return { routes, endpoints, services }
}

type Sink = Pick<Intake, 'route' | 'endpoint' | 'service'>

/** What a channel is given: the runtime's intake, and functions to add its routes and services. */
export function intakeFor(runtime: OpenRuntime, kind: ChannelKind, sink: Sink): Intake {
  return {
    settings: runtime.settings,
    agency: runtime.agency,
    log: runtime.log,
    accept: (raw) => runtime.watch.during(`accept ${kind}`, () => runtime.acceptor.accept(raw)),
    guessed: (what, address) => runtime.guesses.count(what, address),
    hasGuessed: (what, address) => runtime.guesses.isSpent(what, address),
    alert(what, reason) {
      countAlert(what)
      runtime.log.warn({ alert: what, reason }, "something needs an administrator's eye")
    },
    secret: runtime.secret,
    ...identified(runtime, kind),
    ...sink
  }
}

/** The ports that the channel needs, and no others. */
export function portsFor(
  runtime: OpenRuntime,
  { kind, needs = [] }: Pick<AnyChannel, 'kind' | 'needs'>
): Partial<Ports> {
  const all: Ports = {
    status: (receipt) => viewStatus(runtime.db, runtime.agency(), receipt),
    residentPage: (receipt) => viewResidentPage(runtime.db, runtime.agency(), receipt),
    reports: (query) => findReports(runtime.db, query),
    requireKey: (secret) => requireKey(runtime.db, secret, 'contacts:write'),
    delivered: (report) => recordDelivery(runtime.db, report),
    mailReported: (reports) => recordMailReports(runtime.db, runtime.secret('reply'), reports),
    tokenIsFor: (token, use, ms) => isTokenFor(runtime.db, token, use, ms),
    transcribed: (transcript) => recordTranscript(runtime.db, transcript),
    addressProofs: () => openAddressProofs(runtime),
    mailboxRecords: () => openMailboxRecords(runtime.db),
    scanIntake: () => openScanIntake(runtime),
    async textReceipt(source, externalId) {
      const contact = await identityOf(runtime.db, kind, source, externalId)
      if (contact && (await enqueueTextReceipt(runtime.db, contact.id)))
        runtime.queues.enqueue('outbound', [contact.id])
    }
  }
  return Object.fromEntries(needs.map((name) => [name, all[name]]))
}

/** A channel can ask only about its own contacts. */
function identified(
  runtime: Pick<Runtime, 'db' | 'blobs' | 'queues'>,
  channel: ChannelKind
): Pick<Intake, 'receiptOf' | 'confirmed'> {
  return {
    receiptOf: async (source, externalId) =>
      (await identityOf(runtime.db, channel, source, externalId))?.receipt,
    async confirmed(source, claim) {
      const confirmed = await confirmHeld(runtime.db, runtime.blobs, { channel, source, ...claim })
      if (confirmed?.released) runtime.queues.enqueue('settle', [confirmed.contactId])
      return confirmed !== undefined
    }
  }
}
