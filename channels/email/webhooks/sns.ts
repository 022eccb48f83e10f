/**
 * Notices of Amazon SNS and their signatures, versions 1 and 2 (docs.aws.amazon.com/sns, "Verifying
 * the signatures of Amazon SNS messages").
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { download } from '../../../platform/http-client/download.ts'
import { FixedWindowLimiter } from '../../../platform/limits/fixed-window-limiter.ts'
import { rates } from '../../../platform/limits/rates.ts'
import { MAX_CERTIFICATE_BYTES, MAX_CERTIFICATES, MAX_CONFIRMATION_BYTES } from './limits.ts'
import { isSignedBy } from './proofs.ts'

/** The texts of a notice by their names. */
export type Notice = Readonly<Record<string, string>>
export type Download = typeof download

const limits = { idleMs: 5_000, totalMs: 10_000 }
const certificatePath = /^\/SimpleNotificationService-[\w-]{1,100}\.pem$/

/** Checks notices of some topics. Amazon's certificates come from the region's host alone. */
export class SnsTopics {
  readonly #topics: readonly string[]
  readonly #download: Download
  readonly #keys = new Map<string, KeyObject>()
  readonly #fetches = new FixedWindowLimiter(rates.mailCertificates, 1)

  constructor(topics: readonly string[], get: Download = download) {
    this.#topics = topics
    this.#download = get
  }

  /** One sentence why nothing shows that Amazon sent it for one of the topics, or undefined. */
  async whyUnproved(notice: Notice): Promise<string | undefined> {
    const { TopicArn: topic = '', SigningCertURL: address = '' } = notice
    if (!this.#topics.includes(topic)) return 'Its topic is none of SES_TOPIC_ARN.'
    const url = URL.parse(address)
    if (url?.host !== hostOf(topic) || !certificatePath.test(url.pathname))
      return "The certificate of its signature is none of Amazon's for this region."
    const key = await this.#keyAt(url)
    if (!key) return "Amazon's certificate could not be fetched, so its signature was not checked."
    const digest = notice['SignatureVersion'] === '2' ? 'sha256' : 'sha1'
    return isSignedBy(key, digest, Buffer.from(signedText(notice)), notice['Signature'])
      ? undefined
      : "Its signature is not Amazon's."
  }

  /** Confirms a subscription of a topic. @throws EvenhandError FETCH_* */
  async confirm({ TopicArn: topic = '', SubscribeURL: url = '' }: Notice): Promise<void> {
    const hosts = [hostOf(topic)]
    await this.#download({ url, hosts, maxBytes: MAX_CONFIRMATION_BYTES }, limits)
  }

  async #keyAt({ href: url, host }: URL): Promise<KeyObject | undefined> {
    const known = this.#keys.get(url)
    if (known || !this.#fetches.take('')) return known
    try {
      const file = { url, hosts: [host], maxBytes: MAX_CERTIFICATE_BYTES }
      const key = createPublicKey(Buffer.from((await this.#download(file, limits)).bytes))
      if (this.#keys.size >= MAX_CERTIFICATES) this.#keys.clear()
      this.#keys.set(url, key)
      return key
    } catch {
      return undefined
    }
  }
}

/** The host that speaks for a topic: `arn:aws:sns:<region>:…`. China has a domain of its own. */
function hostOf(topic: string): string {
  const [, partition, , region] = topic.split(':')
  return `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`
}

const signedNames = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  others: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
}

/** @internal */
export function signedText(notice: Notice): string {
  const names = notice['Type'] === 'Notification' ? signedNames.Notification : signedNames.others
  return names
    .flatMap((name) => (notice[name] === undefined ? [] : [`${name}\n${notice[name]}\n`]))
    .join('')
}
