/** What channels add at start: routes for the web process, listeners and pollers for the process that has their role. */
import type { Channel, ChannelRoute, ChannelService, Intake } from './channel.ts'
import { findDone, viewContact } from './contacts.ts'
import type { Ground } from './ground.ts'
import { viewStatus } from './status.ts'

export interface Collected {
  readonly routes: readonly ChannelRoute[]
  readonly services: readonly ChannelService[]
}

const POLL_EVERY_MS = 100

/** Starts every channel against a ground and answers with what they added. */
export function collectChannels(ground: Ground, channels: readonly Channel[]): Collected {
  const routes: ChannelRoute[] = []
  const services: ChannelService[] = []
  const intake: Intake = {
    settings: ground.settings,
    agency: ground.agency,
    log: ground.log,
    accept: (raw) => ground.intake.accept(raw),
    settled: (contactId, timeoutMs) => waitForPlace(ground, contactId, timeoutMs),
    status: (receipt) => viewStatus(ground.db, ground.agency(), receipt),
    secret: ground.secret,
    route: (route) => { routes.push(route) },
    service: (service) => { services.push(service) }
  }
  for (const channel of channels) channel.start(intake)
  return { routes, services }
}

async function waitForPlace({ db }: Ground, contactId: string, timeoutMs: number): Promise<{ department: string; place: number } | undefined> {
  const deadline = performance.now() + timeoutMs
  while (!(await findDone(db, [contactId])).has(contactId)) {
    if (performance.now() >= deadline) return undefined
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS))
  }
  const { department, place } = await viewContact(db, contactId)
  return department && place ? { department, place } : undefined
}
