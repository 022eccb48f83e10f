/** POST requests: a report becomes a contact, and its receipt is the service_request_id. */
import { randomUUID } from 'node:crypto'
import type { Agency } from '../../config/agency.ts'
import type { ChannelRequest, ChannelResponse, RawContact } from '../../core/intake/channel.ts'
import type { Open311Intake } from './intake.ts'
import { parseForm, type Submission } from '../../platform/http-bodies/form.ts'
import { readArguments, type ReportArguments } from './arguments.ts'
import { findService, sayIn } from './catalogue.ts'
import { checkReport } from './check.ts'
import { answer, refusal, type Format } from './format.ts'
import { checkJurisdiction } from './jurisdiction.ts'
import { findClient, withoutKey, type CrossedOut } from './keys.ts'
import { formLimits } from './limits.ts'
import { snapshotService } from './snapshot.ts'
import { signList } from '../../platform/signing.ts'

/** Errors of accepting are not caught: the route answers them, and asks to try again. */
export async function takeReport(
  intake: Open311Intake,
  request: ChannelRequest,
  format: Format
): Promise<ChannelResponse> {
  const agency = intake.agency()
  const mediaType = headerOf(request, 'content-type')
  const submission = await parseForm(request.body, mediaType, formLimits).catch(() => undefined)
  if (!submission)
    return refusal(format, [
      {
        status: 400,
        description:
          'A form was expected: application/x-www-form-urlencoded or multipart/form-data.'
      }
    ])
  const given = readArguments(submission)
  const asked = (name: string) => given.one(name) ?? (request.query.get(name)?.trim() || undefined)
  const jurisdiction = checkJurisdiction(agency, asked('jurisdiction_id'))
  const key = await findClient(intake, asked('api_key'), request.remoteAddress)
  const problems = [
    ...jurisdiction,
    ...key.problems,
    ...(key.problems.length > 0 ? [] : checkReport(agency, given, submission))
  ]
  if (problems.length > 0) return refusal(format, problems)
  const contact = toContact(agency, given, {
    ...withoutKey(request.body, submission),
    mediaType,
    client: key.client,
    externalId: deliveryId(intake, request, submission, key.client)
  })
  const { receipt } = await intake.accept(contact)
  return accepted(format, agency, given, receipt)
}

function accepted(
  format: Format,
  agency: Agency,
  given: ReportArguments,
  receipt: string
): ChannelResponse {
  const notice = sayIn(agency)(findService(agency, given.one('service_code')!)?.notice)
  return answer(format, 'service_requests', [
    {
      service_request_id: receipt,
      service_notice: notice,
      account_id: given.one('account_id') ?? null
    }
  ])
}

export interface Delivery {
  readonly bytes: Uint8Array
  readonly crossedOut: readonly CrossedOut[]
  readonly mediaType: string
  /** The client whose key was sent, as the ledger names it. */
  readonly client: string | undefined
  readonly externalId?: string
}

/** A checked report as a contact. Nothing about the client's connection is kept. */
export function toContact(
  agency: Agency,
  given: ReportArguments,
  { bytes, crossedOut, mediaType, client, externalId }: Delivery
): RawContact {
  const service = findService(agency, given.one('service_code')!)!
  return {
    channel: 'open311',
    source: client ?? 'public',
    ...(client ? { actor: client } : {}),
    bytes,
    mediaType,
    ...(externalId === undefined ? {} : { externalId }),
    evidence: {
      category: service.code,
      service: snapshotService(service, agency),
      ...mediaOf(agency, given.one('media_url')),
      ...(crossedOut.length > 0 ? { crossedOut } : {})
    }
  }
}

/**
 * A picture is fetched by https from a host that the agency listed; otherwise only its address is
 * kept.
 */
function mediaOf(agency: Agency, address: string | undefined): Record<string, string> {
  const url = address === undefined ? null : URL.parse(address)
  if (!url) return address === undefined ? {} : { mediaUrl: address }
  const allowed =
    url.protocol === 'https:' &&
    url.username === '' &&
    url.password === '' &&
    agency.services.mediaHosts.includes(url.host)
  return { mediaUrl: url.href, ...(allowed ? { mediaHost: url.host } : {}) }
}

/**
 * The identity of a delivery: the client's `Idempotency-Key` together with the content. So a retry
 * gets the first receipt, and a key reused for other content loses nothing. Without a key each
 * delivery is a contact of its own, because two people may well say the same about the same place.
 * The same words from one person are linked visibly when they are settled.
 */
function deliveryId(
  intake: Open311Intake,
  request: ChannelRequest,
  submission: Submission,
  client: string | undefined
): string {
  const key = headerOf(request, 'idempotency-key').trim()
  if (key === '') return randomUUID()
  const typed = submission.fields.filter(([name]) => name !== 'api_key').flat()
  const files = submission.files.flatMap(({ field, name, content }) => [field, name, content])
  return `idempotent:${signList(intake.secret('open311'), [client ?? '', key, ...typed, ...files])}`
}

function headerOf(request: ChannelRequest, name: string): string {
  const value = request.headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}
