/** POST requests: a report becomes a contact, and its receipt is the service_request_id. */
import { createHmac, randomUUID } from 'node:crypto'
import type { Agency } from '../../config/agency.ts'
import type { ChannelRequest, ChannelResponse, Intake, RawContact } from '../../core/channel.ts'
import { parseForm, type Submission } from '../../core/form-body.ts'
import { readArguments, type ReportArguments } from './arguments.ts'
import { findService, sayIn } from './catalogue.ts'
import { checkReport } from './check.ts'
import { answer, refusal, type Format } from './format.ts'
import { checkJurisdiction } from './jurisdiction.ts'
import { findClient, withoutKey } from './keys.ts'
import { formLimits } from './limits.ts'
import { snapshotService } from './snapshot.ts'

/** Errors of accepting are the route's to tell: they ask to try again. */
export async function takeReport(collect: Intake, request: ChannelRequest, format: Format): Promise<ChannelResponse> {
  const agency = collect.agency()
  const mediaType = headerOf(request, 'content-type')
  const submission = await parseForm(request.body, mediaType, formLimits).catch(() => undefined)
  if (!submission) return refusal(format, [{ status: 400, description: 'A form was expected: application/x-www-form-urlencoded or multipart/form-data.' }])
  const given = readArguments(submission)
  const asked = (name: string) => given.one(name) ?? (request.query.get(name)?.trim() || undefined)
  const jurisdiction = checkJurisdiction(agency, asked('jurisdiction_id'))
  const key = await findClient(collect, asked('api_key'))
  const problems = [...jurisdiction, ...key.problems, ...(key.problems.length > 0 ? [] : checkReport(agency, given, submission))]
  if (problems.length > 0) return refusal(format, problems)
  const contact = toContact(agency, given, { bytes: withoutKey(request.body, mediaType), mediaType, client: key.client, externalId: deliveryId(collect, request, submission, key.client) })
  const { receipt } = await collect.accept(contact)
  return accepted(format, agency, given, receipt)
}

function accepted(format: Format, agency: Agency, given: ReportArguments, receipt: string): ChannelResponse {
  const notice = sayIn(agency)(findService(agency, given.one('service_code')!)?.notice)
  return answer(format, 'service_requests', [{ service_request_id: receipt, service_notice: notice, account_id: given.one('account_id') ?? null }])
}

export interface Delivery {
  readonly bytes: Uint8Array
  readonly mediaType: string
  /** Whose key was sent, as the ledger names them. */
  readonly client: string | undefined
  readonly externalId?: string
}

/** A checked report as a contact. Nothing of the client's connection is kept. */
export function toContact(agency: Agency, given: ReportArguments, { bytes, mediaType, client, externalId }: Delivery): RawContact {
  const service = findService(agency, given.one('service_code')!)!
  return {
    channel: 'open311', source: client ?? 'public', ...(client ? { actor: client } : {}), bytes, mediaType, ...(externalId === undefined ? {} : { externalId }),
    evidence: { category: service.code, service: snapshotService(service, agency), ...mediaOf(agency, given.one('media_url')) }
  }
}

/** A picture is fetched by https from a host that the agency named, else only its address is kept. */
function mediaOf(agency: Agency, address: string | undefined): Record<string, string> {
  const url = address === undefined ? null : URL.parse(address)
  if (!url) return address === undefined ? {} : { mediaUrl: address }
  const allowed = url.protocol === 'https:' && url.username === '' && url.password === '' && agency.services.mediaHosts.includes(url.host)
  return { mediaUrl: url.href, ...(allowed ? { mediaHost: url.host } : {}) }
}

/**
 * The identity of a delivery: the client's `Idempotency-Key` together with what was sent, so that a retry gets the first receipt and a
 * key used again for something else loses nothing. Without one each delivery is a contact of its own: two people may well say the
 * same of the same place, and the same words from one person are linked, visibly, when they are settled.
 */
function deliveryId(collect: Intake, request: ChannelRequest, submission: Submission, client: string | undefined): string {
  const key = headerOf(request, 'idempotency-key').trim()
  if (key === '') return randomUUID()
  const digest = createHmac('sha256', collect.secret('open311'))
  const add = (value: string | Buffer) => digest.update(`${Buffer.byteLength(value)}:`).update(value)
  for (const value of [client ?? '', key]) add(value)
  for (const [name, value] of submission.fields) if (name !== 'api_key') { add(name); add(value) }
  for (const file of submission.files) { add(file.field); add(file.name); add(file.content) }
  return `idempotent:${digest.digest('base64url')}`
}

function headerOf(request: ChannelRequest, name: string): string {
  const value = request.headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}
