/**
 * BullMQ on PostgreSQL, or on Redis when REDIS_URL is set; nothing else knows which. Jobs carry
 * ids, never the truth: what a queue forgets the sweep hands in again.
 */
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import {
  createPostgresBackend,
  Queue,
  runMigrations,
  withBackend,
  Worker,
  type PgPool,
  type Processor
} from 'bullmq'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import type { Database } from '../db/database.ts'
import { EvenhandError } from '../errors.ts'
import { GroupCommit } from '../group-commit.ts'
import { waitAfter, type RetryPolicy } from '../limits/retry-policy.ts'
import type { Log } from '../logger.ts'
import type { LoopWatch } from '../event-loop-watch.ts'

export const stageQueues = [
  'fetch',
  'read',
  'slow',
  'documents',
  'settle',
  'outbound',
  'upkeep',
  'mailroom',
  'webhooks'
] as const
export type StageQueue = (typeof stageQueues)[number]
export interface IdsJob {
  ids: string[]
}

const IDS_PER_JOB = 100
/**
 * One document or contact to a job, named by it: the same one handed in again while it waits or is
 * read adds nothing.
 */
const ALONE: ReadonlySet<StageQueue> = new Set(['documents', 'slow'])
/**
 * Under load ids are gathered this long, in ms: a job on PostgreSQL costs about 1.2 ms, so few
 * large ones are cheaper.
 */
const GATHER_MS = 100
const TICKET_GATHER_MS = 1_000
/**
 * Jobs that are added one by one: on PostgreSQL each takes 0.8 ms of processor time, and a bulk, for
 * which BullMQ makes two tables and drops them again, 5 ms and more, however few are in it.
 */
const FEW = 4
const BULLMQ_SCHEMA = 'bullmq'
/** How long a start waits for Redis, in ms; everything works without it, only later. */
const FIRST_CONNECT_MS = 2_000

/** The ticket queue of a department, also the name its own BullMQ consumers use. */
export function departmentQueue(department: string): string {
  return `department.${department}`
}

export interface QueuesOptions {
  readonly redisUrl?: string | undefined
  /** Redis key prefix, for several installations (or tests) on one server. */
  readonly prefix?: string
  /** Is told which jobs are under way. */
  readonly watch?: LoopWatch
}

export class Queues {
  readonly #connect: Connect
  readonly #log: Log
  readonly #watch: LoopWatch | undefined
  readonly #queues = new Map<string, Queue>()
  readonly #workers: Worker[] = []
  readonly #gather = new Map<string, GroupCommit<string, void>>()

  private constructor(connect: Connect, log: Log, watch: LoopWatch | undefined) {
    this.#connect = connect
    this.#watch = watch
    this.#log = log
  }

  static async open(
    database: Pick<Database, 'connection'>,
    options: QueuesOptions,
    log: Log
  ): Promise<Queues> {
    return new Queues(
      options.redisUrl
        ? await connectRedis(options.redisUrl, options.prefix, log)
        : await connectPostgres(database, log),
      log,
      options.watch
    )
  }

  /**
   * Hands ids to a stage. Never throws and never waits for the queue: what is lost here the sweep
   * finds.
   */
  enqueue(stage: StageQueue, ids: readonly string[]): void {
    for (const id of ids)
      this.#gatherer(stage, GATHER_MS, (set) => this.#addSet(stage, set))
        .add(id)
        .catch(() => undefined)
  }

  /** Issues one ticket per case entered in a department's line; the same rules as `enqueue`. */
  issueTickets(department: string, caseIds: readonly string[]): void {
    const name = departmentQueue(department)
    for (const id of caseIds)
      this.#gatherer(name, TICKET_GATHER_MS, (set) => this.addTickets(department, set.length))
        .add(id)
        .catch(() => undefined)
  }

  /** Adds tickets at once; a ticket is the right to serve one case, the line says which. */
  async addTickets(department: string, count: number): Promise<void> {
    const ticket = {
      name: 'ticket',
      data: { department },
      opts: { removeOnComplete: true, removeOnFail: 100, attempts: 1 }
    }
    await addJobs(
      this.queue(departmentQueue(department)),
      Array.from({ length: count }, () => ticket)
    )
  }

  /** Tickets waiting in a department's queue. */
  async ticketCount(department: string): Promise<number> {
    const counts = await this.queue(departmentQueue(department)).getJobCounts('waiting', 'delayed')
    return Object.values(counts).reduce((sum, count) => sum + count, 0)
  }

