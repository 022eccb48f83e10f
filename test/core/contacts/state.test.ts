import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import * as contactState from '../../../core/contacts/state.ts'
import { transitions } from '../../../core/contacts/state.ts'
import type { ContactState, TrailStep } from '../../../core/contacts/tables.ts'
import type { Db } from '../../../platform/db/database.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

type Row = Awaited<ReturnType<typeof contactRow>>
type Name = Exclude<keyof typeof transitions, 'accept'>

interface Move {
  readonly by: Name
  readonly to: ContactState
  /** Answers whether the contact was moved. */
  run(db: Db, id: string): Promise<boolean>
}

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const states: readonly ContactState[] = ['accepted', 'documents', 'read', 'settled', 'quarantined']
const envelope = { channel: 'email', text: 'The lamp is dark.' }
const step: TrailStep = { step: 'read', verdict: 'moved', reason: 'the walk goes on', evidence: {} }

const recordRead = (to: contactState.StateOnceRead): Move => ({
  by: 'recordRead',
  to,
  run: async (db, id) =>
    (
      await contactState.recordRead(db, [
        {
          id,
          state: to,
          kind: 'message',
          tokens: [],
          envelope,
          unsure: to === 'quarantined' ? 'faint' : undefined,
          trail: [step]
        }
      ])
    ).length === 1
})

const settle = (by: 'settle' | 'settleAnew', to: 'settled' | 'quarantined'): Move => ({
  by,
  to,
  run: (db, id) =>
    contactState
      .settle(
        db,
        [
          {
            id,
            outcome: to === 'settled' ? 'auto-reply' : 'quarantined',
            caseId: null,
            quarantineCode: to === 'settled' ? null : 'HELD_BY_CHANNEL',
            trail: [step]
          }
        ],
        by
      )
      .then(
        () => true,
        (error: { code?: string }) => {
          expect(error.code).toBe('INTERNAL')
          return false
        }
      )
})

const moves: readonly Move[] = [
  recordRead('read'),
  recordRead('documents'),
  recordRead('quarantined'),
  { by: 'settleAsBatch', to: 'settled', run: (db, id) => contactState.settleAsBatch(db, id, step) },
  {
    by: 'finishDocuments',
    to: 'read',
    run: (db, id) => contactState.finishDocuments(db, id, { envelope, step, aside: false })
  },
  {
    by: 'finishDocuments',
    to: 'quarantined',
    run: (db, id) => contactState.finishDocuments(db, id, { envelope, step, aside: true })
  },
  settle('settle', 'settled'),
  settle('settle', 'quarantined'),
  settle('settleAnew', 'settled'),
  settle('settleAnew', 'quarantined'),
  {
    by: 'quarantine',
    to: 'quarantined',
    run: (db, id) => contactState.quarantine(db, id, 'READ_UNPARSEABLE', step)
  },
  {
    by: 'leaveQuarantine',
    to: 'accepted',
    run: (db, id) =>
      contactState.leaveQuarantine(db, id, {
        to: 'accepted',
        kind: 'message',
        evidence: {},
        envelope: null,
        step
      })
  },
  {
    by: 'leaveQuarantine',
    to: 'read',
    run: (db, id) =>
      contactState.leaveQuarantine(db, id, {
        to: 'read',
        kind: 'message',
        evidence: {},
        envelope,
        step
      })
  },
  { by: 'giveText', to: 'read', run: (db, id) => contactState.giveText(db, id, envelope, step) },
  {
    by: 'discard',
    to: 'quarantined',
    run: async (db, id) => (await contactState.discard(db, [id], step)).length === 1
  },
  {
    by: 'restore',
    to: 'quarantined',
    run: async (db, id) => (await contactState.restore(db, [id], step)).length === 1
  }
]

async function accepted(): Promise<string> {
  const { contactId } = await runtime.acceptor.accept({
    channel: 'email',
    source: 'test',
    bytes: Buffer.from(randomUUID()),
    mediaType: 'text/plain',
    recipients: [],
    evidence: {}
  })
  return contactId
}

