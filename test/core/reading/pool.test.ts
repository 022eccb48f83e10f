import { afterEach, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import readline from 'node:readline'
import type { StoredRaw } from '../../../core/intake/channel.ts'
import { TranslatePool, type PoolOptions } from '../../../core/reading/pool.ts'
import { RoundRobin } from '../../../platform/limits/round-robin.ts'
import { isRunning, untilGone } from '../../helpers/processes.ts'

const module = new URL('../../fixtures/translate-thread.ts', import.meta.url)
const pools: TranslatePool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

function open(options: PoolOptions, file = module): TranslatePool {
  const pool = new TranslatePool(file, { heapLimitMb: 64, ...options })
  pools.push(pool)
  return pool
}

function raw(behaviour: string): StoredRaw {
  return {
    channel: 'email',
    source: 'test',
    bytes: Buffer.from(behaviour),
    mediaType: 'message/rfc822',
    evidence: {},
    sha256: ''
  }
}

const textOf = async (translated: Promise<{ envelope: { text: string } }[]>) =>
  (await translated)[0]!.envelope.text
const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code
  )

test('readers that are killed from outside, again and again, take nothing along', async () => {
  const pool = open({ readers: 2 })
  const killed: number[] = []
  const answers: string[] = []
  for (let n = 0; n < 40; n += 1) {
    const reading = textOf(pool.translate(async () => raw(`ok number ${n}`)))
    const [victim] = pool.pids
    if (n % 4 === 0 && victim !== undefined) {
      process.kill(victim, 'SIGKILL')
      killed.push(victim)
    }
    answers.push(
      await reading.catch(() => textOf(pool.translateSlowly(async () => raw(`ok number ${n}`))))
    )
  }
  expect(killed.length).toBeGreaterThan(5)
  expect(answers).toEqual(Array.from({ length: 40 }, (_, n) => `number ${n}`))
})

test('a module that cannot be loaded gives the work back as it was, and says that it is no fault of the contact', async () => {
  const pool = open({ readers: 1 }, new URL('./there-is-no-such-file.ts', import.meta.url))
  expect(await failure(pool.translate(async () => raw('ok')))).toBe('READERS_DOWN')
})

test("an honest contact behind fifty that hang is read after each origin has had one turn: the fifty never hold more than the lane's readers", async () => {
  const pool = open({ readers: 2, commonMs: 300 })
  let most = 0
  const order: string[] = []
  const hostile = Array.from({ length: 50 }, (_, n) =>
    failure(
      pool.translate(async () => {
        most = Math.max(most, pool.state.common.running)
        return raw('hang')
      }, 'one sender')
    ).then((code) => {
      order.push(`${code} ${n}`)
    })
  )
  await textOf(pool.translate(async () => raw('ok honest'), 'another sender')).then((text) =>
    order.push(text)
  )
  // The two that were being read, and the one whose turn it was.
  expect(order.indexOf('honest')).toBeLessThanOrEqual(3)
  expect(most).toBeLessThanOrEqual(2)
  await pool.close()
  await Promise.all(hostile)
})

test("what is slow has one reader and never one of the common lane's", async () => {
  const pool = open({ readers: 1, commonMs: 300, slowMs: 60_000 })
  const slow = Array.from({ length: 5 }, () =>
    failure(pool.translateSlowly(async () => raw('hang')))
  )
  const texts = []
  for (let n = 0; n < 10; n += 1)
    texts.push(await textOf(pool.translate(async () => raw(`ok ${n}`))))
  expect(texts).toHaveLength(10)
  expect(pool.state).toMatchObject({ slow: { running: 1, waiting: 4 }, common: { late: 0 } })
  await pool.close()
  expect(await Promise.all(slow)).toEqual(Array(5).fill('READERS_STOPPED'))
})

test('closing gives back what waits', async () => {
  const pool = open({ readers: 1 })
  const waiting = Array.from({ length: 3 }, () => failure(pool.translate(async () => raw('hang'))))
  await pool.close()
  expect(await Promise.all(waiting)).toEqual(Array(3).fill('READERS_STOPPED'))
  expect(await failure(pool.translate(async () => raw('ok late')))).toBe('READERS_STOPPED')
})

test('a reader in an endless loop is gone soon after the process it worked for was killed', async () => {
  // Longer in computing than its start takes: by then it is in the loop.
  const program = `
        import { TranslatePool } from './core/reading/pool.ts'
    const pool = new TranslatePool(new URL('./test/fixtures/translate-thread.ts', 'file://${process.cwd()}/'), { commonMs: 600_000 })
    pool.translate(async () => ({ bytes: Buffer.from('hang') })).catch(() => undefined)
    const isBusy = (pid) => Number(fs.readFileSync('/proc/' + pid + '/stat', 'latin1').split(' ')[13]) > 150
    const timer = setInterval(() => { if (pool.pids[0] && isBusy(pool.pids[0])) { console.log(pool.pids[0]); clearInterval(timer) } }, 50)`
  const parent = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const [line] = await new Promise<string[]>((resolve) => {
    readline.createInterface({ input: parent.stdout }).once('line', (text) => resolve([text]))
  })
  const pid = Number(line)
  expect(isRunning(pid)).toBe(true)
  parent.kill('SIGKILL')
  await untilGone([pid])
})

test('origins take turns, each its oldest first', () => {
  const waiting = new RoundRobin<string>()
  for (const work of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) waiting.add(work[0]!, work)
  expect(waiting.length).toBe(6)
  expect(Array.from({ length: 7 }, () => waiting.next())).toEqual([
    'a1',
    'b1',
    'c1',
    'a2',
    'b2',
    'a3',
    undefined
  ])
})
