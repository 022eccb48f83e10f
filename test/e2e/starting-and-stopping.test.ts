import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { childrenOf, isRunning, postgresOf, untilGone } from '../helpers/processes.ts'
import {
  killEvenhand,
  runEvenhand,
  startByNpm,
  startByWrapper,
  startEvenhand,
  stopEvenhand,
  temporaryFolder,
  type Running
} from '../helpers/running.ts'
import { until } from '../helpers/until.ts'

let dir: string
const started: Running[] = []
beforeEach(() => {
  dir = temporaryFolder()
})
afterEach(async () => {
  for (const running of started.splice(0)) await stopEvenhand(running)
  fs.rmSync(dir, { recursive: true, force: true })
})

async function keep(starting: Promise<Running>): Promise<Running> {
  const running = await starting
  started.push(running)
  return running
}

/** A start that is expected to fail: its exit code and what it said. */
function start(environment: Record<string, string> = {}) {
  return runEvenhand(['start'], {
    DATA_DIR: dir,
    PORT: '0',
    SMTP_PORT: '0',
    LOG_LEVEL: 'info',
    ...environment
  })
}

async function hold(): Promise<{ port: number; server: net.Server }> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as net.AddressInfo).port, server }
}

describe('a start that fails', () => {
  test.each(['PORT', 'SMTP_PORT'])(
    'because %s is taken stops what it began, says which setting and port, and exits 1',
    async (setting) => {
      const { port, server } = await hold()
      const { code, stderr } = await start({ [setting]: String(port) })
      server.close()
      expect(code).toBe(1)
      expect(stderr).toMatch(
        new RegExp(
          `^evenhand: An address to listen on cannot be used.*\\(${setting}, HOST: 127\\.0\\.0\\.1 port ${port}, EADDRINUSE\\) \\[PORT_TAKEN\\]`,
          'm'
        )
      )
      expect(postgresOf(dir)).toBeUndefined()
      expect(fs.existsSync(path.join(dir, 'start.lock'))).toBe(false)
    }
  )

  test('because of its configuration exits 1 and leaves nothing behind', async () => {
    const { code, stderr } = await start({ CONFIG_DIR: path.join(dir, 'nowhere') })
    expect(code).toBe(1)
    expect(stderr).toContain('departments.yaml')
    expect(fs.existsSync(path.join(dir, 'start.lock'))).toBe(false)
  })
})

test('a second start beside a running one says so and exits 1; after a kill the next one starts', async () => {
  const first = await keep(startEvenhand(dir))
  const second = await start()
  expect(second.code).toBe(1)
  expect(second.stderr).toContain(
    `Evenhand is running with this data folder already. Stop that one first, or give this one a DATA_DIR and ports of its own. (process ${first.child.pid}, DATA_DIR ${dir}) [ALREADY_RUNNING]`
  )
  // A role by itself is another machine's or a Procfile's, and welcome.
  const worker = await keep(startEvenhand(dir, {}, ['worker']))
  await killEvenhand(first)
  const third = await keep(startEvenhand(dir))
  expect(third.webPort).toBeGreaterThan(0)
  await stopEvenhand(worker)
})

describe('it ends in order', () => {
  test('by one Ctrl+C, which the terminal sends to npm, the wrapper and the process, and npm and the wrapper pass on', async () => {
    const running = await startByNpm(dir)
    const everyone = [running.child.pid!, ...descendantsOf(running.child.pid!)]
    expect(postgresOf(dir)).toBeGreaterThan(0)
    const gone = once(running.child, 'exit')
    process.kill(-running.child.pid!, 'SIGINT')
    await gone
    await untilGone(everyone)
    expect(running.said.filter((line) => /"msg":"(stopping|stopped)"/.test(line))).toHaveLength(2)
    expect(postgresOf(dir)).toBeUndefined()
  })

  test('by the end of its wrapper, however that ended', async () => {
    const running = await startByWrapper(dir)
    const real = childrenOf(running.child.pid!)
    expect(real.length).toBe(1)
    running.child.kill('SIGKILL')
    await untilGone(real)
    expect(running.said.at(-1)).toContain('"stopped"')
    expect(postgresOf(dir)).toBeUndefined()
  })

  test('also while it is still starting', async () => {
    const ending = start()
    await until(() => fs.existsSync(path.join(dir, 'postgres.log')), { everyMs: 20 })
    const pid = Number(fs.readFileSync(path.join(dir, 'start.lock'), 'utf8').split(' ')[0])
    process.kill(pid, 'SIGTERM')
    expect((await ending).code).toBe(0)
    expect(isRunning(pid)).toBe(false)
    expect(postgresOf(dir)).toBeUndefined()
  })
})

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

test('two web processes at a first start make one set-up link, and it works', async () => {
  const both = await Promise.all([
    keep(startEvenhand(dir, {}, ['web'])),
    keep(startEvenhand(dir, {}, ['web']))
  ])
  const linksOf = () => both.flatMap(({ setUpLink }) => setUpLink ?? [])
  await until(() => linksOf().length > 0)
  const links = linksOf()
  for (const { webPort } of both)
    expect((await fetch(`http://127.0.0.1:${webPort}${new URL(links[0]!).pathname}`)).status).toBe(
      200
    )
  expect(linksOf()).toHaveLength(1)
})

test('settings that do nothing are named at start', async () => {
  const { said } = await keep(
    startEvenhand(
      dir,
      {
        SMPT_PORT: '25',
        BLOBS_URL: 's3://bucket',
        OIDC_ISSUER: 'https://login.example',
        TWILIO_TOKEN: 'x'
      },
      ['worker']
    )
  )
  const named = said.flatMap((line) => (JSON.parse(line) as { setting?: string }).setting ?? [])
  expect(named.toSorted()).toEqual(['BLOBS_URL', 'OIDC_ISSUER', 'SMPT_PORT', 'TWILIO_TOKEN'])
})