/** What the table and the columns beside the state allow. */
function mayMove({ by }: Move, row: Row): boolean {
  if (by === 'giveText' && (row.quarantine_code !== 'TEXT_UNSURE' || row.discarded_at !== null))
    return false
  if (by === 'discard' && row.discarded_at !== null) return false
  if (by === 'restore' && row.discarded_at === null) return false
  return (transitions[by].from as readonly ContactState[]).includes(row.state)
}

/** Tries the move, and holds the row to what the table says of it. */
async function tryMove(id: string, move: Move): Promise<void> {
  const before = await contactRow(runtime, id)
  const moved = await move.run(runtime.db, id)
  const after = await contactRow(runtime, id)
  expect({ by: move.by, from: before.state, moved }).toEqual({
    by: move.by,
    from: before.state,
    moved: mayMove(move, before)
  })
  if (!moved) return expect(after).toEqual(before)
  expect(after.state).toBe(move.to)
  expect(after.trail).toEqual([...before.trail, step])
  expectWhole(after)
}

/**
 * What goes with a state: a code and an outcome of its own while it waits for a person, none once
 * it goes on.
 */
function expectWhole({
  state,
  outcome,
  quarantine_code: code,
  discarded_at: discarded,
  unsure
}: Row): void {
  expect(code !== null).toBe(state === 'quarantined')
  if (state === 'quarantined') expect(outcome).toBe('quarantined')
  else
    expect({ discarded, outcome: outcome !== null }).toEqual({
      discarded: null,
      outcome: state === 'settled'
    })
  if (unsure !== null) expect(state).toBe('quarantined')
}

const reached: Readonly<Record<ContactState, readonly Move[]>> = {
  accepted: [],
  documents: [recordRead('documents')],
  read: [recordRead('read')],
  settled: [recordRead('read'), settle('settle', 'settled')],
  quarantined: [recordRead('quarantined')]
}

test('every transition of the table is tried to each state it leads to, and to no other', () => {
  const { accept, ...others } = transitions
  expect(accept).toEqual({ from: [], to: ['accepted'] })
  const tried = Object.groupBy(moves, ({ by }) => by)
  expect(
    Object.fromEntries(
      Object.entries(tried).map(([by, list]) => [by, list.map(({ to }) => to).toSorted()])
    )
  ).toEqual(
    Object.fromEntries(Object.entries(others).map(([by, { to }]) => [by, [...to].toSorted()]))
  )
})

test.each(states)('from %s only the listed transitions change a contact', async (state) => {
  for (const move of moves) {
    const id = await accepted()
    for (const one of reached[state]) await one.run(runtime.db, id)
    expect((await contactRow(runtime, id)).state).toBe(state)
    await tryMove(id, move)
  }
})

test('however contacts are moved about, each move is one of the table, and touches no other contact', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...moves), { minLength: 1, maxLength: 12 }),
      async (walk) => {
        const [id, other] = [await accepted(), await accepted()]
        const untouched = await contactRow(runtime, other)
        for (const move of walk) await tryMove(id, move)
        expect(await contactRow(runtime, other)).toEqual(untouched)
      }
    ),
    { numRuns: 100 }
  )
})

test('a set of which one contact is not ready is settled in no part', async () => {
  const [ready, held] = [await accepted(), await accepted()]
  await recordRead('read').run(runtime.db, ready)
  const settled = [ready, held].map((id) => ({
    id,
    outcome: 'auto-reply' as const,
    caseId: null,
    quarantineCode: null,
    trail: [step]
  }))
  await expect(
    runtime.db.transaction().execute((trx) => contactState.settle(trx, settled))
  ).rejects.toMatchObject({ code: 'INTERNAL' })
  expect((await contactRow(runtime, ready)).state).toBe('read')
})

test('what is written in a trail changes no state', async () => {
  for (const state of states) {
    const id = await accepted()
    for (const one of reached[state]) await one.run(runtime.db, id)
    const before = await contactRow(runtime, id)
    await contactState.addToTrail(runtime.db, id, step)
    expect(await contactRow(runtime, id)).toEqual({
      ...before,
      trail: [...before.trail, step],
      updated_at: expect.any(Date)
    })
  }
})
