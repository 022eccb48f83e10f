/**
 * What came to our numbers and not to us: Twilio tries a delivery again for fifteen seconds, and keeps it for months. A worker asks for it
 * every few minutes, so that an outage of ours, or settings gone wrong, cost time and not contacts.
 */
import type { Twilio } from 'twilio'
import { publicUrl } from '../../config/settings.ts'
import type { ChannelService, Intake } from '../channel.ts'
import { asEvenhandError } from '../errors.ts'
import { twilioClient } from './client.ts'

const EVERY_MS = 5 * 60_000
/** A delivery that is on its way is left to arrive by itself. */
const SETTLED_AFTER_MS = 2 * 60_000
/** At the first look: a weekend. Later: from the last look that succeeded, and an hour before it. */
const FIRST_LOOK_BACK_MS = 72 * 3_600_000
const OVERLAP_MS = 3_600_000
/** Things asked for in one look; what is more comes with the next ones, oldest last. */
export const MOST_AT_ONCE = 5_000

export interface Look {
  readonly client: Twilio
  readonly since: Date
  readonly until: Date
  /** Numbers that are ours: the account may have others that are none of our business. */
  readonly numbers: ReadonlySet<string>
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
