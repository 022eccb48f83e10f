import { afterEach, expect, test } from '@jest/globals'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Client, type PoolConfig } from 'pg'
import { joinEmbedded, type EmbeddedPostgres } from '../../../platform/db/embedded.ts'
import { createLog } from '../../../platform/logger.ts'
import { until } from '../../helpers/until.ts'

const log = createLog('silent')
const joined: EmbeddedPostgres[] = []
const folders: string[] = []
afterEach(async () => {
  for (const server of joined.splice(0)) await server.leave()
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-embedded-'))
  folders.push(made)
  return made
}

async function join(dir: string): Promise<EmbeddedPostgres> {
  const server = await joinEmbedded(dir, log)
  joined.push(server)
  return server
}

async function answer(server: EmbeddedPostgres): Promise<unknown> {
  const client = new Client(server.connection)
  await client.connect()
  try {
    return (await client.query<{ one: number }>('select 1 as one')).rows[0]!.one
  } finally {
    await client.end()
  }
}

const pidOf = (dir: string) =>
  Number(fs.readFileSync(path.join(dir, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0])

test('the first to come starts the server, in a folder that only its owner may enter; the last to leave stops it', async () => {
  const dir = folder()
  expect(fs.statSync(dir).mode & 0o077).toBe(0)
  const [first, second] = await Promise.all([joinEmbedded(dir, log), joinEmbedded(dir, log)])
  const client = new Client(second.connection)
  await client.connect()
  await first.leave()
  expect(await answer(second)).toBe(1)
  await client.end()
  await second.leave()
  expect(fs.existsSync(path.join(dir, 'postgres', 'postmaster.pid'))).toBe(false)
})

test('a server that is killed is started again by whoever still stands on it', async () => {
  const dir = folder()
  const server = await join(dir)
  const before = pidOf(dir)
  process.kill(before, 'SIGKILL')
  expect(await until(() => answer(server).catch(() => undefined), { everyMs: 100 })).toBe(1)
  expect(pidOf(dir)).not.toBe(before)
})

test('a lock file that names a stranger, as after a restart of the machine, does not keep the server from starting', async () => {
  const dir = folder()
  await (await joinEmbedded(dir, log)).leave()
  fs.writeFileSync(
    path.join(dir, 'postgres', 'postmaster.pid'),
    `${process.pid}\n${path.join(dir, 'postgres')}\n1\n5432\n`
  )
  expect(await answer(await join(dir))).toBe(1)
})

test('lets the connections of six busy processes in: a process uses up to 42', async () => {
  const server = await join(folder())
  const clients = Array.from({ length: 6 * 42 }, () => new Client(server.connection))
  try {
    const opened = await Promise.allSettled(clients.map((client) => client.connect()))
    expect(opened.filter(({ status }) => status === 'rejected')).toEqual([])
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
})

test('a client that is still connecting does not keep the last to leave from stopping the server', async () => {
  const dir = folder()
  const server = await joinEmbedded(dir, log)
  const holder = await connect({ ...server.connection, database: 'postgres' })
  const connecting = new Client({ ...server.connection, application_name: 'another' })
  for (const client of [holder, connecting]) client.on('error', () => undefined)
  try {
    // Whoever connects to a database that is being renamed waits, without a name yet.
    await holder.query('begin; alter database evenhand rename to renamed')
    connecting.connect().catch(() => undefined)
    await until(async () => (await startingOn(server)) === 1)
    await server.leave()
    expect(serversIn(dir)).toEqual([])
  } finally {
    await Promise.allSettled([holder.end(), connecting.end()])
  }
})

test('of ten that come and leave at once none leaves a server behind', async () => {
  const dir = folder()
  const servers = await Promise.all(Array.from({ length: 10 }, () => joinEmbedded(dir, log)))
  await Promise.all(servers.map((server) => server.leave()))
  expect(serversIn(dir)).toEqual([])
})

/** Server processes whose working folder is the cluster's, with or without a lock file. */
function serversIn(dir: string): string[] {
  const cluster = fs.realpathSync(path.join(dir, 'postgres'))
  return fs.readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && fs.readlinkSync(`/proc/${entry}/cwd`) === cluster
    } catch {
      return false
    }
  })
}

async function startingOn(server: EmbeddedPostgres): Promise<number> {
  const client = await connect({ ...server.connection, database: 'postgres' })
  const { rows } = await client.query<{ count: number }>(
    "select count(*)::int as count from pg_stat_activity where state = 'starting'"
  )
  await client.end()
  return rows[0]!.count
}

async function connect(connection: PoolConfig): Promise<Client> {
  const client = new Client(connection)
  await client.connect()
  return client
}
