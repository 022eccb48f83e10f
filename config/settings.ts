import { isIP } from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import { secretPattern } from './mailboxes.ts'
import { isPublicKey } from './public-key.ts'

/** A topic of Amazon SNS; its region says which host may speak for it. */
/** A region, and a bucket in it by the rules of S3. */
const bucketPattern = /^[a-z]{2}(-[a-z]+)+-\d+\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const topicPattern = /^arn:aws(-[a-z]+)*:sns:[a-z]{2}(-[a-z]+)+-\d+:\d{12}:[\w-]{1,256}$/

/** Every environment variable Evenhand reads, parsed once at start. All are optional. */
const schema = z.object({
  DATA_DIR: z
    .string()
    .min(1)
    .default('./data')
    .transform((dir) => path.resolve(dir)),
  CONFIG_DIR: z
    .string()
    .min(1)
    .default('./config')
    .transform((dir) => path.resolve(dir)),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  SMTP_PORT: z.coerce.number().int().min(0).max(65_535).default(2525),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  TRUST_PROXY: z
    .string()
    .optional()
    .transform((list) => splitList(list))
    .refine(
      (list) => list.every(isNetwork),
      'addresses or networks of the proxies before this program, such as 10.0.0.5, 10.0.0.0/24 or loopback, separated by commas'
    ),
  METRICS_TOKEN: z.string().min(16, 'at least 16 characters').optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  MAIL_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.email().optional(),
  MAIL_DKIM_KEY: z.string().optional(),
  MAIL_DKIM_SELECTOR: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i, 'a name in the DNS, such as evenhand')
    .optional(),
  MAIL_SPAM_HEADER: z
    .string()
    .regex(
      /^[!-9;-~]{1,100}:\s*\S.*$/,
      'a header and how its value begins, such as X-Spam-Flag: YES'
    )
    .optional(),
  MAIL_AUTH_SERVER: z.string().min(1).optional(),
  MAIL_AUTH_DNS: z
    .string()
    .optional()
    .transform((list) => (list?.toLowerCase() === 'off' ? 'off' : splitList(list)))
    .refine(
      (list) => list === 'off' || list.every(isServer),
      'off, or addresses of name servers such as 10.0.0.53 or 10.0.0.53:5353, separated by commas'
    ),
  MAIL_DOMAINS: z
    .string()
    .optional()
    .transform((list) => splitList(list)),
  SMTP_TLS_CERT: z.string().optional(),
  SMTP_TLS_KEY: z.string().optional(),
  SMTP_USERS: z
    .string()
    .optional()
    .transform((list) => splitList(list)),
  SMTP_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(1024 ** 3)
    .default(40 * 1024 ** 2),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/, "the account's SID: AC and 32 digits or letters a to f")
    .optional(),
  TWILIO_AUTH_TOKEN: z
    .string()
    .optional()
    .transform((list) => splitList(list)),
  TWILIO_FROM: z
    .string()
    .regex(
      /^(\+[1-9]\d{6,14}|MG[0-9a-f]{32})$/,
      "a number such as +12025550123, or a messaging service's SID (MG…)"
    )
    .optional(),
  TWILIO_API_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://api.twilio.com'),
  OCR_ENGINE: z.enum(['wasm', 'native']).default('wasm'),
  TELNYX_PUBLIC_KEY: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'the public key as Telnyx shows it: 32 bytes in base64')
    .optional(),
  TELNYX_MEDIA_HOSTS: z
    .string()
    .default('s3.amazonaws.com')
    .transform((list) => splitList(list)),
  PHAXIO_CALLBACK_TOKEN: z.string().min(1).optional(),
  POSTMARK_WEBHOOK_PASSWORD: z.string().min(16, 'at least 16 characters').optional(),
  SENDGRID_WEBHOOK_PASSWORD: z.string().min(16, 'at least 16 characters').optional(),
  SENDGRID_WEBHOOK_PUBLIC_KEY: publicKey('ec', 'as SendGrid shows it: base64 in one line'),
  MAILGUN_SIGNING_KEY: z.string().min(16, 'at least 16 characters').optional(),
  SES_TOPIC_ARN: z
    .string()
    .optional()
    .transform((list) => splitList(list))
    .refine(
      (list) => list.every((topic) => topicPattern.test(topic)),
      'topics of Amazon SNS such as arn:aws:sns:us-east-1:111111111111:mail, separated by commas'
    ),
  SES_BUCKETS: z
    .string()
    .optional()
    .transform((list) => splitList(list))
    .refine(
      (list) => list.every((place) => bucketPattern.test(place)),
      'buckets of Amazon S3 with their region such as us-east-1/town-mail, separated by commas'
    ),
  SES_BUCKET_KEY_ID: z.string().min(16, 'at least 16 characters').optional(),
  SES_BUCKET_SECRET_KEY: z.string().min(16, 'at least 16 characters').optional(),
  SES_BUCKET_URL: z.url({ protocol: /^https?$/ }).optional(),
  RESEND_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{20,}={0,2}$/, "the webhook's signing secret: whsec_…")
    .optional(),
  RESEND_API_KEY: z.string().min(16, 'at least 16 characters').optional(),
  RESEND_API_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://api.resend.com'),
  RESEND_FILE_HOSTS: z
    .string()
    .default('inbound-cdn.resend.com')
    .transform((list) => splitList(list)),
  POSTAL_PUBLIC_KEY: publicKey('rsa', "of Postal's signing key: PEM, or its base64 in one line"),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info')
})

