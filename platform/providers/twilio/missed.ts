/**
 * Finds messages that Twilio received for our numbers and could not deliver to us. Twilio retries a
 * delivery for fifteen seconds but keeps messages for months. A worker asks for them every few
 * minutes, so that an outage or a wrong setting of ours costs time and no contacts.
 */
import type { Twilio } from 'twilio'
import { publicUrl, type Settings } from '../../../config/settings.ts'
import { asEvenhandError, EvenhandError } from '../../errors.ts'
import type { Log } from '../../logger.ts'
import { twilioClient } from './client.ts'

const EVERY_MS = 5 * 60_000
/** A message younger than this, in ms, may still be on its way and is left to arrive by itself. */
const SETTLED_AFTER_MS = 2 * 60_000
/**
 * How far back the first look goes: a weekend. Later looks begin an hour before the last look that
 * succeeded.
 */
const FIRST_LOOK_BACK_MS = 72 * 3_600_000
const OVERLAP_MS = 3_600_000
/**
 * Items asked for at once, so that memory is bounded. If a span of time holds more, it is halved.
 */
const MOST_AT_ONCE = 5_000
/**
 * Twilio takes times in whole seconds. A second cannot be halved, so its items are read page by
 * page.
 */
const SHORTEST_MS = 1_000
/** After this many temporary failures in one look, Twilio counts as down and the look ends. */
const MOST_FAILURES = 20

/** What the search needs: the settings, and whom to tell of items that cannot be taken in. */
export interface MissedPorts {
  readonly settings: Settings
  readonly log: Log
  alert(what: string, reason: string): void
}

export interface MissedService {
  readonly role: 'worker'
  readonly name: string
  start(): Promise<{ stop(): Promise<void> }>
}

export interface MissedQuery {
  readonly client: Twilio
  readonly since: Date
  readonly until: Date
  /** Our own numbers. The account may have others that are not ours to read. */
  readonly numbers: ReadonlySet<string>
}

/** A span of time to list, and the most items to return; undefined: all. */
export interface Span {
  readonly since: Date
  readonly until: Date
  readonly limit: number | undefined
}

/**
 * All items of a span, oldest first. Twilio lists the newest first and returns no more than asked
 * for, so a single limited request would lose the oldest.
 */
export async function* oldestFirst<T>(
  since: Date,
  until: Date,
  list: (span: Span) => Promise<T[]>,
  most = MOST_AT_ONCE
): AsyncGenerator<T> {
  const whole = until.getTime() - since.getTime() <= SHORTEST_MS
  // One more second at either end, because Twilio does not say whether its bounds are inclusive.
  // Items listed twice are recognised.
  const found = await list({
    since: new Date(since.getTime() - SHORTEST_MS),
    until: new Date(until.getTime() + SHORTEST_MS),
    limit: whole ? undefined : most
  })
  if (whole || found.length < most) {
    yield* found.toReversed()
    return
  }
  const middle = new Date((since.getTime() + until.getTime()) / 2)
  yield* oldestFirst(since, middle, list, most)
  yield* oldestFirst(middle, until, list, most)
}

/**
 * Takes each item in. One that fails does not delay later ones. If it is gone at the provider, the
 * administrator is told and it is skipped. If another try may help, the look fails at its end, so
 * that the next look begins as early. @throws the last failure of that kind
 */
export async function takeEach<T extends { readonly sid: string }>(
  ports: Pick<MissedPorts, 'alert'>,
  things: AsyncIterable<T>,
  take: (thing: T) => Promise<void>
): Promise<void> {
  const failures: unknown[] = []
  for await (const thing of things) {
    try {
      await take(thing)
    } catch (error) {
      const gone = isGone(error)
      ports.alert(
        'missed-not-taken',
        `${thing.sid} could not be taken in: ${gone ? 'a part of it is gone at Twilio, or it is too large; look at it there' : 'it is tried again at the next look'}.`
      )
      if (!gone) failures.push(error)
      if (failures.length >= MOST_FAILURES) break
    }
  }
  if (failures.length > 0) throw failures.at(-1)
}

function isGone(error: unknown): boolean {
  if (error instanceof EvenhandError) return !error.retry
  return (
    typeof error === 'object' &&
    error !== null &&
    'status' in error &&
    (error.status === 404 || error.status === 410)
  )
}

/** A service of the worker role that looks for missed messages. Does nothing without an account. */
export function missedService(
  ports: MissedPorts,
  name: string,
  look: (look: MissedQuery) => Promise<void>
): MissedService {
  return {
    role: 'worker',
    name,
    async start() {
      let stopped = false
      let since = Date.now() - FIRST_LOOK_BACK_MS
      let timer: NodeJS.Timeout | undefined
      const round = async () => {
        const began = Date.now()
        if (await lookOnce(ports, name, since, look)) since = began - OVERLAP_MS
        if (!stopped)
          timer = setTimeout(() => {
            running = round()
          }, EVERY_MS)
      }
      let running = round()
      return {
        stop: async () => {
          stopped = true
          clearTimeout(timer)
          await running
        }
      }
    }
  }
}

/** Looks once. Returns false if the look failed, so that the next one begins as early. */
export async function lookOnce(
  ports: MissedPorts,
  name: string,
  since: number,
  look: (look: MissedQuery) => Promise<void>
): Promise<boolean> {
  try {
    const client = await twilioClient(ports.settings)
    if (!client) return false
    await look({
      client,
      since: new Date(since),
      until: new Date(Date.now() - SETTLED_AFTER_MS),
      numbers: await ownNumbers(ports, client)
    })
    return true
  } catch (error) {
    ports.log.warn(
      { err: asEvenhandError(error), service: name },
      'Twilio could not be asked what was missed; it is asked again'
    )
    return false
  }
}

/** The number we send from, and those whose webhooks point here. */
async function ownNumbers({ settings }: MissedPorts, client: Twilio): Promise<Set<string>> {
  const here = `${publicUrl(settings)}/hooks/`
  const numbers = await client.incomingPhoneNumbers.list({ limit: 1_000 })
  const ours = numbers
    .filter(({ smsUrl, voiceUrl }) => [smsUrl, voiceUrl].some((url) => url?.startsWith(here)))
    .map(({ phoneNumber }) => phoneNumber)
  return new Set([
    ...ours,
    ...(settings.TWILIO_FROM?.startsWith('+') ? [settings.TWILIO_FROM] : [])
  ])
}
