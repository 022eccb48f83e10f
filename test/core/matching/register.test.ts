import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { candidateIndex } from '../../../core/matching/candidates.ts'
import { currentModel, trainOnRegister } from '../../../core/matching/models.ts'
import { mergeWithin, unmergeWithin, type Act } from '../../../core/matching/people.ts'
import type { Protection } from '../../../core/matching/protect.ts'
import { importRows, type RegisterRow } from '../../../core/matching/register.ts'
import { noPerson } from '../../../core/matching/person.ts'
import { benchMatch } from '../../../bench/match.ts'
import { rowOfResident } from '../../../bench/match-people.ts'
import { personOf, type Written } from './hard-pairs.ts'
import { openTestTables, type TestTables } from '../../helpers/tables.ts'

let database: TestTables

beforeAll(async () => {
  database = await openTestTables()
})
afterAll(() => database.stop())
beforeEach(async () => {
  await sql`truncate constituents, constituent_links, constituent_merges,
      matching_models restart identity cascade`.execute(database.db)
})

const act = { by: 'clerk-1', reason: 'looked at both' }
const bob: Written = {
  name: 'Robert Alvarez',
  birth: '1971-06-24',
  email: 'bob.alvarez@example.com',
  phone: '312-555-0187',
  address: '12 Oak St, Springfield, IL 62704'
}

function list(value: string | undefined): string[] {
  return value ? [value] : []
}

function row(externalId: string, written: Written): RegisterRow {
  return {
    externalId,
    person: personOf(written),
    shown: {
      names: list(written.name),
      emails: list(written.email),
      phones: list(written.phone),
      addresses: list(written.address)
    }
  }
}

async function everything(): Promise<unknown> {
  const { rows } =
    await sql`select id, kind, merged_into, comparable, (select array_agg(key order by key)
        from constituent_keys k where k.constituent_id = c.id) as keys from constituents c
        order by id`.execute(database.db)
  return rows
}

const find = async (
  written: Written,
  protection?: Protection,
  options?: { nameConfidence?: number }
) =>
  candidateIndex(database.db, await currentModel(database.db), protection).findCandidates(
    personOf(written),
    options
  )

describe('the register', () => {
  test('an imported person is found again by name and mail address, with the weights shown; by a nickname and the address a person is asked', async () => {
    await importRows(database.db, 'crm', [
      row('1', bob),
      row('2', { name: 'Ann Brennan', email: 'ann@example.org' })
    ])
    const waterfall = (level: string) => [
      { field: 'prior' },
      { field: 'given', level },
      { field: 'family' },
      { field: 'email' }
    ]
    expect(await find({ name: 'Robert Alvarez', email: 'BOB.ALVAREZ@example.com' })).toMatchObject({
      kind: 'linked',
      candidate: { constituentId: '1', waterfall: waterfall('same') }
    })
    expect(await find({ name: 'Bob Alvarez', email: 'BOB.ALVAREZ@example.com' })).toMatchObject({
      kind: 'possible',
      candidates: [
        {
          constituentId: '1',
          held: 'given names are not the same, and a household shares the rest',
          waterfall: waterfall('another form of the name')
        }
      ]
    })
    expect(
      await find({ name: 'Bob Alvarez', email: 'BOB.ALVAREZ@example.com', birth: bob.birth! })
    ).toMatchObject({ kind: 'linked' })
  })

  test('a spouse at the same mailbox and address is put before a person, never linked', async () => {
    await importRows(database.db, 'crm', [row('1', bob)])
    expect(await find({ ...bob, name: 'Maria Alvarez', birth: '' })).toMatchObject({
      kind: 'possible',
      candidates: [{ constituentId: '1', held: 'given names differ' }]
    })
  })

  test('two who fit alike are a choice for a person', async () => {
    await importRows(database.db, 'crm', [row('1', bob), row('2', bob)])
    expect(await find(bob)).toMatchObject({
      kind: 'possible',
      candidates: [{ constituentId: '1' }, { constituentId: '2' }]
    })
  })

  test('someone unknown is new, nobody is anonymous, and a badly read name makes no new person', async () => {
    await importRows(database.db, 'crm', [row('1', bob)])
    expect(await find({ name: 'Olga Sokolova', email: 'olga@example.net' })).toEqual({
      kind: 'new'
    })
    expect(await find({})).toMatchObject({ kind: 'anonymous' })
    expect(
      await find({ name: '0lqa S0ko1ova', email: 'olga@example.net' }, undefined, {
        nameConfidence: 0.6
      })
    ).toMatchObject({ kind: 'anonymous' })
  })

  test('importing again updates the same person, keeps the id, and says what changed', async () => {
    const progress: number[] = []
    expect(
      await importRows(
        database.db,
        'crm',
        [row('1', bob), row('2', { name: 'Ann Brennan' })],
        undefined,
        ({ added }) => progress.push(added)
      )
    ).toEqual({ added: 2, updated: 0, unchanged: 0 })
    expect(
      await importRows(database.db, 'crm', [
        row('1', { ...bob, email: 'new@example.com' }),
        row('2', { name: 'Ann Brennan' })
      ])
    ).toEqual({ added: 0, updated: 1, unchanged: 1 })
    expect(progress).toEqual([2])
    expect(await find({ name: 'Robert Alvarez', email: 'new@example.com' })).toMatchObject({
      kind: 'linked',
      candidate: { constituentId: '1' }
    })
    expect(
      (await sql<{ value: string }>`select value from constituent_emails`.execute(database.db)).rows
    ).toEqual([{ value: 'new@example.com' }])
  })

  test('the same external id of two sources is two rows, and twice in one file is one', async () => {
    await importRows(database.db, 'crm', [row('1', bob), row('1', bob)])
    await importRows(database.db, 'library', [row('1', bob)])
    expect(await everything()).toHaveLength(2)
  })

  test('learns a model from what it holds and keeps it', async () => {
    await importRows(
      database.db,
      'bench',
      Array.from({ length: 400 }, (_, index) => rowOfResident(index))
    )
    const trained = await trainOnRegister(database.db)
    const stored = await currentModel(database.db)
    expect(stored.trainedOn).toBe(400)
    expect(stored.prior).toBeCloseTo(0.5 / 400)
    expect(stored.m).toEqual(trained.m)
  })
})

