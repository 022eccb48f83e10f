import type { Registry } from 'prom-client'
import type { ChannelRoute } from '../core/intake/channel.ts'
import type { Mailroom } from '../core/mailroom/types.ts'
import type { Bodies } from './bodies.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { DocumentService } from '../core/cases/document-service.ts'
import type { PeopleService } from './desk/people/people-service.ts'
import type { SessionStore } from '../core/access/sessions.ts'
import type { StaffStore } from '../core/access/staff.ts'
import type { TranscriptionService } from '../core/transcription/waiting.ts'

/** Of what is open in the process, what pages call the rooms with; cases change by `line`. */
export type PagePorts = Pick<
  OpenRuntime,
  | 'settings'
  | 'agency'
  | 'log'
  | 'secret'
  | 'db'
  | 'blobs'
  | 'queues'
  | 'line'
  | 'acceptor'
  | 'access'
  | 'guesses'
  | 'watch'
  | 'router'
>

/** What the pages need. */
export interface WebContext extends PagePorts {
  /** What the channels added. */
  readonly routes: readonly ChannelRoute[]
  /** Whether the process can work. @throws DATABASE_DOWN, STORAGE_FULL */
  readonly ready: () => Promise<void>
  readonly documents: DocumentService
  readonly mailroom: Mailroom
  readonly people: PeopleService
  readonly transcription: TranscriptionService
  readonly staff: StaffStore
  readonly sessions: SessionStore
  /** Receives request bodies. */
  readonly bodies: Bodies
  /** The registry that /metrics shows; the process adds its other counts to it. */
  readonly metrics: Registry
}
