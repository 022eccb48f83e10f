/**
 * What came to our numbers and not to us: Twilio tries a delivery again for fifteen seconds, and keeps it for months. A worker asks for it
 * every few minutes, so that an outage of ours, or settings gone wrong, cost time and not contacts.
 */
import type { Twilio } from 'twilio'
import { publicUrl } from '../../config/settings.ts'
import type { ChannelService, Intake } from '../channel.ts'
import { asEvenhandError, EvenhandError } from '../errors.ts'
import { twilioClient } from './client.ts'

const EVERY_MS = 5 * 60_000
/** A delivery that is on its way is left to arrive by itself. */
const SETTLED_AFTER_MS = 2 * 60_000
/** At the first look: a weekend. Later: from the last look that succeeded, and an hour before it. */
const FIRST_LOOK_BACK_MS = 72 * 3_600_000
const OVERLAP_MS = 3_600_000
/** Things asked for at once, so that memory is bounded; a time that has more is asked for in halves. */
const MOST_AT_ONCE = 5_000
/** Times are given to Twilio in whole seconds: what came in one cannot be halved, and is paged through. */
const SHORTEST_MS = 1_000
/** So many things in one look that could not be had just now are an outage; the look ends. */
const MOST_FAILURES = 20

export interface Look {
  readonly client: Twilio
  readonly since: Date
  readonly until: Date
  /** Numbers that are ours: the account may have others that are none of our business. */
  readonly numbers: ReadonlySet<string>
}

/** A time of which a list is asked, with the most that may come; undefined: all. */
export interface Span {
  readonly since: Date
  readonly until: Date
  readonly limit: number | undefined
}

/** Everything that came in a time, oldest first. Twilio lists the newest first and gives no more than was asked for, so that the oldest would be lost. */
export async function* oldestFirst<T>(since: Date, until: Date, list: (span: Span) => Promise<T[]>, most = MOST_AT_ONCE): AsyncGenerator<T> {
  const whole = until.getTime() - since.getTime() <= SHORTEST_MS
  // A second more at either end: whether Twilio takes its own bounds in, it does not say. What comes twice is known the second time.
  const found = await list({ since: new Date(since.getTime() - SHORTEST_MS), until: new Date(until.getTime() + SHORTEST_MS), limit: whole ? undefined : most })
  if (whole || found.length < most) {
    yield* found.toReversed()
    return
  }
  const middle = new Date((since.getTime() + until.getTime()) / 2)
  yield* oldestFirst(since, middle, list, most)
  yield* oldestFirst(middle, until, list, most)
}

/**
 * Takes each in. One that cannot be holds up none that came after it: what is gone at the provider is told to the administrator and left, what
 * may come right makes the look fail at its end, so that the next one begins as early. @throws the last failure of that kind
 */
export async function takeEach<T extends { readonly sid: string }>(collect: Pick<Intake, 'alert'>, things: AsyncIterable<T>, take: (thing: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  for await (const thing of things) {
    try {
      await take(thing)
    } catch (error) {
      const gone = isGone(error)
      collect.alert('missed-not-taken', `${thing.sid} could not be taken in: ${gone ? 'a part of it is gone at Twilio, or it is too large; look at it there' : 'it is tried again at the next look'}.`)
      if (!gone) failures.push(error)
      if (failures.length >= MOST_FAILURES) break
    }
  }
  if (failures.length > 0) throw failures.at(-1)
}

function isGone(error: unknown): boolean {
  if (error instanceof EvenhandError) return !error.retry
  return typeof error === 'object' && error !== null && 'status' in error && (error.status === 404 || error.status === 410)
}

/** A service of the worker role that looks for what was missed; nothing without an account. */
export function missedService(collect: Intake, name: string, look: (look: Look) => Promise<void>): ChannelService {
  return {
    role: 'worker', name,
    async start() {
      let stopped = false
      let since = Date.now() - FIRST_LOOK_BACK_MS
      let timer: NodeJS.Timeout | undefined
      const round = async () => {
        const began = Date.now()
        if (await lookOnce(collect, name, since, look)) since = began - OVERLAP_MS
        if (!stopped) timer = setTimeout(() => { running = round() }, EVERY_MS)
      }
      let running = round()
      return { stop: async () => { stopped = true; clearTimeout(timer); await running } }
    }
  }
}

/** One look; false where it did not succeed, so that the next one begins as early. */
export async function lookOnce(collect: Intake, name: string, since: number, look: (look: Look) => Promise<void>): Promise<boolean> {
  try {
    const client = await twilioClient(collect.settings)
    if (!client) return false
    await look({ client, since: new Date(since), until: new Date(Date.now() - SETTLED_AFTER_MS), numbers: await ownNumbers(collect, client) })
    return true
  } catch (error) {
    collect.log.warn({ err: asEvenhandError(error), service: name }, 'Twilio could not be asked what was missed; it is asked again')
    return false
  }
}

/** The number we send from, and those whose web hooks lead here. */
async function ownNumbers({ settings }: Intake, client: Twilio): Promise<Set<string>> {
  const here = `${publicUrl(settings)}/hooks/`
  const numbers = await client.incomingPhoneNumbers.list({ limit: 1_000 })
  const ours = numbers.filter(({ smsUrl, voiceUrl }) => [smsUrl, voiceUrl].some((url) => url?.startsWith(here))).map(({ phoneNumber }) => phoneNumber)
  return new Set([...ours, ...(settings.TWILIO_FROM?.startsWith('+') ? [settings.TWILIO_FROM] : [])])
}
