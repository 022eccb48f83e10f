/**
 * Promise 1, by force: our process, PostgreSQL and Redis are ended by SIGKILL at random moments
 * while mail and forms pour in. Every contact a sender was told is accepted reaches a line exactly
 * once, and no take overtook an earlier arrival. KILLS sets how many kills each set-up gets (12
 * unless told).
 */
import { afterEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import { createTransport } from 'nodemailer'
import { findDone, viewContact, findContactId } from '../../core/contacts/find.ts'
import { verifyAudit } from '../../core/audit/verify.ts'
import { openRuntime } from '../../core/open-runtime.ts'
import { createLog } from '../../platform/logger.ts'
import { freePort } from '../helpers/ports.ts'
import { testSettings } from '../helpers/runtime.ts'
import { submitForm } from '../helpers/form.ts'
import {
  killEvenhand,
  killPostgres,
  startEvenhand,
  stopEvenhand,
  temporaryFolder,
  type Running
} from '../helpers/running.ts'
import { untilNoneLeft } from '../helpers/until.ts'

const KILLS = Number(process.env['KILLS'] ?? 12)
const cleanUps: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

test('with queues on PostgreSQL, every accepted contact survives SIGKILLs of our process and of PostgreSQL', async () => {
  const site = await Site.open(false)
  const tally = await site.endure(['process', 'postgres'], KILLS)
  expect(await site.countLost(tally)).toEqual({ lost: 0, overtakes: 0 })
})

test('with queues on Redis, every accepted contact survives SIGKILLs of our process, of PostgreSQL and of Redis', async () => {
  const site = await Site.open(true)
  const tally = await site.endure(['process', 'postgres', 'redis'], KILLS)
  expect(await site.countLost(tally)).toEqual({ lost: 0, overtakes: 0 })
})

type Target = 'process' | 'postgres' | 'redis'

interface Tally {
  readonly receipts: Set<string>
  refused: number
  kills: Record<Target, number>
}

class Site {
  readonly #dir = temporaryFolder()
  readonly #redisPort: number | undefined
  #redis: ChildProcess | undefined
  #running: Running | undefined

  private constructor(redisPort: number | undefined) {
    this.#redisPort = redisPort
  }

  static async open(withRedis: boolean): Promise<Site> {
    const site = new Site(withRedis ? await freePort() : undefined)
    cleanUps.push(() => site.#remove())
    site.#startRedis()
    site.#running = await startEvenhand(site.#dir, site.#environment())
    return site
  }

  /** Pours contacts in by both doors while killing targets in turn at random moments. */
  async endure(targets: Target[], kills: number): Promise<Tally> {
    const tally: Tally = {
      receipts: new Set(),
      refused: 0,
      kills: { process: 0, postgres: 0, redis: 0 }
    }
    const pouring = { stop: false }
    cleanUps.push(() => {
      pouring.stop = true
    })
    const senders = [
      ...Array.from({ length: 4 }, (_, n) =>
        this.#pour(tally, pouring, (i) => this.#sendMail(`${n}-${i}`))
      ),
      ...Array.from({ length: 2 }, (_, n) =>
        this.#pour(tally, pouring, (i) => this.#sendForm(`${n}-${i}`))
      )
    ]
    for (let n = 0; n < kills; n++) {
      await pause(200 + Math.random() * 1_300)
      const target = targets[n % targets.length]!
      tally.kills[target] += 1
      await this.#kill(target)
    }
    await pause(1_000)
    pouring.stop = true
    await Promise.all(senders)
    return tally
  }

  async countLost(tally: Tally): Promise<{ lost: number; overtakes: number }> {
    expect(tally.receipts.size).toBeGreaterThan(20)
    await stopEvenhand(this.#running!)
    const runtime = await openRuntime(
      testSettings({ DATA_DIR: this.#dir, ...this.#redisEnvironment() }),
      { log: createLog('silent') }
    )
    const restarted = await startEvenhand(this.#dir, this.#environment(), ['worker'])
    const ids: string[] = []
    for (const receipt of tally.receipts) ids.push(await findContactId(runtime.db, receipt))
    await untilNoneLeft(async () => ids.length - (await findDone(runtime.db, ids)).size)
    const served = await serveEverything(runtime)
    let lost = 0
    for (const id of ids) {
      const { outcome, cases } = await viewContact(runtime.db, id)
      if (outcome !== 'case' || cases.length !== 1 || cases[0]!.state !== 'closed') lost += 1
    }
    const audit = await verifyAudit(runtime.db)
    expect(audit).toMatchObject({ ok: true, overtakes: 0, problems: [] })
    for (const order of served.values())
      expect(order).toEqual(order.toSorted((a, b) => a.at - b.at || a.ordinal - b.ordinal))
    process.stderr.write(
      `nothing lost: ${JSON.stringify({ accepted: tally.receipts.size, toldToTryLater: tally.refused, kills: tally.kills, takes: audit.takes, overtakes: audit.overtakes })}\n`
    )
    await stopEvenhand(restarted)
    await runtime.close()
    return { lost, overtakes: audit.overtakes }
  }

  async #pour(
    tally: Tally,
    until: { stop: boolean },
    send: (n: number) => Promise<string>
  ): Promise<void> {
    for (let n = 0; !until.stop; n++) {
      await send(n).then(
        (receipt) => tally.receipts.add(receipt),
        async () => {
          tally.refused += 1
          await pause(50)
        }
      )
    }
  }

  async #sendMail(label: string): Promise<string> {
    const mail = createTransport({
      host: '127.0.0.1',
      port: this.#running!.smtpPort,
      ignoreTLS: true,
      connectionTimeout: 3_000,
      socketTimeout: 10_000
    })
    const { response } = await mail.sendMail({
      from: `r${label}@people.example`,
      to: ['water', 'parks', 'streets'][label.length % 3] + '@willowcreek.example',
      subject: `Mail ${label} ${Math.random()}`,
      text: 'Something is broken.'
    })
    return /receipt (\S+)/.exec(response)![1]!
  }

  #sendForm(label: string): Promise<string> {
    return submitForm(`http://127.0.0.1:${this.#running!.webPort}`, {
      topic: 'water',
      subject: `Form ${label}`,
      message: `Something else is broken. ${Math.random()}`
    })
  }

  async #kill(target: Target): Promise<void> {
    if (target === 'postgres') return killPostgres(this.#dir)
    if (target === 'redis') {
      this.#redis!.kill('SIGKILL')
      await pause(300)
      return this.#startRedis()
    }
    await killEvenhand(this.#running!)
    this.#running = await startEvenhand(this.#dir, this.#environment())
  }

  #startRedis(): void {
    if (!this.#redisPort) return
    this.#redis = spawn(
      'redis-server',
      [
        '--port',
        String(this.#redisPort),
        '--bind',
        '127.0.0.1',
        '--dir',
        this.#dir,
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
        '--maxmemory-policy',
        'noeviction',
        '--save',
        ''
      ],
      { stdio: 'ignore' }
    )
  }

  #environment(): Record<string, string> {
    return { LOG_LEVEL: 'info', ...this.#redisEnvironment() }
  }

  #redisEnvironment(): Record<string, string> {
    return this.#redisPort ? { REDIS_URL: `redis://127.0.0.1:${this.#redisPort}` } : {}
  }

  async #remove(): Promise<void> {
    if (this.#running) await stopEvenhand(this.#running)
    this.#redis?.kill('SIGKILL')
    fs.rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * Takes and closes every case of every line; answers the arrivals in the order they were served.
 */
async function serveEverything(
  runtime: Awaited<ReturnType<typeof openRuntime>>
): Promise<Map<string, { at: number; ordinal: number }[]>> {
  const served = new Map<string, { at: number; ordinal: number }[]>()
  for (const { id: department } of runtime.agency().departments.departments) {
    const order: { at: number; ordinal: number }[] = []
    for (;;) {
      const taken = await runtime.line.takeNext({
        department,
        actor: 'cli:test',
        leaseSeconds: 600,
        mostHeld: 1_000
      })
      if (!taken) break
      order.push({ at: taken.arrivedAt.getTime(), ordinal: taken.ordinal })
      await runtime.line.close(taken.caseId, 'cli:test', 'answered')
    }
    served.set(department, order)
  }
  return served
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
