import type { Registry } from 'prom-client'
import type { Agency } from '../config/agency.ts'
import type { Settings } from '../config/settings.ts'
import type { AccessLog } from '../core/access/access-log.ts'
import type { Db } from '../platform/db/database.ts'
import type { ChannelRoute } from '../core/intake/channel.ts'
import type { WrongGuesses } from '../platform/limits/wrong-guesses.ts'
import type { Log } from '../platform/logger.ts'
import type { LoopWatch } from '../platform/event-loop-watch.ts'
import type { Mailroom } from '../core/mailroom/types.ts'
import type { Bodies } from './bodies.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { DocumentService } from '../core/cases/document-service.ts'
import type { PeopleService } from './desk/people/people-service.ts'
import type { SessionStore } from '../core/access/sessions.ts'
import type { StaffStore } from '../core/access/staff.ts'
import type { TranscriptionService } from '../core/transcription/waiting.ts'

/** What the pages need. */
export interface WebContext {
  readonly settings: Settings
  readonly agency: () => Agency
  readonly log: Log
  readonly secret: (purpose: string) => Uint8Array
  /** What the channels added. */
  readonly routes: readonly ChannelRoute[]
  /**
   * For pages that call a function of a room directly; cases are changed through `runtime.line`.
   */
  readonly runtime: OpenRuntime
  /** Whether the process can work. @throws DATABASE_DOWN, STORAGE_FULL */
  readonly ready: () => Promise<void>
  readonly db: Db
  readonly documents: DocumentService
  readonly mailroom: Mailroom
  readonly people: PeopleService
  readonly transcription: TranscriptionService
  readonly staff: StaffStore
  readonly sessions: SessionStore
  readonly access: AccessLog
  /** Receives request bodies. */
  readonly bodies: Bodies
  /** Counts wrong guesses, for all processes together. */
  readonly guesses: WrongGuesses
  /** The registry that /metrics shows; the process adds its other counts to it. */
  readonly metrics: Registry
  /** Work is named to it, so that a stall can be reported with its cause. */
  readonly watch?: LoopWatch
}
