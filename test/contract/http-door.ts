import { Registry } from 'prom-client'
import { registerChannels } from '../../channels/register.ts'
import type { AnyChannel } from '../../core/intake/channel.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { openWeb } from '../../web/open-web.ts'
import { listen } from '../helpers/site.ts'
import type { Answer } from './types.ts'

export interface HttpDelivery {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface HttpDoor {
  readonly url: string
  /** Posts from an address of its own, so that no test runs into a bound per address. */
  post(delivery: HttpDelivery): Promise<{ answer: Answer; response: Response }>
  close(): Promise<void>
}

/** The whole web process with one channel's routes, on a free port. */
export async function openHttpDoor(runtime: OpenRuntime, channel: AnyChannel): Promise<HttpDoor> {
  const { url, close } = await listen(
    openWeb(runtime, registerChannels(runtime, [channel]), new Registry()).app
  )
  let senders = 0
  return {
    url,
    close,
    async post({ path, headers, body }) {
      senders++
      const address = `10.1.${senders >> 8}.${senders & 255}`
      const response = await fetch(url + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'x-forwarded-for': address, ...headers },
        body: Buffer.from(body)
      })
      return { answer: await answerOf(response), response }
    }
  }
}

/**
 * A 2xx or a redirect accepts; 503 and 429 with a Retry-After say later; another 4xx refuses; any
 * other answer is no answer.
 */
async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response
  if (status < 400) return { verdict: 'accepted' }
  await response.clone().arrayBuffer()
  if (status === 503 || status === 429) {
    if (!headers.has('retry-after')) throw new Error(`${status} without Retry-After`)
    return { verdict: 'later' }
  }
  if (status >= 500) throw new Error(`the door broke: ${status}`)
  return { verdict: 'refused' }
}