  /**
   * Takes away tickets that have no case behind them (the desk serves cases without using their
   * tickets).
   */
  async dropTickets(department: string, count: number): Promise<void> {
    await this.queue(departmentQueue(department)).clean(0, count, 'wait')
  }

  /** Jobs of a stage that are waiting or being worked on. */
  async pending(stage: StageQueue): Promise<number> {
    const counts = await this.queue(stage).getJobCounts('waiting', 'active', 'delayed')
    return Object.values(counts).reduce((sum, count) => sum + count, 0)
  }

  /** Whether jobs of a stage wait for a worker; false where the queue cannot say. */
  async othersWait(stage: StageQueue): Promise<boolean> {
    return (
      (await this.queue(stage)
        .getWaitingCount()
        .catch(() => 0)) > 0
    )
  }

  queue(name: string): Queue {
    return this.#queues.get(name) ?? this.#openQueue(name)
  }

  #openQueue(name: string): Queue {
    const queue = this.#connect.queue(name)
    queue.on('error', (error) =>
      this.#log.debug({ err: error, queue: name }, 'the queue cannot be reached')
    )
    this.#queues.set(name, queue)
    // One opened while Redis is down would refuse for the life of the process (BullMQ keeps its
    // failed start): the next use opens another.
    queue.waitUntilReady().catch(() => {
      if (this.#queues.get(name) === queue) this.#queues.delete(name)
    })
    return queue
  }

  /** Starts a worker on a queue; it reconnects for as long as the process lives. */
  work<T>(name: string, processor: Processor<T>, concurrency: number): Worker<T> {
    const watched: Processor = (...job) =>
      this.#watch
        ? this.#watch.during(`job ${name}`, async () => (processor as Processor)(...job))
        : (processor as Processor)(...job)
    const worker = this.#connect.worker(name, watched, concurrency)
    worker.on('error', (error) =>
      this.#log.debug({ err: error, queue: name }, 'the worker cannot reach its queue')
    )
    worker.on('failed', (job, error) => {
      const about = { queue: name, job: job?.id, attempt: job?.attemptsMade }
      // Nothing is wrong: it was in hand when this process was told to end.
      if (error instanceof EvenhandError && error.code === 'READERS_STOPPED')
        this.#log.debug(about, 'a job was given back')
      else this.#log.warn({ err: error, ...about }, 'a job failed')
    })
    // With the queue gone a job in hand cannot be marked as done, and BullMQ would wait for that
    // for ever.
    const close = worker.close.bind(worker)
    worker.close = async () =>
      Promise.race([close(!(await this.#connect.answers())), this.#connect.gone()])
    this.#workers.push(worker)
    return worker as Worker<T>
  }

  /** Lets workers finish what they hold, writes what is gathered, closes. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()))
    await Promise.all([...this.#gather.values()].map((gather) => gather.idle()))
    await Promise.all(
      [...this.#queues.values()].map((queue) => queue.close().catch(() => undefined))
    )
    await this.#connect.close()
  }

  #gatherer(
    name: string,
    everyMs: number,
    write: (set: string[]) => Promise<unknown>
  ): GroupCommit<string, void> {
    let gather = this.#gather.get(name)
    if (!gather) {
      gather = new GroupCommit<string, void>((set) => this.#tryWrite(name, set, write), {
        maxItems: 500,
        maxPending: Infinity,
        everyMs
      })
      this.#gather.set(name, gather)
    }
    return gather
  }

  async #tryWrite(
    name: string,
    set: string[],
    write: (set: string[]) => Promise<unknown>
  ): Promise<void[]> {
    try {
      await write(set)
    } catch (error) {
      this.#log.warn(
        { err: error, queue: name, count: set.length },
        'the queue is down; the sweep will hand these in'
      )
    }
    return set.map(() => undefined)
  }

  async #addSet(stage: StageQueue, ids: string[]): Promise<void> {
    const opts = {
      attempts: jobRetries.attempts,
      backoff: { type: 'exponential', delay: jobRetries.firstWait * 1_000 },
      removeOnComplete: true,
      removeOnFail: 1000
    }
    if (ALONE.has(stage)) {
      // A failed job that stayed would keep its name, and with it the document, out of the queue.
      await addJobs(
        this.queue(stage),
        ids.map((id) => ({
          name: 'set',
          data: { ids: [id] },
          opts: { ...opts, jobId: id, removeOnFail: true }
        }))
      )
      return
    }
    const jobs = []
    for (let from = 0; from < ids.length; from += IDS_PER_JOB)
      jobs.push({ name: 'set', data: { ids: ids.slice(from, from + IDS_PER_JOB) }, opts })
    await addJobs(this.queue(stage), jobs)
  }
}

async function addJobs(queue: Queue, jobs: Parameters<Queue['addBulk']>[0]): Promise<void> {
  if (jobs.length > FEW) await queue.addBulk(jobs)
  else for (const { name, data, opts } of jobs) await queue.add(name, data, opts)
}

interface Connect {
  answers(): Promise<boolean>
  /** Resolves when the queue cannot be reached, now or later. */
  gone(): Promise<void>
  queue(name: string): Queue
  worker(name: string, processor: Processor, concurrency: number): Worker
  close(): Promise<void>
}

async function connectPostgres(database: Pick<Database, 'connection'>, log: Log): Promise<Connect> {
  // Each of the ten workers keeps one connection for LISTEN; the rest serve every queue of the
  // process. With five left, nothing got on.
  const pool = new Pool({
    ...database.connection,
    options: `-c search_path=${BULLMQ_SCHEMA}`,
    max: 30,
    connectionTimeoutMillis: 5_000
  })
  pool.on('error', (error) => log.debug({ err: error }, 'an idle queue connection was lost'))
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ err: error }, 'a queue connection was lost'))
  )
  // Every queue and worker of the process listens on it.
  pool.setMaxListeners(0)
  const client = await pool.connect()
  try {
    await runMigrations(client, BULLMQ_SCHEMA)
  } finally {
    client.release()
  }
  const shared = pool as unknown as PgPool
  const onPostgres = withBackend(createPostgresBackend)
  return {
    queue: (name) => new onPostgres.Queue(name, { connection: shared }) as unknown as Queue,
    worker: (name, processor, concurrency) =>
      new onPostgres.Worker(name, processor, {
        connection: shared,
        concurrency,
        ...workerTiming
      }) as unknown as Worker,
    // Tables in the database everything else needs too: without it nothing is in hand.
    answers: async () => true,
    gone: () => new Promise(() => undefined),
    close: () => pool.end()
  }
}

