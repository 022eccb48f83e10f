/** The background work of a process: one BullMQ worker per stage queue, and a clock that keeps the sweep coming round. */
import os from 'node:os'
import { Acknowledger } from '../core/acknowledge.ts'
import type { Channel, StoredRaw } from '../core/channel.ts'
import { WrittenTexts } from '../core/duplicates/texts.ts'
import { ocrLanguages } from '../core/documents/languages.ts'
import { closeReaders, sharedPool } from '../core/documents/read.ts'
import { DocumentStage } from '../core/documents/stage.ts'
import type { Ground } from '../core/ground.ts'
import { takeMailedScans } from '../core/mailroom/mailed-scans.ts'
import { Fetcher } from '../core/reading/fetcher.ts'
import { openRecognition } from '../core/people/recognition.ts'
import { TranslatePool } from '../core/reading/pool.ts'
import { Reader } from '../core/reading/reader.ts'
import { Settler } from '../core/settle/settler.ts'
import { startDocuments } from './documents.ts'
import { startMailroom } from './mailroom.ts'
import { startFetch } from './fetch.ts'
import { startOutbound } from './outbound.ts'
import { startRead } from './read.ts'
import { startRegister } from './register.ts'
import { startSettle } from './settle.ts'
import { startUpkeep } from './upkeep.ts'
import { startWebhooks } from './webhooks.ts'

export interface WorkersOptions {
  readonly channels: readonly Channel[]
  /** The file that translation threads run; see channels/translate-thread.ts. */
  readonly translateThread: URL
  readonly threads?: number
}

export interface Workers {
  /** Lets jobs in hand finish. Call before closing the ground. */
  stop(): Promise<void>
}

export function startWorkers(ground: Ground, options: WorkersOptions): Workers {
  const pool = new TranslatePool(options.translateThread, { threads: options.threads ?? os.availableParallelism() })
  const { db, blobs, log, queues, settings } = ground
  const filesOf = (raw: StoredRaw) => options.channels.find(({ kind }) => kind === raw.channel)?.remoteFiles?.(raw, settings) ?? []
  const fetcher = new Fetcher({ db, blobs, log, filesOf, onComplete: (ids) => queues.hand('read', ids) })
  const reader = new Reader(db, blobs, pool, log, (ids) => queues.hand('settle', ids), { filesOf, onWanted: (ids) => queues.hand('fetch', ids) }, (hashes) => queues.hand('documents', hashes), (id, scans) => takeMailedScans(ground, id, scans))
  const documents = createStage(ground)
  const settler = createSettler(ground)
  const workers = [
    startFetch(ground, fetcher),
    startRead(ground, reader),
    startDocuments(ground, documents),
    startSettle(ground, settler),
    startOutbound(ground, new Acknowledger(ground, options.channels)),
    startMailroom(ground),
    startWebhooks(ground),
    startUpkeep(ground), startRegister(ground)
  ]
  return {
    async stop() {
      documents.stop()
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all([pool.close(), closeReaders()])
    }
  }
}

function createStage({ db, blobs, log, queues, agency, settings }: Ground): DocumentStage {
  return new DocumentStage({
    db, blobs, log, how: () => ({ languages: ocrLanguages(agency().departments.agency.languages), engine: settings.OCR_ENGINE }),
    othersWait: () => queues.othersWait('documents'), onRead: (ids) => queues.hand('settle', ids),
    pool: sharedPool()
  })
}

/** Settled in one transaction where so many wait: forty statements are shared by all, and departments' takes wait for its writing. */
const SETTLED_AT_ONCE = 200

function createSettler(ground: Ground): Settler {
  const { db, log, router, secret, queues, lineChanged } = ground
  return new Settler({
    db, log, router, replySecret: secret('reply'), recognition: openRecognition(ground), texts: new WrittenTexts(), fill: SETTLED_AT_ONCE,
    onSettled(entered, acknowledge) {
      for (const { department, caseId } of entered) queues.mint(department, [caseId])
      for (const department of new Set(entered.map((one) => one.department))) lineChanged(department)
      queues.hand('outbound', acknowledge)
    }
  })
}
