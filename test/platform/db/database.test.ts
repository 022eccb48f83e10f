import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import fs from 'node:fs'
import path from 'node:path'
import { openDatabase } from '../../../platform/db/database.ts'
import { createLog } from '../../../platform/logger.ts'
import { temporaryFolder } from '../../helpers/running.ts'

const log = createLog('silent')
let dir: string
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }))

test('tables of a newer program are refused, and the server that was started for it is stopped', async () => {
  const settings = { DATA_DIR: dir }
  const database = await openDatabase(settings, log)
  await sql`insert into kysely_migration (name, timestamp) values ('9999-newer', '')`.execute(
    database.db
  )
  await database.close()
  await expect(openDatabase(settings, log)).rejects.toThrow('9999-newer')
  expect(fs.existsSync(path.join(dir, 'postgres', 'postmaster.pid'))).toBe(false)
})
