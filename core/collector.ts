/** What channels add at start: routes for the web process, listeners and pollers for the process that has their role. */
import { routeOf } from './api/serve.ts'
import { requireKey } from './api-keys.ts'
import type { Channel, ChannelRoute, ChannelService, Intake } from './channel.ts'
import type { ChannelKind } from './envelope.ts'
import { countAlert } from './alerts.ts'
import { confirmHeld } from './confirm.ts'
import type { Ground } from './ground.ts'
import { identityOf, oweTextReceipt } from './owed.ts'
import { findReports } from './reports.ts'
import { answerOnce } from './idempotency.ts'
import { openHopper } from './mailroom/hopper.ts'
import { viewStatus } from './status.ts'
import { recordDelivery } from './texts/delivery.ts'
import { recordTranscript } from './transcripts.ts'

export interface Collected {
  readonly routes: readonly ChannelRoute[]
  readonly services: readonly ChannelService[]
}

/** Starts every channel against a ground and answers with what they added. */
export function collectChannels(ground: Ground, channels: readonly Channel[]): Collected {
  const routes: ChannelRoute[] = []
  const services: ChannelService[] = []
  const sink: Sink = { route: (route) => { routes.push(route) }, service: (service) => { services.push(service) } }
  for (const channel of channels) channel.start(intakeOf(ground, channel.kind, sink))
  return { routes, services }
}

type Sink = Pick<Intake, 'route' | 'service'>

/** What a channel is given: the doors of a ground, and where its routes and services go. */
export function intakeOf(ground: Ground, kind: ChannelKind, sink: Sink): Intake {
  return {
    settings: ground.settings,
    agency: ground.agency,
    log: ground.log,
    accept: (raw) => ground.intake.accept(raw),
    status: (receipt) => viewStatus(ground.db, ground.agency(), receipt),
    reports: (query) => findReports(ground.db, query),
    requireKey: (secret) => requireKey(ground.db, secret, 'contacts:write'),
    answerOnce: (request, work) => answerOnce(ground.db, request, work),
    delivered: (report) => recordDelivery(ground.db, report),
    transcribed: (transcript) => recordTranscript(ground.db, transcript),
    alert(what, reason) {
      countAlert(what)
      ground.log.warn({ alert: what, reason }, 'something needs an administrator\'s eye')
    },
    hopper: () => openHopper(ground),
    secret: ground.secret,
    endpoint: (endpoint) => { sink.route(routeOf(endpoint, ground.api)) },
    ...identified(ground, kind),
    ...sink
  }
}

/** A channel can ask about its own contacts only. */
function identified(ground: Ground, channel: ChannelKind): Pick<Intake, 'receiptOf' | 'confirmed' | 'textReceipt'> {
  return {
    receiptOf: async (source, externalId) => (await identityOf(ground.db, channel, source, externalId))?.receipt,
    async confirmed(source, claim) {
      const confirmed = await confirmHeld(ground.db, ground.blobs, { channel, source, ...claim })
      if (confirmed?.released) ground.queues.hand('settle', [confirmed.contactId])
      return confirmed !== undefined
    },
    async textReceipt(source, externalId) {
      const contact = await identityOf(ground.db, channel, source, externalId)
      if (contact && await oweTextReceipt(ground.db, contact.id)) ground.queues.hand('outbound', [contact.id])
    }
  }
}
