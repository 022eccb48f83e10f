/**
 * Finds everything that keeps a report from being accepted. All of it is reported at once, and
 * nothing is stored.
 */
import type { Agency } from '../../config/agency.ts'
import type { Service, ServiceAttribute } from '../../config/services-schema.ts'
import type { Submission } from '../../platform/http-bodies/form.ts'
import { readPlace, type ReportArguments } from './arguments.ts'
import { findService } from './catalogue.ts'
import { parseDate } from './dates.ts'
import type { Problem } from './format.ts'
import { formLimits, MAX_ANSWER, MAX_DESCRIPTION, maxLength } from './limits.ts'

/** Empty when it can be accepted. */
export function checkReport(
  agency: Agency,
  given: ReportArguments,
  { exceeded }: Pick<Submission, 'exceeded'>
): Problem[] {
  if (exceeded.length > 0)
    return [
      bad(
        `The report is too large: at most ${formLimits.textBytes / 1024} KB of text, ${formLimits.files} files, ${formLimits.fileBytes / 1024 ** 2} MB of files.`
      )
    ]
  const code = given.one('service_code')
  const service = code === undefined ? undefined : findService(agency, code)
  return [
    ...(code === undefined ? [bad('service_code was not provided.')] : []),
    ...(code !== undefined && !service
      ? [{ status: 404, description: 'service_code was not found.' }]
      : []),
    ...checkLocation(given),
    ...checkLengths(given),
    ...(service ? checkAttributes(service, given) : [])
  ]
}

function checkLocation(given: ReportArguments): Problem[] {
  const [lat, long] = [given.one('lat'), given.one('long')]
  if (lat === undefined && long === undefined) {
    return lettersIn(given.one('address_string')) >= LEAST_ADDRESS || given.one('address_id')
      ? []
      : [bad('A location was not provided: lat and long, or address_string, or address_id.')]
  }
  if (lat === undefined || long === undefined) return [bad('lat and long must be sent together.')]
  return readPlace(given)
    ? []
    : [bad('lat and long must be degrees (WGS 84): -90 to 90 and -180 to 180.')]
}

/** Letters and digits of the shortest real address: "A 1". */
const LEAST_ADDRESS = 2

function lettersIn(text: string | undefined): number {
  return text?.match(/[\p{L}\p{N}]/gu)?.length ?? 0
}

function checkLengths(given: ReportArguments): Problem[] {
  const bounds = Object.entries({ ...maxLength, description: MAX_DESCRIPTION })
  return bounds.flatMap(([name, most]) =>
    lengthOf(given.one(name)) > most ? [bad(`${name} has more than ${most} characters.`)] : []
  )
}

function checkAttributes(service: Service, { attributes }: ReportArguments): Problem[] {
  const long = [...attributes].flatMap(([code, values]) =>
    values.some((value) => lengthOf(value) > MAX_ANSWER)
      ? [bad(`attribute[${code.slice(0, 64)}] has more than ${MAX_ANSWER} characters.`)]
      : []
  )
  const wrong = service.attributes
    .filter((attribute) => attribute.variable)
    .flatMap((attribute) => {
      const problem = checkAnswer(attribute, attributes.get(attribute.code) ?? [])
      return problem ? [bad(`attribute[${attribute.code}] ${problem}`)] : []
    })
  return [...long, ...wrong]
}

function checkAnswer(
  { type, required, values }: ServiceAttribute,
  given: readonly string[]
): string | undefined {
  if (given.length === 0) return required ? 'was not provided.' : undefined
  if (type !== 'multivaluelist' && given.length > 1) return 'takes one value.'
  if (values && given.some((one) => !values.some(({ key }) => key === one)))
    return `must be one of ${values.map(({ key }) => key).join(', ')}.`
  if (type === 'number' && !/^[+-]?(\d{1,30}(\.\d{1,30})?|\.\d{1,30})$/.test(given[0]!))
    return 'must be a number.'
  if (type === 'datetime' && !parseDate(given[0]!))
    return 'must be a date such as 2026-01-31 or 2026-01-31T08:15:30-05:00.'
  return undefined
}

/** Characters as people count them; a line break counts as one. */
function lengthOf(text: string | undefined): number {
  return text === undefined ? 0 : [...text].length
}

function bad(description: string): Problem {
  return { status: 400, description }
}
