import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { openDatabase } from '../../platform/db/database.ts'
import { joinEmbedded } from '../../platform/db/embedded.ts'
import { createLog } from '../../platform/logger.ts'
import { Queues } from '../../platform/queues/job-queues.ts'
import { freePort } from './ports.ts'
import { redisArguments } from '../../bench/redis-arguments.ts'

/**
 * Starts the real PostgreSQL and Redis that the whole run shares; each test takes a database and a
 * key prefix of its own.
 */
export default async function setup(): Promise<void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-test-'))
  const log = createLog('error')
  const postgres = await joinEmbedded(dir, log)
  const url = (database: string) =>
    `postgresql://evenhand@localhost:5432/${database}?host=${encodeURIComponent(postgres.connection.host!)}`
  const admin = new Client({ connectionString: url('postgres') })
  await admin.connect()
  await admin.query('create database template_evenhand')
  await admin.end()
  const template = await openDatabase(
    { DATABASE_URL: url('template_evenhand'), DATA_DIR: dir },
    log
  )
  // The queues' tables too: making them anew in each database takes as long as all else.
  const queues = await Queues.open(template, {}, log)
  await queues.close()
  await template.close()
  const redisPort = await freePort()
  const redis = spawn('redis-server', redisArguments(redisPort, dir), { stdio: 'ignore' })
  process.env['TEST_POSTGRES'] = url('postgres')
  // Readers and whole programs that tests start find compiled what the first of them compiled.
  process.env['NODE_COMPILE_CACHE'] = path.join(
    import.meta.dirname,
    '../../node_modules/.cache/tests'
  )
  process.env['TEST_REDIS'] = `redis://127.0.0.1:${redisPort}`
  globalThis.evenhandTest = {
    async stop() {
      redis.kill('SIGTERM')
      await postgres.leave()
      fs.rmSync(dir, { recursive: true, force: true })
    }
  }
}

declare global {
  var evenhandTest: { stop(): Promise<void> } | undefined
}
