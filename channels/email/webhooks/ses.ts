/**
 * Amazon SES: a receipt rule with the action SNS publishes each mail with its content to a topic,
 * which posts it here (docs.aws.amazon.com/ses, "Publish to Amazon SNS topic action").
 */
import { z } from 'zod'
import type { Settings } from '../../../config/settings.ts'
import type { RemoteFile } from '../../../core/intake/channel.ts'
import type { MailReport } from '../../../core/intake/mail-report.ts'
import { readShape } from '../../../platform/http-bodies/json.ts'
import { readAmazonNotice } from '../amazon-notice.ts'
import { said, shapeOfText } from './body.ts'
import { reportOn } from './reports.ts'
import { fileInS3, type StoredMail } from './s3.ts'
import type { MailService, Posted, PostedMail, ServiceDoor } from './service.ts'
import { SnsTopics, type Download } from './sns.ts'

const noticeSchema = z
  .object({ Type: z.string().max(100), TopicArn: z.string().max(500), Message: z.string() })
  .catchall(z.unknown())
const verdict = z.object({ status: z.string().max(100) }).optional()
const mailSchema = z.object({
  mail: z.object({
    messageId: z.string().max(200),
    source: z.string().optional(),
    commonHeaders: z
      .object({ from: z.array(z.string()).optional(), subject: z.string().optional() })
      .optional()
  }),
  receipt: z.object({
    recipients: z.array(z.string()),
    action: z.object({
      encoding: z.string().optional(),
      bucketName: z.string().max(63).optional(),
      objectKey: z.string().max(1_024).optional()
    }),
    spamVerdict: verdict,
    virusVerdict: verdict,
    spfVerdict: verdict,
    dkimVerdict: verdict,
    dmarcVerdict: verdict
  }),
  content: z.string().optional()
})
type Received = z.output<typeof mailSchema>

export const ses: MailService = {
  id: 'ses',
  name: 'Amazon SES',
  // Amazon's notices have at most 256 KB.
  factor: 0,
  missing:
    'Amazon SES sent no mail, only notice of it. Let the receipt rule publish to the topic by the action "Publish to Amazon SNS topic", which sends the content; or name the bucket that the action S3 stores it in (SES_BUCKETS).',
  read: async (bytes) => read(bytes),
  remoteFiles,
  open: ({ SES_TOPIC_ARN: topics }) => (topics.length > 0 ? sesDoor(topics) : undefined)
}

export function sesDoor(topics: readonly string[], get?: Download): ServiceDoor {
  const sns = new SnsTopics(topics, get)
  return {
    async whyUnproved(_request, read) {
      const posted = await read()
      return posted ? sns.whyUnproved(posted.signed) : 'It is no notice of Amazon SNS.'
    },
    async follow({ event, signed }) {
      if (event === 'SubscriptionConfirmation') await sns.confirm(signed)
    }
  }
}

function read(bytes: Uint8Array): Posted | undefined {
  const notice = readShape(bytes, noticeSchema)
  if (!notice) return undefined
  const signed = Object.fromEntries(
    Object.entries(notice).filter((one): one is [string, string] => typeof one[1] === 'string')
  )
  const received = receivedIn(notice)
  return {
    event: notice.Type,
    signed,
    ...(received ? { mail: mailOf(received) } : { reports: reportsIn(notice) })
  }
}

function receivedIn(notice: z.output<typeof noticeSchema> | undefined): Received | undefined {
  return notice?.Type === 'Notification' ? shapeOfText(notice.Message, mailSchema) : undefined
}

/** Of mail that Amazon sent for us; openings and clicks say nothing. */
function reportsIn({ Type, Message }: z.output<typeof noticeSchema>): MailReport[] {
  const notice = Type === 'Notification' ? readAmazonNotice(Message) : undefined
  if (!notice) return []
  const { names, outcome, status, lasting = false } = notice
  return reportOn(names, { outcome }).map((report) => ({
    ...report,
    ...(status ? { status } : {}),
    ...(outcome === 'failed' ? { lasting } : {})
  }))
}

/** What the action S3 stored; the notice has it where that action names the topic. */
function remoteFiles(bytes: Uint8Array, settings: Settings): RemoteFile[] {
  const received = receivedIn(readShape(bytes, noticeSchema))
  const place = received && placeOf(received)
  const file = place && fileInS3(place, settings)
  return file ? [file] : []
}

function mailOf(received: Received): PostedMail {
  const { mail, receipt, content } = received
  const encoding = receipt.action.encoding?.toUpperCase() === 'BASE64' ? 'base64' : 'utf8'
  return {
    id: mail.messageId,
    ...(content === undefined ? {} : { raw: Buffer.from(content, encoding) }),
    ...(placeOf(received) ? { stored: true } : {}),
    ...said({ mailFrom: mail.source }),
    recipients: receipt.recipients,
    verdicts: said({
      spam: receipt.spamVerdict?.status,
      virus: receipt.virusVerdict?.status,
      spf: receipt.spfVerdict?.status,
      dkim: receipt.dkimVerdict?.status,
      dmarc: receipt.dmarcVerdict?.status
    }),
    shown: said({
      from: mail.commonHeaders?.from?.join(', '),
      subject: mail.commonHeaders?.subject
    })
  }
}

function placeOf({ receipt, content }: Received): StoredMail | undefined {
  const { bucketName: bucket, objectKey: key } = receipt.action
  return content === undefined && bucket && key ? { bucket, key } : undefined
}
