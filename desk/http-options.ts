import type { Registry } from 'prom-client'
import type { Agency } from '../config/agency.ts'
import type { Settings } from '../config/settings.ts'
import type { Db } from '../core/db/database.ts'
import type { ChannelRoute } from '../core/channel.ts'
import type { Log } from '../core/logger.ts'
import type { Mailroom } from '../core/mailroom/types.ts'
import type { CampaignDesk } from './campaigns/campaign-desk.ts'
import type { DeskCore, WebhookDesk } from './core.ts'
import type { DocumentDesk } from './documents/papers.ts'
import type { PeopleDesk } from './people/people-desk.ts'
import type { SessionStore } from './sessions.ts'
import type { StaffStore } from './staff.ts'
import type { TranscriptionBench } from './transcribe/bench.ts'

/** What the pages stand on. */
export interface HttpOptions {
  readonly settings: Settings
  readonly agency: () => Agency
  readonly log: Log
  readonly secret: (purpose: string) => Uint8Array
  /** What the channels added. */
  readonly routes: readonly ChannelRoute[]
  readonly desk: DeskCore
  readonly webhooks: WebhookDesk
  /** For the page of other systems' keys. */
  readonly db: Db
  readonly documents: DocumentDesk
  readonly mailroom: Mailroom
  readonly people: PeopleDesk
  readonly campaigns: CampaignDesk
  readonly transcription: TranscriptionBench
  readonly staff: StaffStore
  readonly sessions: SessionStore
  /** Where /metrics reads; the process adds what else it counts. */
  readonly metrics: Registry
}
