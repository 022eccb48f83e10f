/**
 * An agency at work: every channel with its doors open, the background work, residents' mail server
 * and their carrier, and a browser for staff and residents.
 */
import fs from 'node:fs'
import { createTransport } from 'nodemailer'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { channels } from '../../channels/index.ts'
import { publicUrl } from '../../config/settings.ts'
import type { Staff, StaffRole } from '../../core/access/staff.ts'
import { findContactId, findDone } from '../../core/contacts/find.ts'
import { startWorkers } from '../../workers/index.ts'
import { openBrowser, watchComplaints } from './browser.ts'
import { contactRow } from './contacts.ts'
import { openMailServer, type MailServer } from './mail-server.ts'
import { copyConfig } from './config.ts'
import { temporaryFolder } from './running.ts'
import { openSite, type Site, type SiteWithServices } from './site.ts'
import { signIn } from './staff.ts'
import { openTwilio, signedWebhook, type TwilioStandIn } from './twilio.ts'
import { until } from './until.ts'

export interface Seat {
  readonly page: Page
  readonly context: BrowserContext
  readonly staff: Staff
  /** What the browser complained about. */
  readonly complaints: string[]
}

export interface Office {
  readonly site: SiteWithServices
  readonly browser: Browser
  readonly mailServer: MailServer
  readonly carrier: TwilioStandIn
  /** A browser of its own, in which somebody of this role is signed in. */
  seat(role: StaffRole, departments: string[], options?: BrowserContextOptions): Promise<Seat>
  /** Hands a mail over by SMTP, and waits until a machine has done all it can with it. */
  mail(raw: string, from: string, to: string): ReturnType<typeof contactRow>
  /** What the carrier posts to this path of ours; answers the status. */
  post(path: string, parameters: Record<string, string>): Promise<number>
  close(): Promise<void>
}

/**
 * @param approval departments in which a second person looks at each reply
 * @param settings more of the environment
 * @param watch whether changes of the configuration are followed
 */
export async function openOffice({
  approval = [] as string[],
  settings = {} as Record<string, string>,
  watch = false
} = {}): Promise<Office> {
  const [mailServer, carrier, browser] = await Promise.all([
    openMailServer(),
    openTwilio(),
    openBrowser()
  ])
  const configDir = temporaryFolder()
  copyConfig(configDir, Object.fromEntries(approval.map((id) => [id, 'approval: true'])))
  const environment = { PUBLIC_URL: '', CONFIG_DIR: configDir, MAIL_URL: mailServer.url }
  const site = await openSite({ ...environment, ...carrier.environment, ...settings }, channels, {
    watch
  })
  const smtp = await site.services.find(({ name }) => name === 'smtp')!.start()
  const workers = startWorkers(site.runtime, {
    channels,
    translateThread: new URL('../../channels/translate-thread.ts', import.meta.url),
    readers: 1
  })
  const transport = createTransport({ host: '127.0.0.1', port: smtp.port!, ignoreTLS: true })
  return {
    site,
    browser,
    mailServer,
    carrier,
    seat: (role, departments, options) => takeSeat(site, browser, { role, departments, options }),
    async mail(raw, from, to) {
      const { response } = (await transport.sendMail({
        envelope: { from, to },
        raw: raw.replaceAll('\n', '\r\n')
      })) as { response: string }
      const id = await findContactId(site.runtime.db, /receipt (\S+)/.exec(response)![1]!)
      await until(async () => (await findDone(site.runtime.db, [id])).has(id))
      return contactRow(site.runtime, id)
    },
    async post(to, parameters) {
      const hook = signedWebhook(publicUrl(site.runtime.settings), to, parameters)
      const { path: route, headers, body } = hook
      const { status } = await fetch(site.url + route, {
        method: 'POST',
        headers,
        body: new Uint8Array(body)
      })
      return status
    },
    async close() {
      transport.close()
      await browser.close()
      await workers.stop()
      await smtp.stop()
      await site.close()
      await Promise.all([mailServer.close(), carrier.close()])
      fs.rmSync(configDir, { recursive: true })
    }
  }
}

/** A page of somebody who is signed in already. */
export async function takeSeat(
  site: Site,
  browser: Browser,
  {
    role,
    departments,
    options
  }: {
    readonly role: StaffRole
    readonly departments: string[]
    readonly options?: BrowserContextOptions | undefined
  }
): Promise<Seat> {
  const { cookies, staff } = await signIn(site, role, departments)
  const context = await browser.newContext({ baseURL: site.url, locale: 'en-US', ...options })
  await context.addCookies([
    {
      name: 'evenhand-session',
      value: cookies.get('evenhand-session')!,
      url: `${site.url}/desk`,
      httpOnly: true,
      sameSite: 'Lax'
    }
  ])
  context.setDefaultTimeout(150_000)
  const page = await context.newPage()
  return { page, context, staff, complaints: watchComplaints(page) }
}
