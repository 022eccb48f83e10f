/** What a database of before holds is there after an upgrade. */
import { afterEach, expect, test } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { Client, Pool } from 'pg'
import { dropOther, readDraft } from '../../../core/replies/drafts.ts'
import { openDatabase, type Database } from '../../../platform/db/database.ts'
import { newId } from '../../../platform/ids.ts'
import { createLog } from '../../../platform/logger.ts'
import { createTestDatabase, type TestDatabase } from '../../helpers/runtime.ts'

let before: TestDatabase
let upgraded: Database | undefined
afterEach(async () => {
  await upgraded?.close()
  await before.drop()
})

const folder = path.resolve('platform/db/migrations')

async function getMigrations(): Promise<Record<string, Migration>> {
  const names = fs.readdirSync(folder).map((file) => path.parse(file).name)
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await import(path.join(folder, `${name}.ts`))] as const)
    )
  )
}

/** A database as the version with this migration as its last one left it. */
async function databaseAt(migration: string): Promise<void> {
  before = await createTestDatabase('template0')
  const pool = new Pool({ connectionString: before.url })
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  const { error } = await new Migrator({ db, provider: { getMigrations } }).migrateTo(migration)
  await db.destroy()
  if (error) throw error
}

/** Runs statements in it; rows need not point to others that matter to nobody here. */
async function inBefore(statement: string, values: unknown[]): Promise<void> {
  const client = new Client({ connectionString: before.url })
  await client.connect()
  await client.query('set session_replication_role = replica')
  await client.query(statement, values)
  await client.end()
}

async function upgrade(): Promise<Database> {
  upgraded = await openDatabase({ DATABASE_URL: before.url, DATA_DIR: '' }, createLog('silent'))
  return upgraded
}

test('drafts of before windows had names: their words, those beside them, and neither', async () => {
  await databaseAt('0038-address-proofs')
  const [both, one] = [newId(), newId()]
  const insert = `insert into drafts (case_id, author, kind, version, fields, other)
    values ($1, 'staff:ann', $2, $3, $4, $5)`
  const [mine, theirs] = [{ text: 'We fill it on Monday.' }, { text: 'Half a thought' }]
  await inBefore(insert, [both, 'reply', 7, mine, theirs])
  await inBefore(insert, [one, 'note', 2, { text: 'Crew one' }, null])
  const { db } = await upgrade()
  const key = { caseId: both, author: 'staff:ann', kind: 'reply' } as const
  expect(await readDraft(db, key)).toMatchObject({
    version: 7,
    fields: mine,
    keptFrom: undefined,
    other: [{ text: 'Half a thought', at: undefined }]
  })
  expect(await readDraft(db, { ...key, caseId: one, kind: 'note' })).toMatchObject({
    version: 2,
    fields: { text: 'Crew one' },
    other: []
  })
  await dropOther(db, key, 7)
  expect((await readDraft(db, key)).other).toEqual([])
})
