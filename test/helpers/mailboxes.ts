/** An agency whose mailboxes are at a Dovecot, and the service that pulls them. */
import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { email } from '../../channels/email/index.ts'
import { registerChannels } from '../../channels/register.ts'
import { mailboxStates, type MailboxState } from '../../core/intake/mailbox-records.ts'
import { copyConfig } from './config.ts'
import { PASSWORD, type Dovecot } from './dovecot.ts'
import { createTestRuntime, type TestRuntime } from './runtime.ts'
import { temporaryFolder } from './running.ts'

/** A folder of configuration with these mailboxes at the server. */
export function configWithMailboxes(
  { port }: Pick<Dovecot, 'port'>,
  mailboxes: Readonly<Record<string, object>>
): string {
  const folder = temporaryFolder()
  copyConfig(folder)
  writeMailboxes(folder, port, mailboxes)
  return folder
}

export function writeMailboxes(
  folder: string,
  port: number,
  mailboxes: Readonly<Record<string, object>>
): void {
  const atServer = { host: '127.0.0.1', port, encryption: 'none' }
  const entries = Object.entries(mailboxes).map(([id, own]) => ({
    id,
    address: `${id}@willowcreek.example`,
    user: id,
    since: '2020-01-01',
    ...('kind' in own ? {} : atServer),
    ...own
  }))
  fs.writeFileSync(path.join(folder, 'mailboxes.yaml'), stringify({ mailboxes: entries }))
}

export interface Agency {
  readonly runtime: TestRuntime
  /** Pulls until it is called to stop. */
  pulling(): Promise<{ stop(): Promise<void> }>
  remove(): Promise<void>
}

export async function openAgency(
  dovecot: Pick<Dovecot, 'port'>,
  mailboxes: Readonly<Record<string, object>>,
  environment: Record<string, string> = {},
  options: { readonly watch?: boolean } = {}
): Promise<Agency> {
  const configDir = configWithMailboxes(dovecot, mailboxes)
  const runtime = await createTestRuntime(
    'postgres',
    { CONFIG_DIR: configDir, ...passwordsOf(Object.keys(mailboxes)), ...environment },
    options
  )
  const { services } = registerChannels(runtime, [email])
  return {
    runtime,
    pulling: () => services.find(({ name }) => name === 'mailboxes')!.start(),
    async remove() {
      await runtime.remove()
      fs.rmSync(configDir, { recursive: true })
    }
  }
}

export function passwordsOf(ids: readonly string[]): Record<string, string> {
  return Object.fromEntries(ids.map((id) => [`MAILBOX_${id.toUpperCase()}_PASSWORD`, PASSWORD]))
}

/** Pulls in a process of its own, which a test may kill. */
export function startPulling(
  { runtime }: Pick<Agency, 'runtime'>,
  environment: Record<string, string> = {}
): ChildProcess {
  const { DATABASE_URL, DATA_DIR, CONFIG_DIR, mailboxSecrets } = runtime.settings
  return spawn(process.execPath, ['test/fixtures/mailboxes/pull.ts'], {
    env: {
      ...process.env,
      ...mailboxSecrets,
      NODE_OPTIONS: '',
      DATABASE_URL: DATABASE_URL!,
      DATA_DIR,
      CONFIG_DIR,
      ...environment
    },
    stdio: 'ignore'
  })
}

/** A mail as it lies in a mailbox, with what the way to it wrote above. */
export function lyingMail(
  number: number | string,
  { to = 'hello@willowcreek.example', way = '', body = `This is number ${number}.` } = {}
): string {
  return [
    ...(way ? [`Delivered-To: ${way}`, `Received: from mx by ${way}; Tue, 1 Dec 2026`] : []),
    `From: Agnes Whitlock <agnes@people.example>`,
    `To: ${to}`,
    `Subject: The swing is broken (${number})`,
    'Date: Tue, 1 Dec 2026 08:00:00 +0000',
    `Message-ID: <${number}@people.example>`,
    '',
    body,
    ''
  ].join('\r\n')
}

/** How the mailbox of a user stands, as far as it was looked at. */
export async function stateOf(
  { runtime }: Pick<Agency, 'runtime'>,
  { port }: Pick<Dovecot, 'port'>,
  user: string
): Promise<MailboxState | undefined> {
  const place = `${user}@127.0.0.1:${port}/INBOX`
  return (await mailboxStates(runtime.db, [place])).get(place)
}
