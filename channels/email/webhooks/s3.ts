/**
 * A mail that Amazon SES stored in a bucket of S3: where it lies, and the request that S3 answers
 * with it, signed by Signature Version 4 (docs.aws.amazon.com/AmazonS3, "Authenticating requests").
 */
import aws4 from 'aws4'
import type { Settings } from '../../../config/settings.ts'
import type { RemoteFile } from '../../../core/intake/channel.ts'

export interface StoredMail {
  readonly bucket: string
  readonly key: string
}

type Account = Pick<
  Settings,
  | 'SES_BUCKETS'
  | 'SES_BUCKET_URL'
  | 'SES_BUCKET_KEY_ID'
  | 'SES_BUCKET_SECRET_KEY'
  | 'SMTP_MAX_BYTES'
>

/**
 * Undefined for a bucket that is none of ours, or without a key to it. The signature counts for 15
 * minutes, so that it is made anew for each try.
 */
export function fileInS3({ bucket, key }: StoredMail, account: Account): RemoteFile | undefined {
  const accessKeyId = account.SES_BUCKET_KEY_ID
  const secretAccessKey = account.SES_BUCKET_SECRET_KEY
  const place = account.SES_BUCKETS.find((one) => one.endsWith(`/${bucket}`))
  const path = pathOf(bucket, key)
  if (!place || !path || !accessKeyId || !secretAccessKey) return undefined
  const region = place.slice(0, place.indexOf('/'))
  const base = new URL(account.SES_BUCKET_URL ?? `https://s3.${region}.${awsDomain(region)}`)
  const { headers } = aws4.sign(
    { service: 's3', region, host: base.host, path, headers: {} },
    { accessKeyId, secretAccessKey }
  )
  return {
    name: 'mail.eml',
    url: `${base.origin}${path}`,
    hosts: [base.host],
    maxBytes: account.SMTP_MAX_BYTES,
    headers: headers as Record<string, string>
  }
}

/** RFC 3986, as the signature wants it. Undefined for steps that a request would leave out. */
function pathOf(bucket: string, key: string): string | undefined {
  const steps = key.split('/')
  if (steps.some((step) => step === '.' || step === '..')) return undefined
  return `/${[bucket, ...steps].map(encoded).join('/')}`
}

function encoded(step: string): string {
  return encodeURIComponent(step).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
  )
}

/** China has a domain of its own. */
function awsDomain(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}
