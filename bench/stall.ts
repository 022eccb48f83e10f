/**
 * What one hostile mail or request does to the process that takes contacts in: the longest delay of
 * its event loop, as the process itself measures it, for every door and shape; and the processor
 * time of its main thread, which other programs on the machine do not change. The product runs in a
 * process of its own, as `npm start` runs it; `--root` tries another checkout of it.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { hostileBodies, hostileMails, type BodyShape, type Shape } from './hostile-shapes.ts'
import { report, round, type BenchReport, type BenchResult } from './report.ts'

export interface StallBenchOptions {
  readonly root?: string
  /** Only shapes whose door or name holds this. */
  readonly only?: string
}

/** A shape that keeps the process this long is given up, in ms. */
const LONGEST_MS = 120_000
/** Tells of the metrics that every prom-client has: the longest delay since the last reading. */
const LAG = /^nodejs_eventloop_lag_max_seconds(?:\{[^}]*\})? (\S+)$/m

interface Product {
  readonly child: ChildProcess
  readonly smtp: number
  readonly web: string
  readonly key: string
  stop(): Promise<void>
}

interface Door {
  readonly name: string
  send(product: Product): Promise<string>
}

export async function benchStall(
  { root = process.cwd(), only = '' }: StallBenchOptions,
  say: (text: string) => void
): Promise<BenchReport> {
  const results: BenchResult[] = []
  let product = await start(root)
  for (const door of doors().filter(({ name }) => name.includes(only))) {
    const measured = await measure(product, door)
    say(
      `${door.name.padEnd(80)} ${String(measured['delayMs']).padStart(8)} ms   ${measured['answer']}`
    )
    results.push(measured)
    if (
      measured['answer'] !== 'no answer' &&
      product.child.exitCode === null &&
      product.child.signalCode === null
    )
      continue
    await product.stop()
    product = await start(root)
  }
  await product.stop()
  return report('stall', results)
}

function doors(): Door[] {
  const posts: readonly [string, string, (key: string) => Record<string, string>][] = [
    ['form', '/', () => ({})],
    ['open311', '/open311/v2/requests.json', () => ({})],
    ['api', '/v1/contacts', (key) => ({ authorization: `Bearer ${key}` })],
    ['hook sms', '/hooks/sms/twilio', () => ({})],
    ['hook fax', '/hooks/fax/phaxio', () => ({})],
    ['sign-in', '/desk/sign-in', () => ({})]
  ]
  return [
    ...hostileMails().map((shape) => ({
      name: `mail: ${shape.name}`,
      send: (product: Product) => sendMail(product.smtp, shape)
    })),
    ...posts.flatMap(([name, target, headers]) =>
      hostileBodies().map((shape) => ({
        name: `${name}: ${shape.name}`,
        send: (product: Product) => post(`${product.web}${target}`, shape, headers(product.key))
      }))
    )
  ]
}

async function measure(product: Product, door: Door): Promise<BenchResult> {
  await settled(product)
  await lagOf(product)
  const before = mainThreadMs(product.child.pid!)
  const started = performance.now()
  const answer = await within(door.send(product), 'no answer')
  // Reading and settling come after the answer.
  const lag = await within(
    settled(product).then(() => lagOf(product)),
    Number.NaN
  )
  const seconds = (performance.now() - started) / 1000
  const delayMs = Number.isNaN(lag) ? LONGEST_MS : Math.round(lag * 1000)
  return {
    name: door.name,
    n: 1,
    seconds: round(seconds),
    perSecond: round(1 / seconds),
    delayMs,
    mainThreadMs: mainThreadMs(product.child.pid!) - before,
    answer
  }
}

function within<T>(work: Promise<T>, otherwise: T): Promise<T> {
  return Promise.race([
    work,
    new Promise<T>((resolve) => {
      setTimeout(resolve, LONGEST_MS, otherwise).unref()
    })
  ]).catch(() => otherwise)
}

