import type { RemoteFile, StoredRaw, Translation } from '../../core/intake/channel.ts'
import { fileDocument } from '../../core/intake/file-document.ts'
import type { EnvelopeDocument } from '../../core/envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { parseForm } from '../../platform/http-bodies/form.ts'
import { readArguments, readPlace, type ReportArguments } from './arguments.ts'
import { formLimits, MAX_PICTURE_BYTES } from './limits.ts'
import { readSnapshot, type ServiceSnapshot } from './snapshot.ts'

interface Enclosed {
  readonly name: string
  readonly mediaType: string
  readonly content: Uint8Array
}

/** The picture that a report links to, if the agency allows fetching it. */
export function remoteFiles({ evidence }: Pick<StoredRaw, 'evidence'>): RemoteFile[] {
  const { mediaUrl: url, mediaHost: host } = evidence
  if (typeof url !== 'string' || typeof host !== 'string') return []
  return [
    {
      url,
      name: new URL(url).pathname.split('/').at(-1)?.slice(0, formLimits.nameLength) || 'picture',
      hosts: [host],
      maxBytes: MAX_PICTURE_BYTES
    }
  ]
}

/**
 * A stored report as an envelope. Answers become lines below the description, because they are part
 * of the report. Routing sees the kind of report and the answers that the service marked.
 * @throws EvenhandError READ_UNPARSEABLE, READ_LIMIT
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const service = readSnapshot(raw.evidence['service'])
  if (!service)
    throw new EvenhandError(
      'READ_UNPARSEABLE',
      'the contact does not say which service it was sent for'
    )
  const submission = await parseForm(raw.bytes, raw.mediaType, formLimits)
  if (submission.exceeded.length > 0)
    throw new EvenhandError('READ_LIMIT', submission.exceeded.join(', '))
  const given = readArguments(submission)
  const enclosed: Enclosed[] = [
    ...submission.files,
    ...(raw.fetched ?? []).flatMap((file) =>
      'bytes' in file ? [{ ...file, content: file.bytes }] : []
    )
  ]
  const place = readPlace(given)
  const answers = routingAnswers(service, given)
  return [
    {
      envelope: {
        channel: 'open311',
        sender: senderOf(given),
        recipients: [],
        subject: service.name,
        text: textOf(service, given),
        language: 'und',
        documents: enclosed.map(describe),
        category: service.code,
        ...(place ? { place } : {}),
        ...(answers ? { answers } : {}),
        evidence: evidenceOf(raw, service, given)
      },
      contents: enclosed.map((file) => file.content),
      kind: 'message',
      tokens: [],
      reason: `reported as "${service.code}"`
    }
  ]
}

function senderOf({ one }: ReportArguments) {
  const name = [one('first_name'), one('last_name')].filter(Boolean).join(' ')
  const [email, phone] = [one('email'), one('phone')]
  return {
    ...(name ? { name } : {}),
    emails: email ? [email] : [],
    phones: phone ? [phone] : [],
    addresses: []
  }
}

/** The address says where the problem is, not where the sender lives. */
function textOf(service: ServiceSnapshot, { one, attributes }: ReportArguments): string {
  const address = one('address_string') ?? one('address_id')
  const lines = [...attributes].map(([code, values]) => {
    const attribute = service.attributes.find((known) => known.code === code)
    return `${attribute?.question ?? code} ${values.map((value) => nameOf(attribute, value)).join(', ')}`
  })
  const details = [...(address ? [`${service.addressLabel} ${address}`] : []), ...lines].join('\n')
  return [one('description'), details].filter(Boolean).join('\n\n')
}

function nameOf(attribute: ServiceSnapshot['attributes'][number] | undefined, key: string): string {
  return attribute?.values && Object.hasOwn(attribute.values, key) ? attribute.values[key]! : key
}

function routingAnswers(
  service: ServiceSnapshot,
  { attributes }: ReportArguments
): Record<string, string> | undefined {
  const seen = service.attributes
    .filter(({ code, routing }) => routing && attributes.has(code))
    .map(({ code }) => [code, attributes.get(code)!.join('\n')])
  return seen.length > 0 ? Object.fromEntries(seen) : undefined
}

/**
 * Claims about device and account identify nobody. The publishable text of a public report is kept
 * apart from its full text, which also holds answers.
 */
function evidenceOf(
  raw: StoredRaw,
  { public: open }: ServiceSnapshot,
  { one }: ReportArguments
): Record<string, unknown> {
  const { service: _, ...evidence } = raw.evidence
  const missing = raw.fetched?.flatMap((file) => ('missing' in file ? [file.missing] : [])) ?? []
  return {
    ...evidence,
    ...given({
      deviceId: one('device_id'),
      accountId: one('account_id'),
      addressId: one('address_id'),
      mediaMissing: missing[0]
    }),
    ...(open
      ? { published: given({ description: one('description'), address: one('address_string') }) }
      : {})
  }
}

function given(claims: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(claims).filter((claim): claim is [string, string] => claim[1] !== undefined)
  )
}

function describe({ name, mediaType, content }: Enclosed, index: number): EnvelopeDocument {
  return fileDocument({ name: name || `file-${index + 1}`, mediaType, bytes: content })
}
