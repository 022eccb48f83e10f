/** What channels add at start: routes for the web process, listeners and pollers for the process that has their role. */
import { routeOf } from './api/serve.ts'
import { requireKey } from './api-keys.ts'
import type { Channel, ChannelRoute, ChannelService, Intake } from './channel.ts'
import type { Ground } from './ground.ts'
import { findReports } from './reports.ts'
import { answerOnce } from './idempotency.ts'
import { openHopper } from './mailroom/hopper.ts'
import { viewStatus } from './status.ts'

export interface Collected {
  readonly routes: readonly ChannelRoute[]
  readonly services: readonly ChannelService[]
}

/** Starts every channel against a ground and answers with what they added. */
export function collectChannels(ground: Ground, channels: readonly Channel[]): Collected {
  const routes: ChannelRoute[] = []
  const services: ChannelService[] = []
  const intake: Intake = {
    settings: ground.settings,
    agency: ground.agency,
    log: ground.log,
    accept: (raw) => ground.intake.accept(raw),
    status: (receipt) => viewStatus(ground.db, ground.agency(), receipt),
    reports: (query) => findReports(ground.db, query),
    requireKey: (secret) => requireKey(ground.db, secret, 'contacts:write'),
    answerOnce: (request, work) => answerOnce(ground.db, request, work),
    hopper: () => openHopper(ground),
    secret: ground.secret,
    route: (route) => { routes.push(route) },
    endpoint: (endpoint) => { routes.push(routeOf(endpoint, ground.api)) },
    service: (service) => { services.push(service) }
  }
  for (const channel of channels) channel.start(intake)
  return { routes, services }
}