async function connectRedis(url: string, prefix: string | undefined, log: Log): Promise<Connect> {
  // Producers fail fast, workers wait and reconnect: BullMQ's own production guide.
  const producer = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy
  })
  const consumer = new Redis(url, { maxRetriesPerRequest: null, retryStrategy })
  for (const connection of [producer, consumer]) {
    connection.on('error', (error) => log.debug({ err: error }, 'Redis cannot be reached'))
    // Every queue and worker of the process listens on it; BullMQ adds to the number.
    connection.setMaxListeners(1_000)
  }
  // A producer that fails fast would lose what is handed in before it is connected. A Redis that is
  // down is not waited for.
  await Promise.race([
    once(producer, 'ready').catch(() => undefined),
    setTimeout(FIRST_CONNECT_MS, undefined, { ref: false })
  ])
  const named = prefix ? { prefix } : {}
  return {
    queue: (name) => new Queue(name, { connection: producer, skipWaitingForReady: true, ...named }),
    worker: (name, processor, concurrency) =>
      new Worker(name, processor, { connection: consumer, concurrency, ...workerTiming, ...named }),
    answers: () =>
      producer.ping().then(
        () => true,
        () => false
      ),
    gone: () =>
      new Promise((resolve) => {
        if (consumer.status === 'ready') consumer.once('close', resolve)
        else resolve()
      }),
    async close() {
      producer.disconnect()
      consumer.disconnect()
    }
  }
}

// A worker that was killed holds its job's lock this long; nothing accepted is lost, but it waits.
const workerTiming = {
  stalledInterval: 5_000,
  lockDuration: 15_000,
  maxStalledCount: 5,
  runRetryDelay: 500
}

/**
 * A job fails as a whole only where a database or disk is away: it has a second or two to come
 * back, then the sweep brings its ids. BullMQ doubles the wait.
 */
const jobRetries: RetryPolicy = { firstWait: 0.5, factor: 2, longestWait: 1, attempts: 3 }

/** Redis that is away is asked for as long as the process runs. */
const connecting: RetryPolicy = { firstWait: 0.2, factor: 2, longestWait: 2, attempts: Infinity }

function retryStrategy(times: number): number {
  return waitAfter(connecting, times) * 1_000
}
