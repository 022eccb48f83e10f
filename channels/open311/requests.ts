/** GET requests and tokens: where reports stand. Content only of what the agency declared public; a receipt alone shows the state. */
import { z } from 'zod'
import type { Agency } from '../../config/agency.ts'
import type { ChannelRequest, ChannelResponse, Intake } from '../../core/channel.ts'
import type { CaseState } from '../../core/db/tables.ts'
import { translate } from '../../core/pages/language.ts'
import { parseReceipt } from '../../core/receipts.ts'
import type { Report } from '../../core/reports.ts'
import { findService, sayIn } from './catalogue.ts'
import { answer, formatDate, refusal, type Format } from './format.ts'
import { MAX_REPORTS } from './limits.ts'
import { maskPersonal } from './public-text.ts'
import { readQuery } from './query.ts'

const channel = 'open311' as const

/** Those of public services, by filters; or those whose receipts are named. */
export async function listReports(collect: Intake, request: ChannelRequest, format: Format): Promise<ChannelResponse> {
  const agency = collect.agency()
  const query = readQuery(request.query, new Date())
  if ('problems' in query) return refusal(format, query.problems)
  const reports = await collect.reports({ channel, ...('receipts' in query ? { ...query, limit: MAX_REPORTS, offset: 0 } : { ...query, categories: publicCodes(agency, query.categories), reviewedOnly: true }) })
  return answer(format, 'service_requests', reports.map((report) => describe(agency, report)))
}

export async function showReport(collect: Intake, id: string, format: Format): Promise<ChannelResponse> {
  if (id === '') return refusal(format, [{ status: 400, description: 'service_request_id was not provided.' }])
  const report = await findReport(collect, id)
  if (!report) return refusal(format, [{ status: 404, description: 'service_request_id was not found.' }])
  return answer(format, 'service_requests', [describe(collect.agency(), report)])
}

/** Every report has its id at once, so that no tokens are handed out; a client that takes the id for one gets the id. */
export async function resolveToken(collect: Intake, token: string, format: Format): Promise<ChannelResponse> {
  if (token === '') return refusal(format, [{ status: 400, description: 'token was not provided.' }])
  const report = await findReport(collect, token)
  if (!report) return refusal(format, [{ status: 404, description: 'token was not found.' }])
  return answer(format, 'service_requests', [{ service_request_id: report.receipt, token }])
}

async function findReport(collect: Intake, id: string): Promise<Report | undefined> {
  const receipt = parseReceipt(id)
  return receipt ? (await collect.reports({ channel, receipts: [receipt], limit: 1, offset: 0 }))[0] : undefined
}

function publicCodes(agency: Agency, asked: readonly string[] | undefined): string[] {
  return agency.services.services.filter((service) => service.public && (!asked || asked.includes(service.code))).map((service) => service.code)
}

type Standing = 'received' | 'waiting' | 'taken' | 'closed' | 'handed-off' | 'in-review'

/** A case that was joined into an earlier one waits with it. */
const standings: Record<CaseState, Standing> = { waiting: 'waiting', taken: 'taken', closed: 'closed', 'handed-off': 'handed-off', joined: 'waiting' }

function standingOf(report: Report): Standing {
  if (report.caseState) return standings[report.caseState]
  return report.state === 'quarantined' ? 'in-review' : 'received'
}

function describe(agency: Agency, report: Report) {
  const say = sayIn(agency)
  const [language = 'en'] = agency.departments.agency.languages
  const service = findService(agency, report.category)
  const standing = standingOf(report)
  return {
    service_request_id: report.receipt,
    status: standing === 'closed' || standing === 'handed-off' ? 'closed' : 'open',
    status_notes: translate(agency.locales, language)(`open311.note.${standing}`),
    service_name: say(service?.name) ?? report.category,
    service_code: report.category,
    ...contentOf(service?.public && standing !== 'in-review' ? report : undefined),
    agency_responsible: say(agency.departments.departments.find(({ id }) => id === report.department)?.name),
    service_notice: say(service?.notice),
    requested_datetime: formatDate(report.arrivedAt),
    updated_datetime: formatDate(report.updatedAt),
    // Nobody promises a time: the line says who is next, not when.
    expected_datetime: null
  }
}

const publishedSchema = z.object({ description: z.string().optional(), address: z.string().optional() })

/** What the report itself says, where its service was public when it was sent; a link that a stranger gave is not published under the agency's name. */
function contentOf(report: Report | undefined) {
  const { envelope } = report ?? {}
  const published = publishedSchema.safeParse(envelope?.evidence['published']).data
  const masked = (text: string | undefined) => text === undefined ? null : maskPersonal(text, envelope?.sender)
  const addressId = envelope?.evidence['addressId']
  return {
    description: masked(published?.description),
    address: masked(published?.address),
    address_id: published && typeof addressId === 'string' ? addressId : null,
    zipcode: null,
    lat: (published && envelope?.place?.lat) ?? null,
    long: (published && envelope?.place?.long) ?? null,
    media_url: null
  }
}
