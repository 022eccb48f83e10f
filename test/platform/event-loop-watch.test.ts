import { afterEach, describe, expect, test } from '@jest/globals'
import { Registry } from 'prom-client'
import { LoopWatch, STALL_MS, type Clock, type Stall } from '../../platform/event-loop-watch.ts'
import { measureLoop } from '../../cli/metrics.ts'
import { until } from '../helpers/until.ts'

/** A clock that goes as it is told. */
class Told implements Clock {
  #now = 0
  #computed = 0
  now() {
    return this.#now
  }
  computed() {
    return this.#computed
  }
  pass(ms: number, computingMs: number) {
    this.#now += ms
    this.#computed += computingMs
  }
}

const watches: LoopWatch[] = []
afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop()
})

function open() {
  const stalls: Stall[] = []
  const clock = new Told()
  const watch = new LoopWatch((stall) => stalls.push(stall), clock)
  watches.push(watch)
  return { stalls, clock, watch }
}

describe('a stall', () => {
  test.each([
    [STALL_MS + 19, 0],
    [STALL_MS + 20, 1],
    [5_000, 1]
  ])('of a look %s ms after the one before: %s', (ms, count) => {
    const { stalls, clock, watch } = open()
    clock.pass(ms, ms)
    watch.look()
    expect(stalls).toHaveLength(count)
    expect(watch.stalls).toEqual({ computing: count, waiting: 0 })
  })

  test('in which the machine had other things to do is told apart', () => {
    const { stalls, clock, watch } = open()
    clock.pass(1_000, 30)
    watch.look()
    expect(watch.stalls).toEqual({ computing: 0, waiting: 1 })
    expect(stalls).toEqual([{ ms: 980, computingMs: 30, during: [] }])
  })

  test('is told with what went on during it, and not with what was over before', async () => {
    const { stalls, clock, watch } = open()
    await watch.during('earlier', async () => undefined)
    clock.pass(20, 1)
    watch.look()
    const end = watch.begin('POST /open311')
    await watch.during('job read', async () => {
      clock.pass(700, 690)
    })
    watch.look()
    end()
    expect(stalls).toEqual([{ ms: 680, computingMs: 690, during: ['job read', 'POST /open311'] }])
  })
})

test('the real loop: what keeps it is seen, counted and in /metrics', async () => {
  const stalls: Stall[] = []
  const watch = new LoopWatch((stall) => stalls.push(stall)).start()
  watches.push(watch)
  const metrics = new Registry()
  measureLoop(watch, metrics)
  await new Promise((resolve) => {
    setTimeout(resolve, 50)
  })
  await watch.during('a test', async () => {
    for (const until = performance.now() + 600; performance.now() < until;);
  })
  await until(() => stalls.length > 0, { everyMs: 20 })
  expect(stalls[0]!.during).toEqual(['a test'])
  expect(stalls[0]!.ms).toBeGreaterThan(STALL_MS)
  const text = await metrics.metrics()
  expect(text).toMatch(/^evenhand_event_loop_stalls_total\{cause="(computing|waiting)"\} [1-9]/m)
  expect(
    Number(/^evenhand_event_loop_delay_seconds\{quantile="1"\} (\S+)$/m.exec(text)![1])
  ).toBeGreaterThan(0.2)
  expect(text).toMatch(/^evenhand_event_loop_delay_seconds\{quantile="0\.99"\} \S+$/m)
})
