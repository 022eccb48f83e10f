/** Opens everything a process stands on, in order, and closes it in the other order. */
import path from 'node:path'
import { loadAgency, watchAgency, type Agency } from '../config/agency.ts'
import type { Settings } from '../config/settings.ts'
import { ApiPorts } from './api/serve.ts'
import { AcceptDesk } from './intake.ts'
import { Blobs } from './blobs.ts'
import { openDatabase, type Database, type Db } from './db/database.ts'
import { Line } from './line/line.ts'
import { createLog, type Log } from './logger.ts'
import { Queues, type QueuesOptions } from './queues.ts'
import { Router } from './routing/rules.ts'
import { deriveSecret, loadMasterSecret } from './secrets.ts'

export interface Ground {
  readonly settings: Settings
  readonly log: Log
  readonly database: Database
  readonly db: Db
  readonly blobs: Blobs
  readonly queues: Queues
  readonly intake: AcceptDesk
  readonly line: Line
  /** Says that something happened in a department's line, so that its own system is told soon; the sweep sees what is not said. */
  lineChanged(department: string): void
  /** What endpoints of the API are served with. */
  readonly api: ApiPorts
  /** The agency's configuration in force now. */
  agency(): Agency
  /** The rules in force now. */
  router(): Router
  secret(purpose: string): Uint8Array
  /** Finishes what is in hand, then closes. */
  close(): Promise<void>
}

export interface GroundOptions {
  readonly log?: Log
  /** Follow changes of the configuration files; commands that end soon need not. */
  readonly watch?: boolean
  readonly queuePrefix?: string
}

/** @throws ConfigError, EvenhandError DATABASE_START, or the database driver's error */
export async function openGround(settings: Settings, options: GroundOptions = {}): Promise<Ground> {
  const log = options.log ?? createLog(settings.LOG_LEVEL)
  const config = await openConfig(settings, log, options.watch ?? false)
  const database = await openDatabase(settings, log)
  const { db } = database
  const master = await loadMasterSecret(db)
  const derived = new Map<string, Uint8Array>()
  const queues = await Queues.open(database, queueOptions(settings, options), log)
  const blobs = new Blobs(path.join(settings.DATA_DIR, 'blobs'), db)
  const intake = new AcceptDesk(db, blobs, (ids) => queues.hand('read', ids))
  const lineChanged = (department: string) => { if (isHooked(config.agency(), department)) queues.hand('webhooks', [department]) }
  const line = new Line(db, (department, caseIds) => { queues.mint(department, caseIds); lineChanged(department) }, lineChanged)
  return {
    settings, log, database, db, blobs, queues, intake, line,
    api: new ApiPorts(db, settings),
    lineChanged,
    agency: config.agency,
    router: config.router,
    secret: (purpose) => derived.get(purpose) ?? derived.set(purpose, deriveSecret(master, purpose)).get(purpose)!,
    async close() {
      config.stop()
      await intake.idle()
      await queues.close()
      await database.close()
    }
  }
}

function queueOptions(settings: Settings, { queuePrefix }: GroundOptions): QueuesOptions {
  return { redisUrl: settings.REDIS_URL, ...(queuePrefix ? { prefix: queuePrefix } : {}) }
}

async function openConfig(settings: Settings, log: Log, watch: boolean) {
  let agency = await loadAgency(settings.CONFIG_DIR)
  let router = routerOf(agency)
  const use = (changed: Agency) => {
    agency = changed
    router = routerOf(changed)
    log.info({ rules: changed.routes.version }, 'the configuration has changed')
  }
  const refuse = (error: unknown) => log.error({ problems: (error as { problems?: string[] }).problems }, 'the changed configuration cannot be used; the last good one stays')
  const watcher = watch ? watchAgency(settings.CONFIG_DIR, use, refuse) : undefined
  return { agency: () => agency, router: () => router, stop: () => watcher?.stop() }
}

function isHooked({ departments }: Agency, department: string): boolean {
  return departments.departments.find(({ id }) => id === department)?.webhook !== undefined
}

function routerOf(agency: Agency): Router {
  return new Router(agency.routes, agency.departments.general)
}
