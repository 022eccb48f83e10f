import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { readSettings, type Settings } from '../../config/settings.ts'
import { openRuntime, type OpenRuntime, type RuntimeOptions } from '../../core/open-runtime.ts'
import { createLog } from '../../platform/logger.ts'

export type QueueKind = 'postgres' | 'redis'
export const queueKinds: readonly QueueKind[] = ['postgres', 'redis']

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A database of its own with all tables, cloned from the run's template; or with none. */
export async function createTestDatabase(template = 'template_evenhand'): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(`create database ${name} template ${template}`)
  const url = new URL(process.env['TEST_POSTGRES']!)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) }
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: process.env['TEST_POSTGRES'] })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

export interface TestRuntime extends OpenRuntime {
  /** Closes everything and takes the database and the folder away. */
  remove(): Promise<void>
}

/** Real services under a runtime of its own: database, data folder, queue names. */
export async function createTestRuntime(
  queues: QueueKind = 'postgres',
  environment: Record<string, string> = {},
  { watch = false }: Pick<RuntimeOptions, 'watch'> = {}
): Promise<TestRuntime> {
  const database = await createTestDatabase()
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-data-'))
  const settings = testSettings({
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    ...(queues === 'redis' ? { REDIS_URL: process.env['TEST_REDIS']! } : {}),
    ...environment
  })
  const runtime = await openRuntime(settings, {
    log: createLog(process.env['TEST_LOG'] ?? 'silent'),
    queuePrefix: `test-${randomUUID()}`,
    watch
  })
  return {
    ...runtime,
    async remove() {
      await runtime.close()
      await database.drop()
      fs.rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

export function testSettings(environment: Record<string, string>): Settings {
  return readSettings({ PORT: '0', SMTP_PORT: '0', MAIL_AUTH_DNS: 'off', ...environment })
}
