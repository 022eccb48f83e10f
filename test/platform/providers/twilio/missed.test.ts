import { expect, test } from '@jest/globals'
import type { Intake } from '../../../../core/intake/channel.ts'
import { EvenhandError } from '../../../../platform/errors.ts'
import { oldestFirst, takeEach, type Span } from '../../../../platform/providers/twilio/missed.ts'

const START = Date.parse('2026-11-25T12:00:00Z')

/** As Twilio lists: the newest first, no more than the limit, in whole seconds. */
function listOf(times: readonly number[], spans: Span[] = []) {
  return async (span: Span) => {
    spans.push(span)
    const found = times
      .filter((time) => time >= span.since.getTime() && time <= span.until.getTime())
      .toReversed()
    return found.slice(0, span.limit ?? Infinity)
  }
}

const all = async (times: readonly number[], most: number) => [
  ...new Set(
    await Array.fromAsync(
      oldestFirst(new Date(START), new Date(START + 3_600_000), listOf(times, []), most)
    )
  )
]

test('more than is asked for at once comes all the same, the oldest first', async () => {
  const times = Array.from({ length: 100 }, (_, index) => START + index * 30_000)
  expect(await all(times, 7)).toEqual(times)
})

test('so does more than that in one second', async () => {
  const times = [
    START + 1_000,
    ...Array.from({ length: 50 }, (_, index) => START + 1_800_000 + index),
    START + 3_599_000
  ]
  expect(await all(times, 7)).toEqual(times)
})

test('what is fewer is asked for once', async () => {
  const spans: Span[] = []
  await Array.fromAsync(
    oldestFirst(new Date(START), new Date(START + 3_600_000), listOf([START + 5], spans), 2)
  )
  expect(spans).toHaveLength(1)
})

async function takeAll(count: number, failing: ReadonlyMap<number, unknown>) {
  const taken: number[] = []
  const alerts: string[] = []
  const ports = {
    alert: (_what: string, reason: string) => {
      alerts.push(reason)
    }
  } as Pick<Intake, 'alert'>
  async function* things() {
    for (let index = 0; index < count; index += 1) yield { sid: `RE${index}`, index }
  }
  const outcome = await takeEach(ports, things(), async ({ index }) => {
    if (failing.has(index)) throw failing.get(index)
    taken.push(index)
  }).then(
    () => 'done',
    () => 'failed'
  )
  return { taken, alerts, outcome }
}

test('one that is gone, or that is never taken, is told of by its id and holds up nothing', async () => {
  const { taken, alerts, outcome } = await takeAll(
    4,
    new Map<number, unknown>([
      [0, Object.assign(new Error('Not found'), { status: 404 })],
      [2, new EvenhandError('INTAKE_TOO_LARGE')]
    ])
  )
  expect({ taken, outcome }).toEqual({ taken: [1, 3], outcome: 'done' })
  expect(alerts).toEqual([expect.stringContaining('RE0'), expect.stringContaining('RE2')])
})

test('after one that may come right the rest is taken, and the look has failed so that the next begins as early', async () => {
  expect(
    await takeAll(3, new Map([[1, Object.assign(new Error('down'), { status: 503 })]]))
  ).toMatchObject({ taken: [0, 2], outcome: 'failed' })
})

test('an outage ends the look', async () => {
  const { taken, alerts } = await takeAll(
    30,
    new Map(Array.from({ length: 20 }, (_, index) => [index, new Error('down')]))
  )
  expect([taken.length, alerts.length]).toEqual([0, 20])
})
