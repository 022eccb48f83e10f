import type { Express } from 'express'
import type { Registry } from 'prom-client'
import type { ChannelRoute } from '../core/intake/channel.ts'
import type { Endpoint } from '../core/intake/endpoint.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import { openMailroom } from '../core/mailroom/open.ts'
import { apiRoutes } from './api/index.ts'
import { Bodies } from './bodies.ts'
import { openDocumentService } from '../core/cases/document-service.ts'
import { openReadiness } from '../platform/readiness.ts'
import { createApp } from './app.ts'
import { openPeopleService } from './desk/people/people-service.ts'
import { SessionStore } from '../core/access/sessions.ts'
import { StaffStore } from '../core/access/staff.ts'
import { openTranscription } from '../core/transcription/waiting-store.ts'

/** What channels added. */
export interface Added {
  readonly routes?: readonly ChannelRoute[]
  readonly endpoints?: readonly Endpoint[]
}

/**
 * The HTTP side of a running process, and its accounts (for the first administrator's set-up link
 * at start).
 */
export function openWeb(
  runtime: OpenRuntime,
  { routes = [], endpoints = [] }: Added,
  metrics: Registry,
  bodies = new Bodies()
): { app: Express; staff: StaffStore } {
  const { settings, secret, db } = runtime
  const staff = new StaffStore(db)
  const all = [...routes, ...apiRoutes(runtime, endpoints)]
  const { app } = createApp({
    ...runtime,
    routes: all,
    ready: openReadiness(db, settings.DATA_DIR),
    documents: openDocumentService(runtime),
    mailroom: openMailroom(runtime),
    people: openPeopleService(runtime),
    transcription: openTranscription(runtime),
    staff,
    sessions: new SessionStore(db, { secret: secret('sign-in'), access: runtime.access }),
    bodies,
    metrics
  })
  return { app, staff }
}
