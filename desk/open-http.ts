import type { Express } from 'express'
import type { Registry } from 'prom-client'
import type { ChannelRoute } from '../core/channel.ts'
import type { Ground } from '../core/ground.ts'
import { openMailroom } from '../core/mailroom/open.ts'
import { apiRoutes } from './api/index.ts'
import { openCampaignDesk } from './campaigns/campaign-desk.ts'
import { openDocumentDesk } from './documents/papers.ts'
import { openDesk, openWebhookDesk } from './ground-desk.ts'
import { createHttp } from './http.ts'
import { openPeopleDesk } from './people/people-desk.ts'
import { SessionStore } from './sessions.ts'
import { StaffStore } from './staff.ts'
import { openTranscription } from './transcribe/ground-bench.ts'

/** The HTTP side of a running ground, and its accounts (for the first administrator's set-up link at start). */
export function openHttp(ground: Ground, routes: readonly ChannelRoute[], metrics: Registry): { app: Express; staff: StaffStore } {
  const { settings, agency, log, secret, db } = ground
  const staff = new StaffStore(db)
  const desk = openDesk(ground)
  const all = [...routes, ...apiRoutes(ground, desk, routes)]
  const { app } = createHttp({ settings, agency, log, secret, routes: all, desk, webhooks: openWebhookDesk(ground), db, documents: openDocumentDesk(ground), mailroom: openMailroom(ground), people: openPeopleDesk(ground), campaigns: openCampaignDesk(ground), transcription: openTranscription(ground), staff, sessions: new SessionStore(db), metrics })
  return { app, staff }
}