/**
 * Waits until the main thread has nothing more to do: under 30 ms of computing in a quarter of a
 * second, twice.
 */
async function settled({ child }: Product): Promise<void> {
  for (let quiet = 0; quiet < 2;) {
    const before = mainThreadMs(child.pid!)
    await new Promise((resolve) => {
      setTimeout(resolve, 250)
    })
    quiet = mainThreadMs(child.pid!) - before < 30 ? quiet + 1 : 0
    if (child.exitCode !== null || child.signalCode !== null) return
  }
}

async function lagOf({ web }: Product): Promise<number> {
  const text = await (await fetch(`${web}/metrics`)).text()
  return Number(LAG.exec(text)?.[1])
}

/**
 * Processor time of a process's main thread (proc(5): utime and stime of its first task, in
 * hundredths of a second).
 */
function mainThreadMs(pid: number): number {
  try {
    const fields = fs
      .readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return 0
  }
}

async function start(root: string): Promise<Product> {
  const dir = fs.mkdtempSync(path.join(process.env['BENCH_DIR'] ?? os.tmpdir(), 'evenhand-stall-'))
  const env = {
    PATH: process.env['PATH'],
    HOME: os.homedir(),
    DATA_DIR: dir,
    PORT: '0',
    SMTP_PORT: '0',
    LOG_LEVEL: 'info'
  }
  const child = spawn(process.execPath, ['cli/evenhand.ts', 'start'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const ready = await new Promise<{ smtp: string; web: string }>((resolve, reject) => {
    readline.createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.includes('"Evenhand is ready"'))
        resolve(JSON.parse(line) as { smtp: string; web: string })
    })
    child.once('exit', (code) => reject(new Error(`evenhand start ended (${code})`)))
  })
  const key = await output(
    spawn(
      process.execPath,
      ['cli/evenhand.ts', 'keys', 'add', 'bench', '--scopes', 'contacts:write', '--json'],
      { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] }
    )
  )
  return {
    child,
    smtp: Number(ready.smtp.split(':').at(-1)),
    web: `http://${ready.web}`,
    key: (JSON.parse(key) as { secret: string }).secret,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
        await gone
        clearTimeout(timer)
      }
      fs.rmSync(dir, { recursive: true, force: true })
    }
  }
}

async function output(child: ChildProcess): Promise<string> {
  let text = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(child, 'close')
  return text
}

async function post(
  url: string,
  { mediaType, bytes }: BodyShape,
  headers: Record<string, string>
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': mediaType, ...headers },
    body: new Uint8Array(bytes),
    signal: AbortSignal.timeout(LONGEST_MS)
  }).catch((error: Error) => ({ status: error.name === 'TimeoutError' ? 0 : -1 }))
  if (response.status === 0) return 'no answer'
  // The connection ends with what is too large: the answer may be lost on the way.
  return response.status === -1 ? 'connection ended' : String(response.status)
}

/** One mail by SMTP; the last answer's code. */
function sendMail(port: number, { bytes }: Shape): Promise<string> {
  const socket = net.connect(port, '127.0.0.1').setEncoding('latin1')
  const steps = [
    'EHLO bench.example\r\n',
    'MAIL FROM:<ana@example.org>\r\n',
    'RCPT TO:<parks@willowcreek.example>\r\n',
    'DATA\r\n'
  ]
  const stuffed = Buffer.from(bytes.toString('latin1').replace(/^\./gm, '..'), 'latin1')
  return new Promise((resolve, reject) => {
    let heard = ''
    socket.on('error', reject).on('data', (chunk) => {
      heard += String(chunk)
      if (!/^\d{3} .*\r\n$/m.test(heard)) return
      const code = heard.trimEnd().split('\r\n').at(-1)!.slice(0, 3)
      heard = ''
      const step = steps.shift()
      if (step) return void socket.write(step)
      if (code === '354')
        return void socket.write(Buffer.concat([stuffed, Buffer.from('\r\n.\r\n')]))
      socket.end('QUIT\r\n')
      resolve(code)
    })
  })
}
