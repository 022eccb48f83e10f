/**
 * End to end: accept → read → settle → in line, all roles in one process as `npm start` runs them.
 */
import { sql } from 'kysely'
import { channels } from '../channels/index.ts'
import type { RawContact } from '../core/intake/channel.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import { startWorkers } from '../workers/index.ts'
import { openBenchRuntime } from './runtime.ts'
import { benchMail } from './mail.ts'
import { pace, pump, report, result, round, type BenchReport, type BenchResult } from './report.ts'

const translateThread = new URL('../channels/translate-thread.ts', import.meta.url)

export interface SettleBenchOptions {
  readonly contacts: number
  readonly seconds: number
  readonly queues: readonly ('postgres' | 'redis')[]
}

const PACES = { postgres: 500, redis: 1000 } as const

export async function benchSettle(
  options: SettleBenchOptions,
  say: (text: string) => void
): Promise<BenchReport> {
  const results: BenchResult[] = []
  for (const queues of options.queues) {
    say(`settle on ${queues === 'redis' ? 'Redis' : 'embedded defaults'}: as fast as it goes`)
    results.push(await measure(queues, options.contacts, 'burst', 0))
    say(
      `settle on ${queues === 'redis' ? 'Redis' : 'embedded defaults'}: ${PACES[queues]} contacts a second`
    )
    results.push(await measure(queues, options.seconds * PACES[queues], 'paced', PACES[queues]))
  }
  return report('settle', results)
}

async function measure(
  queues: 'postgres' | 'redis',
  count: number,
  how: 'burst' | 'paced',
  perSecond: number
): Promise<BenchResult> {
  const { runtime, close } = await openBenchRuntime(queues)
  const workers = startWorkers(runtime, { channels, translateThread })
  await warmUp(runtime)
  const mails = Array.from({ length: count }, (_, n) => mailContact(n))
  const started = performance.now()
  const accept = (n: number) => runtime.acceptor.accept(mails[n]!)
  const accepted =
    how === 'burst' ? await pump(count, 64, accept) : await pace(count, perSecond, accept)
  await untilInLine(runtime, count)
  const seconds = (performance.now() - started) / 1000
  const inLine = await timeToLine(runtime)
  const name = `${queues === 'redis' ? 'redis' : 'embedded'} ${how}${perSecond ? ` at ${perSecond}/s` : ''}`
  const done = result(name, seconds, accepted.latencies, {
    acceptSeconds: round(accepted.seconds),
    inLineP50Ms: inLine.p50,
    inLineP99Ms: inLine.p99
  })
  await workers.stop()
  await close()
  return done
}

/** Threads start and code is compiled on the first few hundred; their cost is not the rate's. */
async function warmUp(runtime: OpenRuntime): Promise<void> {
  await pump(300, 32, (n) => runtime.acceptor.accept(mailContact(1_000_000 + n)))
  await untilInLine(runtime, 300)
  await sql`truncate contacts, blobs, cases, case_contacts, case_passes, outbound cascade`.execute(
    runtime.db
  )
}

function mailContact(n: number): RawContact {
  const { bytes, recipient, sender } = benchMail(n)
  return {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: 'message/rfc822',
    recipients: [recipient],
    evidence: { mailFrom: sender, remoteAddress: '127.0.0.1', hello: 'people.example', tls: false }
  }
}

async function untilInLine(runtime: OpenRuntime, count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ settled: string }>`select count(*) as settled from cases`.execute(
      runtime.db
    )
    if (Number(rows[0]!.settled) >= count) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** From custody to standing in line, by the database's own clock, in ms. */
async function timeToLine(runtime: OpenRuntime): Promise<{ p50: number; p99: number }> {
  const { rows } = await sql<{ p50: number; p99: number }>`
    select percentile_cont(0.5) within group (order by wait)::float8 as p50,
      percentile_cont(0.99) within group (order by wait)::float8 as p99
    from (select extract(epoch from events.at - cases.arrived_at) * 1000 as wait from cases
      join events on events.case_id = cases.id and events.kind = 'case.entered') as waits`.execute(
    runtime.db
  )
  return { p50: round(rows[0]!.p50), p99: round(rows[0]!.p99) }
}
