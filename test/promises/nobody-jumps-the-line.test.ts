import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { verifyAudit } from '../../core/audit.ts'
import { EvenhandError } from '../../core/errors.ts'
import { Line } from '../../core/line/line.ts'
import { createTestGround, queueKinds, type TestGround } from '../helpers/ground.ts'
import { bringIn, settlerOf, town } from '../helpers/contacts.ts'

const departments = ['parks', 'water', 'streets']
const ACTORS = 10
const STEPS = 30

/** A fixed sequence of numbers in [0, 1) for each seed, so that a failing run can be repeated (mulberry32's constants). */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What may rightly be refused when others act in the same moment. */
const lost = new Set(['CASE_NOT_TAKEN', 'CASE_NOT_CLOSED', 'CASE_ALREADY_THERE'])

/** One process's worth of staff and settling, doing random things. */
async function act(ground: TestGround, actor: string, roll: () => number, ended: string[]): Promise<void> {
  const line = new Line(ground.db, () => undefined)
  const settler = settlerOf(ground)
  const pick = <T>(list: readonly T[]) => list[Math.floor(roll() * list.length)]!
  const held: string[] = []
  for (let n = 0; n < STEPS; n += 1) {
    const chance = roll()
    const caseId = held.length > 0 ? held.splice(Math.floor(roll() * held.length), 1)[0] : undefined
    try {
      if (chance < 0.25) {
        const given = await Promise.all(Array.from({ length: 1 + Math.floor(roll() * 4) }, () => bringIn(ground, { to: town(...new Set([pick(departments), pick(departments)])) })))
        await settler.settle(given.map(({ contactId }) => contactId))
      } else if (chance < 0.55 || caseId === undefined) {
        const taken = await line.takeNext({ department: pick(departments), actor, leaseSeconds: 60 })
        if (taken) held.push(taken.caseId)
      } else if (chance < 0.65) await line.giveBack(caseId, actor, '')
      else if (chance < 0.75) await line.pass(caseId, actor, 'not mine')
      else if (chance < 0.85) await line.transfer(caseId, actor, pick(departments), 'theirs')
      else if (chance < 0.95) {
        await line.close(caseId, actor, 'answered')
        ended.push(caseId)
      } else await line.handOff(caseId, actor, 'county', 'theirs').then(() => ended.push(caseId))
      if (roll() < 0.1 && ended.length > 0) await line.reopen(pick(ended), actor, 'again')
    } catch (error) {
      if (!(error instanceof EvenhandError && lost.has(error.code))) throw error
    }
  }
}

describe.each(queueKinds)('many actors doing anything at any time, queues on %s', (kind) => {
  let ground: TestGround
  beforeAll(async () => { ground = await createTestGround(kind) })
  afterAll(() => ground.remove())

  test.each([11, 12, 13])('the ledger replays without an overtake (dice %i)', async (seed) => {
    const ended: string[] = []
    await Promise.all(Array.from({ length: ACTORS }, (_, n) => act(ground, `staff:${n}`, dice(seed * 1_000 + n), ended)))
    const report = await verifyAudit(ground.db)
    expect(report).toMatchObject({ ok: true, overtakes: 0, problems: [] })
    expect(report.takes).toBeGreaterThan(50)
    expect(report.passes).toBeGreaterThan(0)
  })

  test('the audit holds while the line is being served', async () => {
    let busy = true
    const work = Promise.all(Array.from({ length: 6 }, (_, n) => act(ground, `staff:${n}`, dice(77_000 + n), []))).finally(() => { busy = false })
    while (busy) expect(await verifyAudit(ground.db)).toMatchObject({ ok: true, overtakes: 0, problems: [] })
    await work
  })
})
