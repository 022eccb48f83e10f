/**
 * The product as people run it: `evenhand start` in a process of its own, on a data folder of its
 * own.
 */
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import type { Readable } from 'node:stream'

export interface Running {
  readonly child: ChildProcess
  readonly smtpPort: number
  readonly webPort: number
  /** The one-time link printed at a first start. */
  readonly setUpLink: string | undefined
  /** Lines of its log so far. */
  readonly said: readonly string[]
}

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-run-'))
}

/** Starts the named roles and resolves when they listen. */
export function startEvenhand(
  dataDir: string,
  environment: Record<string, string> = {},
  roles: string[] = []
): Promise<Running> {
  return untilReady(
    spawn(process.execPath, ['cli/evenhand.ts', 'start', ...roles], {
      env: environmentOf(dataDir, environment),
      stdio: ['ignore', 'pipe', 'pipe']
    })
  )
}

/** The first command of the README, in a process group of its own, as a terminal gives one. */
export function startByNpm(
  dataDir: string,
  environment: Record<string, string> = {}
): Promise<Running> {
  return untilReady(
    spawn('npm', ['start'], {
      env: environmentOf(dataDir, environment),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true
    })
  )
}

/** The command itself, with the wrapper that finds the right Node. */
export function startByWrapper(
  dataDir: string,
  environment: Record<string, string> = {}
): Promise<Running> {
  return untilReady(
    spawn(process.execPath, ['scripts/evenhand.mjs', 'start'], {
      env: environmentOf(dataDir, environment),
      stdio: ['ignore', 'pipe', 'pipe']
    })
  )
}

function environmentOf(dataDir: string, environment: Record<string, string>): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: '',
    REDIS_URL: '',
    NODE_OPTIONS: '',
    DATA_DIR: dataDir,
    PORT: '0',
    SMTP_PORT: '0',
    LOG_LEVEL: 'info',
    ...environment
  }
}

function untilReady(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Running> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    let setUpLink: string | undefined
    readline.createInterface({ input: child.stdout }).on('line', (line) => {
      setUpLink ??= /^https?:\S+\/desk\/setup\/\S+$/.exec(line)?.[0]
    })
    readline.createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      if (!line.includes('"Evenhand is ready"')) return
      const ready = JSON.parse(line) as { smtp?: string; web?: string }
      // Read when asked for: the link comes by the other pipe, perhaps after this line.
      resolve({
        child,
        smtpPort: portOf(ready.smtp),
        webPort: portOf(ready.web),
        get setUpLink() {
          return setUpLink
        },
        said
      })
    })
    child.once('exit', (code, signal) =>
      reject(new Error(`evenhand start ended (${code ?? signal}):\n${said.slice(-20).join('\n')}`))
    )
  })
}

function portOf(where: string | undefined): number {
  return Number(where?.split(':').at(-1) ?? 0)
}

/** Ends a process the orderly way and waits for it. */
export async function stopEvenhand({ child }: Pick<Running, 'child'>): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  child.kill('SIGTERM')
  return ended
}

/** Ends a process as a power cut would and waits until it is gone. */
export async function killEvenhand({ child }: Pick<Running, 'child'>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** SIGKILL to the embedded PostgreSQL's first process; its children end by themselves. */
export function killPostgres(dataDir: string): void {
  const pid = Number(
    fs.readFileSync(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0]
  )
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    /* it is down already: being started again after the kill before */
  }
}

/** Runs a command of the product and answers with what it printed and its exit code. */
export function runEvenhand(
  args: string[],
  environment: Record<string, string>,
  input: Uint8Array = new Uint8Array()
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['cli/evenhand.ts', ...args], {
    env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: '', REDIS_URL: '', ...environment },
    stdio: ['pipe', 'pipe', 'pipe']
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
