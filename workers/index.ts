/**
 * The background work of a process: one BullMQ worker per stage queue, and a clock that starts the
 * sweep.
 */
import os from 'node:os'
import path from 'node:path'
import { OutboxDispatcher } from '../core/outbox/dispatcher.ts'
import type { AnyChannel, StoredRaw } from '../core/intake/channel.ts'
import { ourNames } from '../core/duplicates/filler.ts'
import { WrittenTexts } from '../core/duplicates/texts.ts'
import { ocrLanguages } from '../core/documents/languages.ts'
import { closeReaders, sharedPool } from '../core/documents/read.ts'
import { DocumentStage } from '../core/documents/stage.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import { takeMailedScans } from '../core/mailroom/mailed-scans.ts'
import { Fetcher } from '../core/reading/fetcher.ts'
import { openRecognition } from '../core/people/recognition.ts'
import { TranslatePool } from '../core/reading/pool.ts'
import { Reader } from '../core/reading/reader.ts'
import { Settler } from '../core/settle/settler.ts'
import { textSender } from '../platform/providers/twilio/texts.ts'
import { startDocuments } from './documents.ts'
import { startMailroom } from './mailroom.ts'
import { startFetch } from './fetch.ts'
import { startOutbound } from './outbound.ts'
import { startRead } from './read.ts'
import { startRegister } from './register.ts'
import { startSettle } from './settle.ts'
import { startSlow } from './slow.ts'
import { startUpkeep } from './upkeep.ts'
import { startWebhooks } from './webhooks.ts'

export interface WorkersOptions {
  readonly channels: readonly AnyChannel[]
  /** The file that readers run; see channels/translate-thread.ts. */
  readonly translateThread: URL
  /** Reader processes of the common lane. */
  readonly readers?: number
}

export interface Workers {
  /** Lets running jobs finish. Call before closing the runtime. */
  stop(): Promise<void>
}

export function startWorkers(runtime: OpenRuntime, options: WorkersOptions): Workers {
  const pool = new TranslatePool(options.translateThread, {
    readers: options.readers ?? os.availableParallelism(),
    cacheDir: path.join(runtime.settings.DATA_DIR, 'cache')
  })
  const { db, blobs, log, queues, settings } = runtime
  const filesOf = (raw: StoredRaw) =>
    options.channels.find(({ kind }) => kind === raw.channel)?.remoteFiles?.(raw, settings) ?? []
  const fetcher = new Fetcher({
    db,
    blobs,
    log,
    filesOf,
    onComplete: (ids) => queues.enqueue('read', ids)
  })
  const checks = new Map(
    options.channels.flatMap(({ kind, senderChecks }) => {
      const opened = senderChecks?.(settings)
      return opened ? [[kind, opened] as const] : []
    })
  )
  const reader = new Reader({
    db,
    blobs,
    pool,
    log,
    remote: { filesOf, onWanted: (ids) => queues.enqueue('fetch', ids) },
    senderChecks: checks,
    onRead: (ids) => queues.enqueue('settle', ids),
    onDocuments: (hashes) => queues.enqueue('documents', hashes),
    onScans: (id, scans) => takeMailedScans(runtime, id, scans),
    onSlow: (ids) => queues.enqueue('slow', ids),
    onEnqueued: (ids) => queues.enqueue('outbound', ids)
  })
  const documents = createStage(runtime)
  const settler = createSettler(runtime)
  const workers = [
    startFetch(runtime, fetcher),
    startRead(runtime, reader),
    startSlow(runtime, reader),
    startDocuments(runtime, documents),
    startSettle(runtime, settler),
    startOutbound(runtime, new OutboxDispatcher(runtime, options.channels, textSender(settings))),
    startMailroom(runtime),
    startWebhooks(runtime),
    startUpkeep(runtime),
    startRegister(runtime)
  ]
  return {
    async stop() {
      documents.stop()
      // Closed first: jobs that wait for a reader, or are slow, would otherwise delay the stop.
      await pool.close()
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all([...checks.values()].map((one) => one.close()))
      await closeReaders()
    }
  }
}

function createStage({ db, blobs, log, queues, agency, settings }: OpenRuntime): DocumentStage {
  return new DocumentStage({
    db,
    blobs,
    log,
    how: () => ({
      languages: ocrLanguages(agency().departments.agency.languages),
      engine: settings.OCR_ENGINE
    }),
    othersWait: () => queues.othersWait('documents'),
    onRead: (ids) => queues.enqueue('settle', ids),
    pool: sharedPool()
  })
}

/**
 * Most contacts settled in one transaction. They share its forty statements, but takes in their
 * departments wait while it writes.
 */
const SETTLED_AT_ONCE = 200

function createSettler(runtime: OpenRuntime): Settler {
  const { db, log, router, secret, queues, lineChanged } = runtime
  return new Settler({
    db,
    log,
    router,
    replySecret: secret('reply'),
    recognition: openRecognition(runtime),
    texts: new WrittenTexts(() => ourNames(runtime.agency())),
    fill: SETTLED_AT_ONCE,
    onSettled(entered, acknowledge) {
      for (const { department, caseId } of entered) queues.issueTickets(department, [caseId])
      for (const department of new Set(entered.map((one) => one.department)))
        lineChanged(department)
      queues.enqueue('outbound', acknowledge)
    }
  })
}
