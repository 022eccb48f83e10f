/**
 * What a process has open. Rooms of the core each get the parts they need. core/open-runtime.ts
 * opens it.
 */
import type { Agency } from '../config/agency.ts'
import type { Settings } from '../config/settings.ts'
import type { Database, Db } from '../platform/db/database.ts'
import type { LoopWatch } from '../platform/event-loop-watch.ts'
import type { Log } from '../platform/logger.ts'
import type { Queues } from '../platform/queues/job-queues.ts'
import type { Blobs } from '../platform/storage/blob-store.ts'

export interface Runtime {
  readonly settings: Settings
  readonly log: Log
  readonly database: Database
  readonly db: Db
  readonly blobs: Blobs
  readonly queues: Queues
  /** Work is named to it, so that a stall can be reported with its cause. */
  readonly watch: LoopWatch
  /** The agency's configuration now in force. */
  agency(): Agency
  /** A key for one purpose. It stays the same over restarts. */
  secret(purpose: string): Uint8Array
}
