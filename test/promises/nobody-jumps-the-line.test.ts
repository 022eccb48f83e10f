import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { seeded } from '../../bench/random.ts'
import { verifyAudit } from '../../core/audit/verify.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { CaseState } from '../../core/line/tables.ts'
import { Line } from '../../core/line/line.ts'
import { createTestRuntime, queueKinds, type TestRuntime } from '../helpers/runtime.ts'
import { bringIn, settlerOf, town } from '../helpers/contacts.ts'

const departments = ['parks', 'water', 'streets']
const ACTORS = 10
const STEPS = 30

/** What may rightly be refused when others act in the same moment. */
const lost = new Set([
  'CASE_NOT_TAKEN',
  'CASE_NOT_CLOSED',
  'CASE_ALREADY_THERE',
  'CASE_NOT_PAUSED',
  'CASE_NOT_HELD'
])

async function anyIn(runtime: TestRuntime, state: CaseState): Promise<string | undefined> {
  const found = await runtime.db
    .selectFrom('cases')
    .select('id')
    .where('state', '=', state)
    .limit(1)
    .executeTakeFirst()
  return found?.id
}

async function resumeAny(runtime: TestRuntime, line: Line, actor: string): Promise<void> {
  const id = await anyIn(runtime, 'waiting-for-resident')
  if (id) await line.resume(id, actor, 'answered by phone')
}

async function freeAny(runtime: TestRuntime, line: Line, actor: string): Promise<void> {
  const id = await anyIn(runtime, 'taken')
  if (id) await line.free(id, { actor, reason: 'ill' })
}

/** One process's worth of staff and settling, doing random things. */
async function act(
  runtime: TestRuntime,
  actor: string,
  roll: () => number,
  ended: string[]
): Promise<void> {
  const line = new Line(runtime.db, () => undefined)
  const settler = settlerOf(runtime)
  const pick = <T>(list: readonly T[]) => list[Math.floor(roll() * list.length)]!
  const held: string[] = []
  for (let n = 0; n < STEPS; n += 1) {
    const chance = roll()
    const caseId = held.length > 0 ? held.splice(Math.floor(roll() * held.length), 1)[0] : undefined
    try {
      if (chance < 0.25) {
        const given = await Promise.all(
          Array.from({ length: 1 + Math.floor(roll() * 4) }, () =>
            bringIn(runtime, { to: town(...new Set([pick(departments), pick(departments)])) })
          )
        )
        await settler.settle(given.map(({ contactId }) => contactId))
      } else if (chance < 0.55 || caseId === undefined) {
        const taken = await line.takeNext({
          department: pick(departments),
          actor,
          leaseSeconds: 60,
          mostHeld: 1_000
        })
        if (taken) held.push(taken.caseId)
      } else if (chance < 0.65) await line.giveBack(caseId, actor, 'lunch')
      else if (chance < 0.7)
        await line.pause(caseId, { actor, reason: 'asked', until: new Date(Date.now() + 6e7) })
      else if (chance < 0.72)
        await line.split(caseId, actor, 'also a bench', { into: pick(departments) })
      else if (chance < 0.76) await line.pass(caseId, actor, 'not mine')
      else if (chance < 0.85) await line.transfer(caseId, actor, pick(departments), 'theirs')
      else if (chance < 0.95) {
        await line.close(caseId, actor, 'answered')
        ended.push(caseId)
      } else await line.handOff(caseId, actor, 'county', 'theirs').then(() => ended.push(caseId))
      if (roll() < 0.2) await resumeAny(runtime, line, actor)
      if (roll() < 0.05) await freeAny(runtime, line, actor)
      if (roll() < 0.1 && ended.length > 0) await line.reopen(pick(ended), actor, 'again')
    } catch (error) {
      if (!(error instanceof EvenhandError && lost.has(error.code))) throw error
    }
  }
}

describe.each(queueKinds)('many actors doing anything at any time, queues on %s', (kind) => {
  let runtime: TestRuntime
  beforeAll(async () => {
    runtime = await createTestRuntime(kind)
  })
  afterAll(() => runtime.remove())

  test.each([11, 12, 13])('the ledger replays without an overtake (dice %i)', async (seed) => {
    const ended: string[] = []
    await Promise.all(
      Array.from({ length: ACTORS }, (_, n) =>
        act(runtime, `staff:${n}`, seeded(seed * 1_000 + n), ended)
      )
    )
    const report = await verifyAudit(runtime.db)
    expect(report).toMatchObject({ ok: true, overtakes: 0, problems: [] })
    expect(report.takes).toBeGreaterThan(50)
    expect(report.passes).toBeGreaterThan(0)
  })

  test('the audit holds while the line is being served', async () => {
    let busy = true
    const work = Promise.all(
      Array.from({ length: 6 }, (_, n) => act(runtime, `staff:${n}`, seeded(77_000 + n), []))
    ).finally(() => {
      busy = false
    })
    while (busy)
      expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
    await work
  })
})
