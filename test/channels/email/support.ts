/**
 * What the mail tests share: an intake that only accepts, a raw SMTP client, and the sample mails.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { createLog } from '../../../platform/logger.ts'
import type { Accepted, Intake, RawContact, StoredRaw } from '../../../core/intake/channel.ts'
import type { Agency } from '../../../config/agency.ts'
import { mailroomSchema } from '../../../config/schema.ts'
import { readSettings } from '../../../config/settings.ts'
import { smtpLimits, type SmtpLimits } from '../../../channels/email/limits.ts'
import { smtpService } from '../../../channels/email/smtp-service.ts'
import { email } from '../../../channels/email/index.ts'
import { corpusFile, hasCorpus } from '../../helpers/corpora.ts'

const corpora = corpusFile('email')

export const agency: Agency = {
  departments: {
    agency: {
      name: { en: 'Town of Elm', es: 'Ciudad de Elm' },
      email: 'hello@elm.example',
      timeZone: 'America/New_York',
      languages: ['en', 'es']
    },
    general: 'general',
    casesHeld: 3,
    outcomes: [],
    departments: [{ id: 'general', name: { en: 'Front office' }, leaseHours: 24, outcomes: [] }]
  },
  routes: { version: '1', rules: [] },
  forms: [],
  services: {
    jurisdictionRequired: false,
    keyRequired: false,
    mediaHosts: [],
    services: [],
    changedAt: new Date(0)
  },
  mailroom: mailroomSchema.parse({}),
  gateways: [],
  locales: {
    en: {
      'ack.subject': 'We received your message',
      'ack.departmentUnknown': 'not known yet',
      'ack.text': 'Receipt {receipt}, {department}, {arrived}, {url}, {agency}'
    },
    es: {
      'ack.subject': 'Recibimos su mensaje',
      'ack.departmentUnknown': 'todavía no se sabe',
      'ack.text': 'Recibo {receipt}, {department}, {arrived}, {url}, {agency}'
    }
  },
  warnings: []
}

/** Wrong passwords after which the double checks no more. */
const WRONG_GUESSES = 2

/** An intake that only accepts, as it is told. */
export function intakeDouble(
  environment: Record<string, string> = {},
  accept: Intake['accept'] = acceptAll
): Intake {
  let guesses = 0
  return {
    settings: readSettings({ HOST: '127.0.0.1', SMTP_PORT: '0', ...environment }),
    agency: () => agency,
    log: createLog('silent'),
    accept,
    receiptOf: async () => undefined,
    confirmed: async () => false,
    guessed: async () => {
      guesses += 1
    },
    hasGuessed: async () => guesses >= WRONG_GUESSES,
    alert: () => undefined,
    secret: () => new Uint8Array(32),
    route: () => {},
    endpoint: () => {},
    service: () => {}
  }
}

async function acceptAll(): Promise<Accepted> {
  return {
    contactId: 'c1',
    receipt: 'ELM-7K3M-9QX2',
    arrivedAt: new Date(0),
    ordinal: 1,
    repeated: false
  }
}

/** An SMTP service on a free port, and what it accepted. */
export async function startSmtp(
  environment: Record<string, string> = {},
  limits: Partial<SmtpLimits> = {},
  accept: Intake['accept'] = acceptAll
) {
  const accepted: RawContact[] = []
  const intake = intakeDouble(environment, async (raw) => {
    const result = await accept(raw)
    accepted.push(raw)
    return result
  })
  const { port, stop } = await smtpService(intake, { ...smtpLimits, ...limits }).start()
  return { port: port!, stop, accepted }
}

/** Starts services as `startSmtp` does, and stops them all after a test. */
export function smtpServices() {
  const running: Awaited<ReturnType<typeof startSmtp>>[] = []
  return {
    started: async (...given: Parameters<typeof startSmtp>) => {
      const smtp = await startSmtp(...given)
      running.push(smtp)
      return smtp
    },
    stopAll: async () => {
      await Promise.all(running.splice(0).map((smtp) => smtp.stop()))
    }
  }
}

/** A line-by-line SMTP client that shows the server's own words. */
export class RawClient {
  readonly socket: Socket
  #buffer = ''
  #wake = () => {}

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket
      .setEncoding('latin1')
      .on('error', () => {})
      .on('close', () => this.#wake())
      .on('data', (chunk) => {
        this.#buffer += chunk
        this.#wake()
      })
  }

  /**
   * The next whole reply, its lines joined by newlines; what came so far when the server hangs up.
   */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#buffer)
      if (match) {
        this.#buffer = this.#buffer.slice(match[0].length)
        return match[0].trimEnd().replaceAll('\r\n', '\n')
      }
      if (this.socket.closed) return this.#buffer
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`)
    return this.reply()
  }

  /** Greeting to DATA, for one mail; returns the reply to DATA. */
  async envelope(from: string, recipients: readonly string[]): Promise<string> {
    await this.reply()
    await this.say('EHLO client.example')
    await this.say(`MAIL FROM:<${from}>`)
    for (const recipient of recipients) await this.say(`RCPT TO:<${recipient}>`)
    return this.say('DATA')
  }

  end(): void {
    this.socket.destroy()
  }
}

/** One mail with these DATA bytes; returns the final reply. */
export async function deliver(
  smtp: { port: number },
  data: string,
  from = 'jane@example.com',
  recipients = ['parks@elm.example']
): Promise<string> {
  const client = new RawClient(smtp.port)
  await client.envelope(from, recipients)
  const reply = await client.say(`${data}\r\n.`)
  client.end()
  return reply
}

export function stored(
  source: string | Uint8Array,
  evidence: Record<string, unknown> = { mailFrom: 'jane@example.com' },
  recipients: readonly string[] = []
): StoredRaw {
  const bytes =
    typeof source === 'string' ? Buffer.from(source.replaceAll(/\r?\n/g, '\r\n'), 'latin1') : source
  return {
    channel: 'email',
    source: 'smtp',
    bytes,
    mediaType: 'message/rfc822',
    recipients,
    evidence,
    sha256: '0'.repeat(64)
  }
}

/** The one translation of a mail. */
export async function translated(raw: StoredRaw) {
  const [translation] = await email.translate(raw)
  return translation!
}

/** A fixture by its name. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/email/${name}.eml`, import.meta.url))
}

/** Every sample that is a mail, by its path below the corpora. */
export function sampleMails(): string[] {
  if (!hasCorpus('email')) return []
  const others =
    /^mime\/request-tracker\/|^mime\/zbateson-mail-mime-parser\/emails\/[^/]+\.txt$|^replies\/talon\/signature\/emails\/P\/102682_R_S$/
  return readdirSync(corpora, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(corpora, path.join(entry.parentPath, entry.name)))
    .filter((name) => name.endsWith('.eml') || others.test(name))
    .sort()
}

/** A sample as `evenhand submit` would hand it in. */
export function sample(name: string): StoredRaw {
  return {
    ...email.fromFile(path.basename(name), readFileSync(path.join(corpora, name)), agency),
    sha256: '0'.repeat(64)
  }
}
