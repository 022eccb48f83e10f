/** Opens everything a process needs, in order, and closes it in reverse order. */
import { findDepartment } from '../config/departments.ts'
import path from 'node:path'
import { loadAgency, watchAgency, type Agency } from '../config/agency.ts'
import type { Settings } from '../config/settings.ts'
import { AccessLog } from './access/access-log.ts'
import type { Runtime } from './runtime.ts'
import { SharedCounter } from '../platform/limits/shared-counter.ts'
import { WrongGuesses } from '../platform/limits/wrong-guesses.ts'
import { ContactAcceptor } from './intake/accept.ts'
import { Blobs } from '../platform/storage/blob-store.ts'
import { openDatabase, type Database } from '../platform/db/database.ts'
import { Line } from './line/line.ts'
import { LoopWatch } from '../platform/event-loop-watch.ts'
import { createLog, type Log } from '../platform/logger.ts'
import { Queues, type QueuesOptions } from '../platform/queues/job-queues.ts'
import { Router } from './routing/rules.ts'
import { deriveSecret, loadMasterSecret } from '../platform/derived-keys.ts'

/** Everything that is open: what rooms get, and what only the process itself uses. */
export interface OpenRuntime extends Runtime {
  readonly acceptor: ContactAcceptor
  readonly line: Line
  /**
   * Announces that something happened in a department's line, so that its own system hears of it
   * soon. The sweep finds what was not announced.
   */
  lineChanged(department: string): void
  /** Records what API keys and accounts looked at. */
  readonly access: AccessLog
  /** Counts requests of keys and addresses per minute, for all processes together. */
  readonly counter: SharedCounter
  /** Counts wrong guesses of receipts, keys and links. */
  readonly guesses: WrongGuesses
  /** The routing rules now in force. */
  router(): Router
  /** Finishes the work under way, then closes. */
  close(): Promise<void>
}

export interface RuntimeOptions {
  readonly log?: Log
  /**
   * Whether it stays: it follows changes of the configuration files and warns of stalls, which
   * commands that end soon need not.
   */
  readonly watch?: boolean
  readonly queuePrefix?: string
}

/** @throws ConfigError, EvenhandError DATABASE_START, or the database driver's error */
export async function openRuntime(
  settings: Settings,
  options: RuntimeOptions = {}
): Promise<OpenRuntime> {
  const log = options.log ?? createLog(settings.LOG_LEVEL)
  const config = await openConfig(settings, log, options)
  const database = await openDatabase(settings, log).catch((error: unknown) => {
    config.stop()
    throw error
  })
  try {
    return await openOn(database, config, log, settings, options)
  } catch (error) {
    config.stop()
    await database.close()
    throw error
  }
}

async function openOn(
  database: Database,
  config: OpenConfig,
  log: Log,
  settings: Settings,
  options: RuntimeOptions
): Promise<OpenRuntime> {
  const { db } = database
  const master = await loadMasterSecret(db)
  const derived = new Map<string, Uint8Array>()
  const secret = (purpose: string) =>
    derived.get(purpose) ?? derived.set(purpose, deriveSecret(master, purpose)).get(purpose)!
  const counter = new SharedCounter(database.pool, secret('rate-limits'))
  // A command that ends soon holds up nobody, and its stderr is its answer.
  const level = options.watch ? 'warn' : 'debug'
  const watch = new LoopWatch((stall) => log[level](stall, 'the event loop stood still')).start()
  const queues = await Queues.open(database, { ...queueOptions(settings, options), watch }, log)
  const blobs = new Blobs(path.join(settings.DATA_DIR, 'blobs'), db)
  const acceptor = new ContactAcceptor(db, blobs, log, (ids) => queues.enqueue('read', ids))
  const lineChanged = (department: string) => {
    if (isHooked(config.agency(), department)) queues.enqueue('webhooks', [department])
  }
  const line = new Line(
    db,
    (department, caseIds) => {
      queues.issueTickets(department, caseIds)
      lineChanged(department)
    },
    lineChanged
  )
  return {
    settings,
    log,
    database,
    db,
    blobs,
    queues,
    acceptor,
    line,
    watch,
    access: new AccessLog(db, log),
    counter,
    guesses: new WrongGuesses(counter),
    lineChanged,
    agency: config.agency,
    router: config.router,
    secret,
    async close() {
      watch.stop()
      config.stop()
      await acceptor.idle()
      await queues.close()
      await database.close()
    }
  }
}

function queueOptions(settings: Settings, { queuePrefix }: RuntimeOptions): QueuesOptions {
  return { redisUrl: settings.REDIS_URL, ...(queuePrefix ? { prefix: queuePrefix } : {}) }
}

type OpenConfig = Awaited<ReturnType<typeof openConfig>>

async function openConfig(
  settings: Settings,
  log: Log,
  { watch = false }: Pick<RuntimeOptions, 'watch'>
) {
  let agency = await loadAgency(settings.CONFIG_DIR)
  let router = routerOf(agency)
  const use = (changed: Agency) => {
    agency = changed
    router = routerOf(changed)
    log.info({ rules: changed.routes.version }, 'the configuration has changed')
  }
  const refuse = (error: unknown) =>
    log.error(
      { problems: (error as { problems?: string[] }).problems },
      'the changed configuration cannot be used; the last good one stays'
    )
  const watcher = watch ? watchAgency(settings.CONFIG_DIR, use, refuse) : undefined
  return { agency: () => agency, router: () => router, stop: () => watcher?.stop() }
}

function isHooked({ departments }: Agency, department: string): boolean {
  return findDepartment(departments, department)?.webhook !== undefined
}

function routerOf(agency: Agency): Router {
  return new Router(agency.routes, agency.departments.general)
}
