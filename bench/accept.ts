/**
 * Acceptance over SMTP and HTTP, durable before the answer; the senders are a process of their own
 * on the same machine.
 */
import { fork } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { channels } from '../channels/index.ts'
import { registerChannels } from '../channels/register.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import { openWeb } from '../web/open-web.ts'
import { startWorkers } from '../workers/index.ts'
import { rates } from '../platform/limits/rates.ts'
import type { FormPage } from './accept-load.ts'
import { openBenchRuntime } from './runtime.ts'
import { report, result, type BenchReport, type BenchResult } from './report.ts'

export interface AcceptBenchOptions {
  readonly contacts: number
  /** Sessions at once, each its own measurement. */
  readonly sessions: readonly number[]
}

export async function benchAccept(
  options: AcceptBenchOptions,
  say: (text: string) => void
): Promise<BenchReport> {
  const { runtime, close } = await openBenchRuntime('postgres')
  const workers = startWorkers(runtime, {
    channels,
    translateThread: new URL('../channels/translate-thread.ts', import.meta.url)
  })
  const doors = await openDoors(runtime)
  const results: BenchResult[] = []
  let from = 0
  for (const kind of ['smtp', 'form'] as const) {
    const send = async (count: number, sessions: number) => {
      const pages = kind === 'form' ? await formPages(doors.form, count) : []
      const done = await load({ kind, port: doors[kind], count, sessions, from, pages })
      from += count
      return done
    }
    await send(300, 8)
    for (const sessions of options.sessions) {
      say(`accept by ${kind}, ${sessions} sessions`)
      const done = await send(options.contacts, sessions)
      results.push(result(`${kind}, ${sessions} sessions`, done.seconds, done.latencies))
    }
  }
  await doors.close()
  await workers.stop()
  await close()
  return report('accept', results)
}

async function openDoors(
  runtime: OpenRuntime
): Promise<{ smtp: number; form: number; close(): Promise<unknown> }> {
  const { routes, services } = registerChannels(runtime, channels)
  const smtp = await services.find(({ role }) => role === 'smtp')!.start()
  // One address sends everything here; its rate is the subject, not to be bounded.
  const { app } = openWeb(
    runtime,
    { routes: routes.map((route) => ({ ...route, perMinute: 1_000_000_000 })) },
    new Registry()
  )
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    smtp: smtp.port!,
    form: (server.address() as AddressInfo).port,
    close: () =>
      Promise.all([
        smtp.stop(),
        new Promise((resolve) => {
          server.close(resolve)
          server.closeAllConnections()
        })
      ])
  }
}

function load(order: object): Promise<{ latencies: number[]; seconds: number }> {
  const sender = fork(new URL('./accept-load.ts', import.meta.url), { execArgv: [] })
  return new Promise((resolve, reject) => {
    sender.once('message', (done: { latencies: number[]; seconds: number; error?: string }) => {
      sender.kill()
      if (done.error) reject(new Error(done.error))
      else resolve(done)
    })
    sender.send(order)
  })
}

/** As many browsers as may send so many forms in a minute. */
async function formPages(port: number, forms: number): Promise<FormPage[]> {
  const pages: FormPage[] = []
  while (pages.length * rates.formsPerBrowser < forms) pages.push(await formPage(port))
  return pages
}

/** The page's cookie and hidden fields; what is written makes each sending another one. */
async function formPage(port: number): Promise<FormPage> {
  const page = await fetch(`http://127.0.0.1:${port}/`)
  const hidden = [
    ...(await page.text()).matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
  ].map(([, name, value]) => [name!, value!] as const)
  return {
    cookie: page.headers
      .getSetCookie()
      .map((one) => one.split(';', 1)[0])
      .join('; '),
    hidden
  }
}