export interface Settings extends z.output<typeof schema> {
  /** Passwords and tokens of mailboxes.yaml, by the name of their variable. */
  readonly mailboxSecrets: Readonly<Record<string, string>>
}

/** Names of every variable that is read; the guides are held to them. @internal */
export const settingNames = Object.keys(schema.shape)

/** Thrown with every problem at once, so that one start shows all there is to mend. */
export class SettingsError extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(`Settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/**
 * Reads the settings from an environment.
 * @throws SettingsError naming every variable that is wrong.
 */
export function readSettings(
  environment: Record<string, string | undefined> = process.env
): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(given)
  if (!parsed.success)
    throw new SettingsError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    )
  const settings: Settings = { ...parsed.data, mailboxSecrets: mailboxSecrets(given) }
  if (Boolean(settings.SMTP_TLS_CERT) !== Boolean(settings.SMTP_TLS_KEY)) {
    throw new SettingsError([
      'SMTP_TLS_CERT, SMTP_TLS_KEY: set both (paths of PEM files) or neither'
    ])
  }
  if (Boolean(settings.MAIL_DKIM_KEY) !== Boolean(settings.MAIL_DKIM_SELECTOR)) {
    throw new SettingsError([
      'MAIL_DKIM_KEY, MAIL_DKIM_SELECTOR: set both (path of a PEM file, its name in the DNS) or neither'
    ])
  }
  return settings
}

function mailboxSecrets(given: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      secretPattern.test(name) && value !== undefined ? [[name, value]] : []
    )
  )
}

/** Settings that others know us to have and that do nothing yet. */
const without: readonly (readonly [RegExp, string])[] = [
  [/^BLOBS_/, 'originals are kept in the database and in DATA_DIR/blobs.'],
  [/^OIDC_/, 'staff sign in with a password.']
]
/** Beginnings that nobody else's variables have. */
const ours = /^(SMTP|MAIL|MAILBOX|TWILIO|TELNYX|PHAXIO|OCR|EVENHAND)_/

export interface UnknownSetting {
  readonly name: string
  readonly hint: string
}

/**
 * Variables that were surely meant for us and that we do not read: known to do nothing, named like
 * ours, nearly one of ours, or in our own file.
 * @param inFile names that stand in `.env`
 */
export function unknownSettings(
  environment: Record<string, string | undefined>,
  inFile: readonly string[] = []
): UnknownSetting[] {
  const known = Object.keys(schema.shape)
  const names = Object.keys(environment).filter(
    (name) =>
      environment[name] !== '' &&
      environment[name] !== undefined &&
      !known.includes(name) &&
      !secretPattern.test(name)
  )
  return names.flatMap((name) => {
    const nothing = without.find(([pattern]) => pattern.test(name))
    if (nothing) return [{ name, hint: nothing[1] }]
    const near = known.find((one) => isNear(name.toUpperCase(), one))
    if (near) return [{ name, hint: `${near} is the name of that setting.` }]
    return ours.test(name) || inFile.includes(name)
      ? [{ name, hint: 'there is no such setting (README, "Environment").' }]
      : []
  })
}

/** A slip of the keyboard or of the memory; the shorter the name, the less may differ. */
function isNear(name: string, known: string): boolean {
  if (withoutSigns(name) === withoutSigns(known)) return true
  return (
    Math.abs(name.length - known.length) <= 2 &&
    editDistance(name, known) <= (known.length < 6 ? 1 : 2)
  )
}

function withoutSigns(name: string): string {
  return name.replaceAll(/[_-]/g, '')
}

/**
 * Letters added, left out, exchanged, or swapped with their neighbour (optimal string alignment).
 */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, n) => n)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? rows[i - 2]![j - 2]! + 1
          : Infinity
      row.push(
        Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same, swapped)
      )
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

/** The address residents reach us by, without a trailing slash. */
export function publicUrl(settings: Settings): string {
  return (
    settings.PUBLIC_URL ??
    `http://${settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST}:${settings.PORT}`
  )
}

/** `loopback`, an address, or a network with the length of its prefix. */
function isNetwork(entry: string): boolean {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const family = isIP(address)
  return entry === 'loopback' || (family > 0 && Number(prefix ?? 0) <= (family === 4 ? 32 : 128))
}

/** An address with a port or without; one of IPv6 with a port stands in brackets. */
function isServer(entry: string): boolean {
  const [, address = entry, port = '53'] =
    /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(entry) ?? /^([\d.]+):(\d{1,5})$/.exec(entry) ?? []
  return isIP(address) > 0 && Number(port) > 0 && Number(port) <= 65_535
}

function publicKey(kind: 'ec' | 'rsa', what: string) {
  return z
    .string()
    .refine((text) => isPublicKey(text, kind), `the public key ${what}`)
    .optional()
}

function splitList(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
}
