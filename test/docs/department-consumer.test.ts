import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import readline from 'node:readline'
import { Registry } from 'prom-client'
import { addKey } from '../../core/access/api-keys.ts'
import { verifyAudit } from '../../core/audit/verify.ts'
import { tellDepartment } from '../../core/webhooks/deliver.ts'
import { webhookSecret } from '../../core/webhooks/send.ts'
import { openLine } from '../../core/webhooks/store.ts'
import { openWeb } from '../../web/open-web.ts'
import { emptyLine, stand, standMany } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { freePort } from '../helpers/ports.ts'
import { withWebhooks } from '../helpers/receiver.ts'
import { listen } from '../helpers/site.ts'
import { until } from '../helpers/until.ts'

let runtime: TestRuntime
let site: { url: string; close(): Promise<void> }
let key: { id: string; secret: string }
beforeAll(async () => {
  runtime = await createTestRuntime('redis')
  site = await listen(openWeb(runtime, {}, new Registry()).app)
  key = await addKey(runtime.db, { name: 'Parks', scopes: ['line:serve:parks'] }, 'cli:test')
})
beforeEach(() => emptyLine(runtime))
afterAll(async () => {
  await site.close()
  await runtime.remove()
})

/** Its name in Redis, so that the example finds the queue of this run. */
const prefixOf = () => runtime.queues.queue('department.parks').opts.prefix!

interface Example {
  readonly child: ChildProcess
  readonly said: string[]
  reached(lines: number): Promise<void>
  stop(): Promise<void>
}

/**
 * An example as a department would run it: in a process of its own, with nothing but its
 * environment.
 */
function run(command: string, file: string, environment: Record<string, string>): Example {
  const child = spawn(command, [`docs/examples/department-consumer/${file}`], {
    env: {
      PATH: process.env['PATH'],
      EVENHAND_URL: site.url,
      EVENHAND_KEY: key.secret,
      DEPARTMENT: 'parks',
      ...environment
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const said: string[] = []
  const failed: string[] = []
  readline.createInterface({ input: child.stdout! }).on('line', (line) => said.push(line))
  readline.createInterface({ input: child.stderr! }).on('line', (line) => failed.push(line))
  return {
    child,
    said,
    async reached(lines) {
      const deadline = performance.now() + 45_000
      while (said.length < lines) {
        if (child.exitCode !== null || performance.now() > deadline)
          throw new Error(`${said.length} of ${lines} lines:\n${failed.join('\n')}`)
        await pause()
      }
    },
    async stop() {
      const ended = new Promise((resolve) => {
        child.once('exit', resolve)
      })
      child.kill('SIGTERM')
      await ended
    }
  }
}

const pause = () =>
  new Promise((resolve) => {
    setTimeout(resolve, 20)
  })
const receiptsOf = async (ids: string[]) =>
  (await runtime.db.selectFrom('cases').select(['id', 'receipt']).where('id', 'in', ids).execute())
    .toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
    .map(({ receipt }) => receipt)
const closedBy = async (ids: string[]) =>
  (
    await runtime.db
      .selectFrom('events')
      .select('actor')
      .distinct()
      .where('kind', '=', 'case.closed')
      .where('case_id', 'in', ids)
      .execute()
  ).map(({ actor }) => actor)
async function closed(ids: string[]): Promise<void> {
  await until(
    async () =>
      (
        await runtime.db
          .selectFrom('cases')
          .select('id')
          .where('id', 'in', ids)
          .where('state', '=', 'closed')
          .execute()
      ).length >= ids.length
  )
}

test('the TypeScript example uses up tickets on Redis: each serves the earliest arrival, and one with nobody in line is no harm', async () => {
  const ids = await standMany(runtime, 6)
  await runtime.queues.addTickets('parks', 9)
  const example = run(process.execPath, 'consumer.ts', {
    REDIS_URL: process.env['TEST_REDIS']!,
    QUEUE_PREFIX: prefixOf()
  })
  await example.reached(6)
  await closed(ids)
  await until(async () => (await runtime.queues.ticketCount('parks')) === 0)
  expect(example.said).toEqual(await receiptsOf(ids))
  expect(await closedBy(ids)).toEqual([`key:${key.id}`])
  await example.stop()
})

test('the TypeScript example first finishes what it held when it was stopped', async () => {
  const [first, second] = await standMany(runtime, 2)
  await runtime.line.takeNext({
    department: 'parks',
    actor: `key:${key.id}`,
    leaseSeconds: 3600,
    mostHeld: 1_000
  })
  await runtime.queues.addTickets('parks', 1)
  const example = run(process.execPath, 'consumer.ts', {
    REDIS_URL: process.env['TEST_REDIS']!,
    QUEUE_PREFIX: prefixOf()
  })
  await example.reached(2)
  await closed([first!, second!])
  expect(example.said).toEqual(await receiptsOf([first!, second!]))
  await example.stop()
})

test('the Python example waits at the line, serves in order, and takes in what the webhook tells, once', async () => {
  const hooked = withWebhooks(runtime, { parks: { url: `http://127.0.0.1:${await freePort()}/` } })
  const { webhook } = hooked.agency().departments.departments.find(({ id }) => id === 'parks')!
  await openLine(runtime.db, 'parks')
  const ids = await standMany(runtime, 3)
  const example = run('python3', 'consumer.py', {
    WEBHOOK_PORT: new URL(webhook!.url).port,
    WEBHOOK_SECRET: webhookSecret(runtime, 'parks', 1)
  })
  await example.reached(3)
  const { caseId } = await stand(runtime)
  await closed([...ids, caseId])
  const receipts = await receiptsOf([...ids, caseId])
  expect(example.said.filter((line) => line.startsWith('served'))).toEqual(
    receipts.map((receipt) => `served ${receipt}`)
  )
  const told = await tellDepartment(hooked, 'parks')
  await runtime.db
    .updateTable('webhook_lines')
    .set((row) => ({ turn: row('turn', '-', '1') }))
    .where('department', '=', 'parks')
    .execute()
  await tellDepartment(hooked, 'parks')
  await example.reached(4 + told)
  const rows = await runtime.db
    .selectFrom('events')
    .innerJoin('cases', 'cases.id', 'events.case_id')
    .select(['kind', 'receipt'])
    .where('events.case_id', 'in', [...ids, caseId])
    .where('turn', 'is not', null)
    .orderBy('turn')
    .execute()
  expect(example.said.filter((line) => line.startsWith('told'))).toEqual(
    rows.map(({ kind, receipt }) => `told org.evenhand.${kind}.v1 ${receipt}`)
  )
  await example.stop()
})

test('the Python example believes no event that is not signed', async () => {
  const port = await freePort()
  const example = run('python3', 'consumer.py', {
    WEBHOOK_PORT: String(port),
    WEBHOOK_SECRET: webhookSecret(runtime, 'parks', 2),
    WAIT_SECONDS: '1'
  })
  const hooked = withWebhooks(runtime, { parks: { url: `http://127.0.0.1:${port}/` } })
  const ids = await standMany(runtime, 1)
  await example.reached(1)
  await closed(ids)
  expect(await tellDepartment(hooked, 'parks')).toBe(0)
  expect(
    await runtime.db
      .selectFrom('webhook_lines')
      .select(['attempts', 'state'])
      .where('department', '=', 'parks')
      .executeTakeFirstOrThrow()
  ).toEqual({ attempts: 1, state: 'running' })
  await example.stop()
})

test('nobody jumped the line in any of this', async () => {
  expect(await verifyAudit(runtime.db)).toMatchObject({ ok: true, overtakes: 0 })
})