describe('merging people', () => {
  const merge = (kept: string, gone: string, by: Act) =>
    database.db.transaction().execute((trx) => mergeWithin(trx, kept, gone, by))
  const unmerge = (mergeId: string, by: Act) =>
    database.db.transaction().execute((trx) => unmergeWithin(trx, mergeId, by))
  beforeEach(() =>
    importRows(database.db, 'crm', [
      row('1', bob),
      row('2', { ...bob, email: 'bob@work.example' }),
      row('3', { ...bob, email: 'bob@club.example' })
    ])
  )

  test('what is merged is found as one', async () => {
    await merge('1', '2', act)
    await merge('1', '3', act)
    expect(await find({ name: 'Robert Alvarez', email: 'bob@work.example' })).toMatchObject({
      kind: 'linked',
      candidate: { constituentId: '1', comparedWith: '2' }
    })
  })

  test('taking merges back restores exactly, in any order', async () => {
    const before = await everything()
    const first = await merge('2', '3', act)
    const between = await everything()
    const second = await merge('1', '2', act)
    await unmerge(second, act)
    expect(await everything()).toEqual(between)
    const third = await merge('1', '2', act)
    await unmerge(first, act)
    await unmerge(third, act)
    expect(await everything()).toEqual(before)
  })

  test('refuses what makes no sense, and changes nothing', async () => {
    const before = await everything()
    await expect(merge('1', '1', act)).rejects.toMatchObject({ code: 'CONSTITUENT_MERGED' })
    await expect(merge('1', '99', act)).rejects.toMatchObject({ code: 'CONSTITUENT_UNKNOWN' })
    await expect(merge('1', '2', { by: 'clerk-1', reason: '\u200B\u2060 ' })).rejects.toMatchObject(
      { code: 'REASON_REQUIRED' }
    )
    await expect(unmerge('99', act)).rejects.toMatchObject({ code: 'CONSTITUENT_UNKNOWN' })
    expect(await everything()).toEqual(before)
    await merge('1', '2', act)
    await expect(merge('3', '2', act)).rejects.toMatchObject({ code: 'CONSTITUENT_MERGED' })
  })
})

describe('privacy mode', () => {
  const protection: Protection = { kind: 'hashed', secret: new Uint8Array(32).fill(7) }

  test('recognises a repeat contact and keeps no value in the clear', async () => {
    await importRows(database.db, 'crm', [row('1', bob)], protection)
    expect(
      await find({ name: 'Robert Alvarez', email: 'bob.alvarez@example.com' }, protection)
    ).toMatchObject({ kind: 'linked', candidate: { constituentId: '1' } })
    for (const name of ['Bob Alvarez', 'R. Alvarez', 'Robert Luis Alvarez'])
      expect(await find({ name, email: 'bob.alvarez@example.com' }, protection)).toMatchObject({
        kind: 'possible'
      })
    const { rows } = await sql<{ text: string }>`
      select row_to_json(c)::text as text from constituents c union all select row_to_json(n)::text
        from constituent_names n union all select row_to_json(e)::text from constituent_emails e
    `.execute(database.db)
    expect(rows.map(({ text }) => text.toLowerCase()).join()).not.toMatch(
      /alvarez|robert|bob|1971|3125550187|oak|springfield|62704/
    )
  })

  test('another key finds nobody', async () => {
    await importRows(database.db, 'crm', [row('1', bob)], protection)
    expect(await find(bob, { kind: 'hashed', secret: new Uint8Array(32).fill(8) })).toEqual({
      kind: 'new'
    })
  })

  test('nobody stays nobody', async () => {
    const index = candidateIndex(database.db, await currentModel(database.db), protection)
    expect(await index.findCandidates(noPerson)).toMatchObject({ kind: 'anonymous' })
  })
})

describe('the bench', () => {
  test('finds nearly everyone whose query was corrupted, links nobody wrongly, and says what it measured', async () => {
    const { results, ratios, machine } = await benchMatch(database.db, {
      sizes: [300, 600],
      queries: 150,
      baselineQueries: 20,
      onProgress: () => {}
    })
    const ours = results.filter(({ name }) => name.startsWith('match'))
    expect(ours.map(({ n }) => n)).toEqual([150, 150])
    for (const result of ours) expect(result.foundFirst).toBeGreaterThanOrEqual(0.95)
    for (const result of ours) expect(result.wronglyLinked).toBe(0)
    expect(ratios).toHaveLength(4)
    expect(machine.cores).toBeGreaterThan(0)
    // Two registers are made and searched: 20 s on a quiet machine, several times that on a crowded
    // one.
  })
})
