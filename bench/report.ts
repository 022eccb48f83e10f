import os from 'node:os'
import process from 'node:process'

export interface BenchResult {
  readonly name: string
  readonly n: number
  readonly seconds: number
  readonly perSecond: number
  readonly p50Ms?: number
  readonly p99Ms?: number
  readonly rssMb?: number
  readonly [more: string]: number | string | undefined
}

export interface BenchReport {
  readonly bench: string
  readonly machine: {
    readonly cores: number
    readonly memoryGb: number
    readonly cpu: string
    readonly os: string
  }
  readonly versions: Readonly<Record<string, string>>
  readonly results: readonly BenchResult[]
  readonly ratios: readonly {
    readonly name: string
    readonly ours: number
    readonly theirs: number
    readonly ratio: number
  }[]
}

/** A benchmark's figures with the machine and versions they were got on. */
export function report(
  bench: string,
  results: readonly BenchResult[],
  ratios: BenchReport['ratios'] = [],
  versions: Record<string, string> = {}
): BenchReport {
  const machine = {
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 1024 ** 3),
    cpu: os.cpus()[0]?.model ?? 'unknown',
    os: `${os.type()} ${os.release()}`
  }
  return { bench, machine, versions: { node: process.versions.node, ...versions }, results, ratios }
}

/** One result from the latencies, in ms, of n operations that took `seconds` together. */
export function result(
  name: string,
  seconds: number,
  latencies: readonly number[],
  more: Record<string, number | string> = {}
): BenchResult {
  const sorted = latencies.toSorted((a, b) => a - b)
  return {
    name,
    n: latencies.length,
    seconds: round(seconds),
    perSecond: Math.round(latencies.length / seconds),
    p50Ms: round(quantile(sorted, 0.5)),
    p99Ms: round(quantile(sorted, 0.99)),
    rssMb: Math.round(process.memoryUsage.rss() / 1024 ** 2),
    ...more
  }
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

export function ratio(
  name: string,
  ours: number,
  theirs: number
): { name: string; ours: number; theirs: number; ratio: number } {
  return { name, ours, theirs, ratio: round(ours / theirs) }
}

/**
 * Runs `count` operations with at most `inFlight` at once; answers each one's latency in ms, and
 * the seconds for all.
 */
export async function pump(
  count: number,
  inFlight: number,
  operation: (n: number) => Promise<unknown>
): Promise<{ latencies: number[]; seconds: number }> {
  const latencies: number[] = []
  const started = performance.now()
  let next = 0
  const lane = async () => {
    while (next < count) {
      const n = next++
      const before = performance.now()
      await operation(n)
      latencies.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, lane))
  return { latencies, seconds: (performance.now() - started) / 1000 }
}

/** Starts operations at a steady rate, whether or not earlier ones are done: what a crowd does. */
export async function pace(
  count: number,
  perSecond: number,
  operation: (n: number) => Promise<unknown>
): Promise<{ latencies: number[]; seconds: number }> {
  const latencies: number[] = []
  const started = performance.now()
  const pending: Promise<void>[] = []
  for (let n = 0; n < count; n++) {
    const due = started + (n / perSecond) * 1000
    const wait = due - performance.now()
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
    // Latency counts from when it was due, so that a stalled generator cannot hide a slow answer.
    pending.push(
      operation(n).then(() => {
        latencies.push(performance.now() - due)
      })
    )
  }
  await Promise.all(pending)
  return { latencies, seconds: (performance.now() - started) / 1000 }
}
