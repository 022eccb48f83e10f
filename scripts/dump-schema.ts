/**
 * `npm run schema`: runs every migration on an empty database and writes platform/db/schema.sql
 * from the catalogs.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openDatabase } from '../platform/db/database.ts'
import { createLog } from '../platform/logger.ts'
import { schemaText } from './schema-text.ts'

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-schema-'))
try {
  const database = await openDatabase({ DATABASE_URL: undefined, DATA_DIR: dir }, createLog('warn'))
  const text = await schemaText(database.db)
  await database.close()
  fs.writeFileSync(path.join(import.meta.dirname, '..', 'platform', 'db', 'schema.sql'), text)
} finally {
  fs.rmSync(dir, { recursive: true, force: true })
}
