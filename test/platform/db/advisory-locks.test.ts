import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import {
  lockNames,
  lockNumbers,
  lockSingle,
  unlessLocked,
  whileLocked,
  type LockSpace,
  type SingleLock
} from '../../../platform/db/advisory-locks.ts'
import type { Db } from '../../../platform/db/database.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

/**
 * The high and the low half of the numbers of locks that are held, as another process would have to
 * name them.
 */
async function heldLocks(db: Db): Promise<[string, number][]> {
  const { rows } = await sql<{ high: string; low: string }>`
    select to_hex(classid::bigint) as high, objid::bigint as low from pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() order by low`.execute(db)
  return rows.map(({ high, low }) => [high, Number(low)])
}

test.each<[SingleLock, number]>([
  ['registerUpkeep', 0x45565247],
  ['staffAccounts', 0x45565354],
  ['firstInvite', 0x45564931]
])('processes of other releases know the lock %s by its number', async (lock, number) => {
  await runtime.db.transaction().execute(async (trx) => {
    await lockSingle(trx, lock)
    expect(await heldLocks(trx)).toEqual([['0', number]])
  })
})

test.each<[LockSpace, string]>([
  ['line', '45564c4e'],
  ['batch', '45564d52'],
  ['mailbox', '45564d42'],
  ['address', '45564150'],
  ['draft', '45564452'],
  ['text', '64757065'],
  ['person', '57484f']
])('and the space %s by its own', async (space, number) => {
  await runtime.db.transaction().execute(async (trx) => {
    // Of −1 and of 2⁴⁰ + 5 the last ten bits count.
    await lockNumbers(trx, space, [-1, String(2 ** 40 + 5), 5])
    expect(await heldLocks(trx)).toEqual([
      [number, 5],
      [number, 1023]
    ])
  })
})

test('who enters waits for nobody who enters, and for who takes', async () => {
  await runtime.db.transaction().execute(async (first) => {
    await lockNames(first, 'line', ['parks'], 'shared')
    await runtime.db
      .transaction()
      .execute((second) => lockNames(second, 'line', ['parks'], 'shared'))
    const taking = runtime.db.transaction().execute(async (second) => {
      await sql`set local lock_timeout = '50ms'`.execute(second)
      await lockNames(second, 'line', ['parks'], 'exclusive')
    })
    await expect(taking).rejects.toMatchObject({ code: '55P03' })
  })
})

test('work that somebody is at is left to them, and is free again also when it fails', async () => {
  const lock = { space: 'batch', key: '20260301-1' } as const
  const inside = await unlessLocked(runtime.db, lock, async () => [
    await unlessLocked(runtime.db, lock, async () => 'a second time'),
    await unlessLocked(runtime.db, { ...lock, key: '20260301-2' }, async () => 'another')
  ])
  expect(inside).toEqual([undefined, 'another'])
  await expect(
    whileLocked(runtime.db, lock, () => Promise.reject(new Error('the disk is gone')))
  ).rejects.toThrow('the disk is gone')
  expect(await unlessLocked(runtime.db, lock, async () => 'free')).toBe('free')
})
