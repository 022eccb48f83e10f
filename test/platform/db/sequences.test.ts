/**
 * A database restored without its sequences, or whose owner reset them: found, said, mended, and
 * never set back.
 */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { sql } from 'kysely'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { examine } from '../../../cli/doctor.ts'
import { findBehind, mendSequences } from '../../../platform/db/sequences.ts'
import { bringIn, standMany } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeEach(async () => {
  runtime = await createTestRuntime()
  await standMany(runtime, 3)
})
afterEach(() => runtime.remove())

const reset = (sequence: string) => sql`select setval(${sequence}, 1, false)`.execute(runtime.db)
const lastOf = async (sequence: string) =>
  Number(
    (
      await sql<{ last_value: string }>`select last_value from ${sql.table(sequence)}`.execute(
        runtime.db
      )
    ).rows[0]!.last_value
  )

test('nothing is behind where nothing was reset, nor in an empty database', async () => {
  expect(await findBehind(runtime.db)).toEqual([])
  expect(await mendSequences(runtime.db, runtime.log)).toBe(false)
  const empty = await createTestRuntime()
  expect(await findBehind(empty.db)).toEqual([])
  await empty.remove()
})

test.each(['arrivals', 'turns', 'events_id_seq'])(
  '%s behind its table is named by doctor and audit, and mended up to the highest in use',
  async (sequence) => {
    const before = await lastOf(sequence)
    await reset(sequence)
    expect(await findBehind(runtime.db)).toEqual([{ sequence, highest: String(before) }])
    expect((await verifyAudit(runtime.db)).problems).toEqual([
      expect.stringContaining(`the sequence ${sequence} is behind its table`)
    ])
    const checks = await examine({
      DATABASE_URL: runtime.settings.DATABASE_URL,
      DATA_DIR: runtime.settings.DATA_DIR
    })
    expect(checks.filter(({ name }) => name === 'sequences')).toEqual([
      expect.objectContaining({
        state: 'fail',
        finding: expect.stringContaining(sequence),
        advice: expect.stringContaining('Start Evenhand again')
      })
    ])
    const lines: unknown[] = []
    await mendSequences(runtime.db, {
      ...runtime.log,
      warn: (what: unknown) => {
        lines.push(what)
      }
    } as unknown as typeof runtime.log)
    expect(lines).toEqual([{ sequence, highest: String(before) }])
    expect(await lastOf(sequence)).toBe(before)
    expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, problems: [] })
  }
)

test('all are looked at in one statement, and several behind are found and mended together', async () => {
  const asked = jest.spyOn(runtime.db.getExecutor(), 'executeQuery')
  await findBehind(runtime.db)
  expect(asked).toHaveBeenCalledTimes(1)
  asked.mockRestore()
  for (const sequence of ['arrivals', 'turns', 'events_id_seq']) await reset(sequence)
  expect((await findBehind(runtime.db)).map(({ sequence }) => sequence).toSorted()).toEqual([
    'arrivals',
    'events_id_seq',
    'turns'
  ])
  expect(await mendSequences(runtime.db, runtime.log)).toBe(true)
  expect(await findBehind(runtime.db)).toEqual([])
})

test('one that is ahead of its table stays where it is', async () => {
  await sql`select setval('arrivals', 5000)`.execute(runtime.db)
  await mendSequences(runtime.db, runtime.log)
  expect(await lastOf('arrivals')).toBe(5000)
})

test.each(['arrivals', 'events_id_seq'])(
  'intake with %s behind mends it and takes custody',
  async (sequence) => {
    await reset(sequence)
    const accepted = await Promise.all([bringIn(runtime), bringIn(runtime), bringIn(runtime)])
    expect(accepted.map(({ repeated }) => repeated)).toEqual([false, false, false])
    expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, problems: [] })
  }
)
