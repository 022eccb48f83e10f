/**
 * Resend's `email.received`: JSON that gives notice of a mail, signed as Svix does it (HMAC-SHA-256
 * over id, time and body). The mail is fetched: its API says where it lies (resend.com/docs,
 * "Retrieve received email").
 */
import { z } from 'zod'
import type { Settings } from '../../../config/settings.ts'
import type { ChannelRequest, RemoteFile } from '../../../core/intake/channel.ts'
import type { MailReport } from '../../../core/intake/mail-report.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { isSame, sign } from '../../../platform/signing.ts'
import { readShape } from '../../../platform/http-bodies/json.ts'
import { said } from './body.ts'
import { FRAME_BYTES } from './limits.ts'
import { headerOf } from './proofs.ts'
import { reportOn } from './reports.ts'
import type { MailService, Posted } from './service.ts'

const schema = z.object({
  type: z.string().max(100),
  data: z.object({
    email_id: z.string().regex(/^[\w-]{1,100}$/),
    from: z.string().optional(),
    to: z.array(z.string()).optional(),
    subject: z.string().nullish(),
    message_id: z.string().nullish(),
    headers: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    bounce: z.object({ message: z.string().nullish(), type: z.string().nullish() }).nullish(),
    failed: z.object({ reason: z.string().nullish() }).nullish()
  })
})
const outcomes: Readonly<Record<string, 'failed' | 'delayed' | 'delivered' | 'complaint'>> = {
  'email.bounced': 'failed',
  'email.failed': 'failed',
  'email.delivery_delayed': 'delayed',
  'email.delivered': 'delivered',
  'email.complained': 'complaint'
}
const placeSchema = z.object({ raw: z.object({ download_url: z.string().max(8_000) }) })

export const resend: MailService = {
  id: 'resend',
  name: 'Resend',
  factor: 0,
  missing: 'The mail could not be fetched from Resend (RESEND_API_KEY).',
  read: async (bytes) => read(bytes),
  open({ RESEND_WEBHOOK_SECRET: secret }) {
    if (secret === undefined) return undefined
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return {
      // An old time is taken: a notice that comes once more has the id of the first.
      whyUnproved: (request) =>
        isSigned(request, key) ? undefined : "Its signature is not Resend's, or it has none."
    }
  },
  remoteFiles
}

function read(bytes: Uint8Array): Posted | undefined {
  const event = readShape(bytes, schema)
  if (!event) return undefined
  const { email_id: id, from, to, subject } = event.data
  return {
    event: event.type,
    signed: {},
    ...(event.type === 'email.received'
      ? { mail: { id, stored: true, recipients: to ?? [], shown: said({ from, subject }) } }
      : { reports: reportsIn(event) })
  }
}

function reportsIn({ type, data }: z.output<typeof schema>): MailReport[] {
  const outcome = outcomes[type]
  if (!outcome) return []
  const named = (data.headers ?? [])
    .filter(({ name }) => /^(message-id|reply-to)$/i.test(name))
    .map(({ value }) => value)
  return reportOn([data.message_id, ...named], {
    outcome,
    answer: data.bounce?.message ?? data.failed?.reason,
    lasting: data.bounce?.type === 'Permanent'
  })
}

/** The header has one signature for each secret in force, "v1,<base64>". */
function isSigned(request: ChannelRequest, key: Uint8Array): boolean {
  const [id = '', time = '', signatures = ''] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(request, `svix-${name}`)
  )
  const expected = sign(key, Buffer.concat([Buffer.from(`${id}.${time}.`), request.body]))
  return signatures
    .split(' ', 10)
    .some((one) => one.startsWith('v1,') && isSame(Buffer.from(one.slice(3), 'base64'), expected))
}

function remoteFiles(
  bytes: Uint8Array,
  { RESEND_API_KEY: key, RESEND_API_URL: api, RESEND_FILE_HOSTS, SMTP_MAX_BYTES }: Settings
): RemoteFile[] {
  const id = read(bytes)?.mail?.id
  if (id === undefined || key === undefined) return []
  return [
    {
      name: 'mail.eml',
      // Pictures as references, so that the answer does not hold them.
      url: `${api}/emails/receiving/${id}?html_format=cid`,
      hosts: [new URL(api).host],
      maxBytes: SMTP_MAX_BYTES + FRAME_BYTES,
      headers: { authorization: `Bearer ${key}` },
      leadsTo(bytes) {
        const place = readShape(bytes, placeSchema)
        if (!place) throw new EvenhandError('FETCH_FAILED', 'its answer names no raw mail')
        return { url: place.raw.download_url, hosts: RESEND_FILE_HOSTS, maxBytes: SMTP_MAX_BYTES }
      }
    }
  ]
}
