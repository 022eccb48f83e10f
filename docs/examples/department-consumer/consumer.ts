/**
 * A department's own system that works by tickets: a BullMQ worker on the department's queue. A
 * ticket is the right to serve one case and does not say which; the line does, when it is asked by
 * the API.
 *
 * EVENHAND_URL=https://contact.town.example EVENHAND_KEY=evh_… DEPARTMENT=parks REDIS_URL=redis://…
 * node consumer.ts
 */
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'

interface Taken {
  readonly caseId: string
  readonly receipt: string
  readonly leaseUntil: string
}
interface Case extends Taken {
  readonly contacts: readonly {
    readonly envelope?: { readonly subject?: string; readonly text: string }
  }[]
}

export interface ConsumerOptions {
  readonly url: string
  readonly key: string
  readonly department: string
  readonly redisUrl: string
  /** Redis key prefix, where the installation has one of its own. */
  readonly prefix?: string
  /** The department's work; answers with the outcome in the agency's words. */
  serve(one: Case): Promise<string>
}

/**
 * One case at a time: with more, two may be in hand side by side, each of them the earliest when it
 * was taken.
 */
const CONCURRENCY = 1

export async function startConsumer(options: ConsumerOptions): Promise<Worker> {
  const connection = new Redis(options.redisUrl, { maxRetriesPerRequest: null })
  // What this system held when it was last stopped is finished first: it has been taken, so that no
  // ticket stands for it.
  const { held } = await ask<{ held: Taken[] }>(options, 'GET', `/v1/lines/${options.department}`)
  for (const one of held) await serveCase(options, one)
  return new Worker(`department.${options.department}`, () => useTicket(options), {
    connection,
    concurrency: CONCURRENCY,
    ...(options.prefix ? { prefix: options.prefix } : {})
  })
}

/**
 * Somebody at the desk may have served the case that a ticket was made for: then nobody waits, and
 * the ticket is used up all the same.
 */
async function useTicket(options: ConsumerOptions): Promise<string> {
  const taken = await ask<Taken | undefined>(
    options,
    'POST',
    `/v1/lines/${options.department}/take`,
    {}
  )
  if (!taken) return 'nobody waits'
  await serveCase(options, taken)
  return taken.receipt
}

async function serveCase(options: ConsumerOptions, { caseId }: Taken): Promise<void> {
  const one = await ask<Case>(options, 'GET', `/v1/cases/${caseId}`)
  try {
    const outcome = await options.serve(one)
    await ask(options, 'POST', `/v1/cases/${caseId}/close`, { outcome })
  } catch (error) {
    // Back to its own place, not to the end: the next take gives it again.
    await ask(options, 'POST', `/v1/cases/${caseId}/return`, { reason: 'could not be served' })
    throw error
  }
}

async function ask<T>(
  { url, key }: ConsumerOptions,
  method: string,
  path: string,
  body?: object
): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {})
  })
  if (response.status === 204) return undefined as T
  const answer = (await response.json()) as T & { code?: string }
  if (!response.ok)
    throw new Error(`${method} ${path.replace(/[0-9a-f-]{36}/, '…')}: ${answer.code}`)
  return answer
}

if (process.argv[1] === import.meta.filename) {
  const {
    EVENHAND_URL: url,
    EVENHAND_KEY: key,
    DEPARTMENT: department,
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: prefix
  } = process.env
  if (!url || !key || !department || !redisUrl)
    throw new Error('EVENHAND_URL, EVENHAND_KEY, DEPARTMENT and REDIS_URL are needed')
  const worker = await startConsumer({
    url,
    key,
    department,
    redisUrl,
    ...(prefix ? { prefix } : {}),
    async serve({ receipt }) {
      process.stdout.write(`${receipt}\n`)
      return 'noted'
    }
  })
  process.once('SIGTERM', () => void worker.close().then(() => process.exit(0)))
}
