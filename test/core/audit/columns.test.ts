import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { notProved } from '../../../core/audit/coverage.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { coverage } from './columns.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const words = (text: string | undefined) => text?.split(' ') ?? []

test('every column of every table is compared, said, derived or transport only, and a new one is missed here', async () => {
  const { rows } = await sql<{ name: string }>`
    select table_name || '.' || column_name as name from information_schema.columns
      join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE'
      and table_name not like 'kysely%'`.execute(runtime.db)
  const listed = Object.entries(coverage).flatMap(
    ([table, { compared, said, derived, transport }]) =>
      [compared, derived, transport, ...Object.values(said ?? {})]
        .flatMap(words)
        .map((column) => `${table}.${column}`)
  )
  expect(listed.toSorted()).toEqual(rows.map(({ name }) => name).toSorted())
})

test('what is said not to be proved is said', () => {
  const wanted = new Set(Object.values(coverage).flatMap(({ said }) => Object.keys(said ?? {})))
  expect(
    [...wanted].filter((words) => !notProved.some((sentence) => sentence.includes(words)))
  ).toEqual([])
})
