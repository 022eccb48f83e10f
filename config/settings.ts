import path from 'node:path'
import { z } from 'zod'

/** Every environment variable Evenhand reads, parsed once at start. All are optional. */
const schema = z.object({
  DATA_DIR: z.string().min(1).default('./data').transform((dir) => path.resolve(dir)),
  CONFIG_DIR: z.string().min(1).default('./config').transform((dir) => path.resolve(dir)),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  SMTP_PORT: z.coerce.number().int().min(0).max(65_535).default(2525),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  MAIL_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.email().optional(),
  MAIL_DOMAINS: z.string().optional().transform((list) => splitList(list)),
  SMTP_TLS_CERT: z.string().optional(),
  SMTP_TLS_KEY: z.string().optional(),
  SMTP_USERS: z.string().optional().transform((list) => splitList(list)),
  SMTP_MAX_BYTES: z.coerce.number().int().min(1024).max(1024 ** 3).default(40 * 1024 ** 2),
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-f]{32}$/, 'the account\'s SID: AC and 32 digits or letters a to f').optional(),
  TWILIO_AUTH_TOKEN: z.string().optional().transform((list) => splitList(list)),
  TWILIO_FROM: z.string().regex(/^(\+[1-9]\d{6,14}|MG[0-9a-f]{32})$/, 'a number such as +12025550123, or a messaging service\'s SID (MG…)').optional(),
  TWILIO_API_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')).default('https://api.twilio.com'),
  OCR_ENGINE: z.enum(['wasm', 'native']).default('wasm'),
  TELNYX_PUBLIC_KEY: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'the public key as Telnyx shows it: 32 bytes in base64').optional(),
  TELNYX_MEDIA_HOSTS: z.string().default('s3.amazonaws.com').transform((list) => splitList(list)),
  PHAXIO_CALLBACK_TOKEN: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info')
})

export type Settings = z.output<typeof schema>

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
export function readSettings(environment: Record<string, string | undefined> = process.env): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  const settings = parsed.data
  if (Boolean(settings.SMTP_TLS_CERT) !== Boolean(settings.SMTP_TLS_KEY)) {
    throw new SettingsError(['SMTP_TLS_CERT, SMTP_TLS_KEY: set both (paths of PEM files) or neither'])
  }
  return settings
}

/** The address residents reach us by, without a trailing slash. */
export function publicUrl(settings: Settings): string {
  return settings.PUBLIC_URL ?? `http://${settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST}:${settings.PORT}`
}

function splitList(list: string | undefined): string[] {
  return (list ?? '').split(',').map((entry) => entry.trim()).filter(Boolean)
}
