/**
 * GET requests and tokens: the state of reports. Content is shown only for services that the agency
 * declared public; otherwise a receipt shows only the state.
 */
import { findDepartment } from '../../config/departments.ts'
import { z } from 'zod'
import type { Agency } from '../../config/agency.ts'
import type { Localised } from '../../config/localised.ts'
import { findOutcome } from '../../config/outcomes.ts'
import type { ChannelRequest, ChannelResponse } from '../../core/intake/channel.ts'
import type { Open311Intake } from './intake.ts'
import type { CaseState } from '../../core/line/tables.ts'
import { translate, type Translate } from '../../platform/pages/language.ts'
import { parseReceipt } from '../../core/contacts/receipts.ts'
import type { ServiceReport } from '../../core/contacts/service-requests.ts'
import { findService, sayIn } from './catalogue.ts'
import { answer, formatDate, refusal, type Format } from './format.ts'
import { MAX_REPORTS } from './limits.ts'
import { maskPersonal } from './public-text.ts'
import { readQuery } from './query.ts'

const channel = 'open311' as const

/** Reports of public services, by filters; or the reports whose receipts are given. */
export async function listReports(
  intake: Open311Intake,
  request: ChannelRequest,
  format: Format
): Promise<ChannelResponse> {
  const agency = intake.agency()
  const query = readQuery(request.query, new Date())
  if ('problems' in query) return refusal(format, query.problems)
  const reports = await intake.reports({
    channel,
    ...('receipts' in query
      ? { ...query, limit: MAX_REPORTS, offset: 0 }
      : { ...query, categories: publicCodes(agency, query.categories), reviewedOnly: true })
  })
  if ('receipts' in query && query.receipts.length > 0 && reports.length === 0)
    await intake.guessed('receipt', request.remoteAddress)
  return answer(
    format,
    'service_requests',
    reports.map((report) => describe(agency, report))
  )
}

export async function showReport(
  intake: Open311Intake,
  id: string,
  format: Format,
  address: string
): Promise<ChannelResponse> {
  if (id === '')
    return refusal(format, [{ status: 400, description: 'service_request_id was not provided.' }])
  const report = await findReport(intake, id, address)
  if (!report)
    return refusal(format, [{ status: 404, description: 'service_request_id was not found.' }])
  return answer(format, 'service_requests', [describe(intake.agency(), report)])
}

/**
 * Every report has its id at once, so no tokens are given out. A client that uses the id as a token
 * gets the id.
 */
export async function resolveToken(
  intake: Open311Intake,
  token: string,
  format: Format,
  address: string
): Promise<ChannelResponse> {
  if (token === '')
    return refusal(format, [{ status: 400, description: 'token was not provided.' }])
  const report = await findReport(intake, token, address)
  if (!report) return refusal(format, [{ status: 404, description: 'token was not found.' }])
  return answer(format, 'service_requests', [{ service_request_id: report.receipt, token }])
}

async function findReport(
  intake: Open311Intake,
  id: string,
  address: string
): Promise<ServiceReport | undefined> {
  const receipt = parseReceipt(id)
  const found = receipt
    ? (await intake.reports({ channel, receipts: [receipt], limit: 1, offset: 0 }))[0]
    : undefined
  if (!found) await intake.guessed('receipt', address)
  return found
}

function publicCodes(agency: Agency, asked: readonly string[] | undefined): string[] {
  return agency.services.services
    .filter((service) => service.public && (!asked || asked.includes(service.code)))
    .map((service) => service.code)
}

type ReportStanding = 'received' | CaseState | 'in-review'

/** A case that was joined into an earlier one has the earlier one's state. */
const standings: Record<CaseState, ReportStanding> = {
  waiting: 'waiting',
  taken: 'taken',
  'waiting-for-resident': 'waiting-for-resident',
  closed: 'closed',
  'handed-off': 'handed-off',
  joined: 'waiting'
}

function standingOf(report: ServiceReport): ReportStanding {
  if (report.caseState) return standings[report.caseState]
  return report.state === 'quarantined' ? 'in-review' : 'received'
}

function describe(agency: Agency, report: ServiceReport) {
  const say = sayIn(agency)
  const [language = 'en'] = agency.departments.agency.languages
  const service = findService(agency, report.category)
  const standing = standingOf(report)
  return {
    service_request_id: report.receipt,
    status: standing === 'closed' || standing === 'handed-off' ? 'closed' : 'open',
    status_notes: notesOf(agency, report, translate(agency.locales, language)),
    service_name: say(service?.name) ?? report.category,
    service_code: report.category,
    ...contentOf(service?.public && standing !== 'in-review' ? report : undefined),
    agency_responsible: say(findDepartment(agency.departments, report.department)?.name),
    service_notice: say(service?.notice),
    requested_datetime: formatDate(report.arrivedAt),
    updated_datetime: formatDate(report.updatedAt),
    // No time is promised: the line says who is next, not when.
    expected_datetime: null
  }
}

/** What it came to or how it stands, and that an answer is still to come. */
function notesOf(agency: Agency, report: ServiceReport, t: Translate): string {
  const outcome = sayIn(agency)(publicOutcome(agency, report))
  const note = outcome ?? t(`open311.note.${standingOf(report)}`)
  return report.answerComing ? `${note} ${t('open311.note.coming')}` : note
}

/** The sentence of the outcome, unless it says "answered" and no answer was sent. */
function publicOutcome({ departments }: Agency, report: ServiceReport): Localised | undefined {
  const { caseState, department = '', outcomeId, answered } = report
  if (caseState !== 'closed' || outcomeId === undefined) return undefined
  const outcome = findOutcome(departments, department, outcomeId)
  return outcome && (answered || !outcome.answered) ? outcome.text : undefined
}

const publishedSchema = z.object({
  description: z.string().optional(),
  address: z.string().optional()
})

/**
 * The report's own content, if its service was public when it was sent. A link given by a stranger
 * is not published under the agency's name.
 */
function contentOf(report: ServiceReport | undefined) {
  const { envelope } = report ?? {}
  const published = publishedSchema.safeParse(envelope?.evidence['published']).data
  const masked = (text: string | undefined) =>
    text === undefined ? null : maskPersonal(text, envelope?.sender)
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
