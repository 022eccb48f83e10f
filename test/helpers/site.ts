import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import { Registry } from 'prom-client'
import { web } from '../../channels/web/index.ts'
import type { AnyChannel, ChannelService } from '../../core/intake/channel.ts'
import { registerChannels } from '../../channels/register.ts'
import { openWeb } from '../../web/open-web.ts'
import type { StaffStore } from '../../core/access/staff.ts'
import type { RuntimeOptions } from '../../core/open-runtime.ts'
import { createTestRuntime, type TestRuntime } from './runtime.ts'

export interface Site {
  readonly runtime: TestRuntime
  readonly staff: StaffStore
  readonly url: string
  close(): Promise<void>
}

export interface SiteWithServices extends Site {
  /** What its channels would have listen; none is started. */
  readonly services: readonly ChannelService[]
}

/**
 * The pages of a runtime of its own, on a free port, as if behind a proxy: so each visitor has an
 * address of their own.
 */
export async function openSite(
  environment: Record<string, string> = {},
  channels: readonly AnyChannel[] = [web],
  options: Pick<RuntimeOptions, 'watch'> = {}
): Promise<SiteWithServices> {
  const runtime = await createTestRuntime(
    'postgres',
    { PUBLIC_URL: 'http://town.example', TRUST_PROXY: 'loopback', ...environment },
    options
  )
  const registered = registerChannels(runtime, channels)
  const { app, staff } = openWeb(runtime, registered, new Registry())
  const { url, close } = await listen(app)
  return {
    runtime,
    staff,
    url,
    services: registered.services,
    close: async () => {
      await close()
      await runtime.remove()
    }
  }
}

/** Serves an app on a free port of the loopback interface. */
export async function listen(app: Express): Promise<{ url: string; close(): Promise<void> }> {
  const server = app.listen(0, '127.0.0.1')
  // On a busy machine a form can be made for longer than the usual five seconds, after which its
  // connection is closed while it is sent: browsers send it once more, fetch does not.
  server.keepAliveTimeout = 600_000
  await new Promise((resolve) => {
    server.once('listening', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

export interface Page {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The value of a hidden or visible input. */
  input(name: string): string
}

/** A browser as far as these pages need one: cookies, and no following of redirects. */
export class Visitor {
  static #visitors = 0
  readonly #site: string
  readonly #address = `10.0.${Visitor.#visitors >> 8}.${Visitor.#visitors++ & 255}`
  readonly cookies = new Map<string, string>()

  constructor(site: string) {
    this.#site = site
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#request(path, { method: 'GET', headers })
  }

  /** Sends multipart/form-data where given a FormData, else urlencoded. */
  post(
    path: string,
    body: FormData | Record<string, string> | [string, string][],
    headers: Record<string, string> = {}
  ): Promise<Page> {
    return this.#request(path, {
      method: 'POST',
      headers,
      body: body instanceof FormData ? body : new URLSearchParams(body)
    })
  }

  /** Sends bytes as they are. */
  send(path: string, body: Uint8Array, headers: Record<string, string>): Promise<Page> {
    return this.#request(path, { method: 'POST', headers, body: Buffer.from(body) })
  }

  async #request(
    path: string,
    init: RequestInit & { headers: Record<string, string> }
  ): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(this.#site + path, {
      ...init,
      redirect: 'manual',
      headers: { 'x-forwarded-for': this.#address, ...init.headers, ...(cookie ? { cookie } : {}) }
    })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      input: (name) => new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(text)?.[1] ?? ''
    }
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '' || /Expires=Thu, 01 Jan 1970/.test(line)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}
