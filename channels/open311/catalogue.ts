/**
 * What can be reported: the discovery document, the list of services, the definition of one
 * service.
 */
import type { Agency } from '../../config/agency.ts'
import type { Service, ServiceAttribute } from '../../config/services-schema.ts'
import { publicUrl, type Settings } from '../../config/settings.ts'
import type { ChannelResponse } from '../../core/intake/channel.ts'
import { inLanguage } from '../../platform/pages/language.ts'
import { answer, formatDate, refusal, type Format } from './format.ts'

/** A text in the agency's first language, the only one that GeoReport answers have. */
export function sayIn(
  agency: Agency
): (text: Readonly<Record<string, string>> | undefined) => string | null {
  const [first = 'en'] = agency.departments.agency.languages
  return (text) => (text ? inLanguage(text, first, first) : null)
}

/** http://wiki.open311.org/Service_Discovery */
export function discovery(format: Format, agency: Agency, settings: Settings): ChannelResponse {
  const say = sayIn(agency)
  const { services } = agency
  const changeset = formatDate(services.changedAt)
  return answer(format, 'discovery', {
    changeset,
    contact: say(services.contact) ?? agency.departments.agency.email,
    key_service: say(services.keyService) ?? agency.departments.agency.email,
    endpoints: [
      {
        specification: 'http://wiki.open311.org/GeoReport_v2',
        url: `${publicUrl(settings)}/open311/v2`,
        changeset,
        type: 'production',
        formats: ['text/xml', 'application/json']
      }
    ]
  })
}

export function serviceList(format: Format, agency: Agency): ChannelResponse {
  const say = sayIn(agency)
  return answer(
    format,
    'services',
    agency.services.services.map((service) => ({
      service_code: service.code,
      service_name: say(service.name),
      description: say(service.description),
      metadata: service.attributes.length > 0,
      // The receipt is made when the report is stored, so its id is known at once.
      type: 'realtime',
      keywords: service.keywords.join(', '),
      group: say(service.group)
    }))
  )
}

/** A service without attributes also has a definition: an empty one. */
export function serviceDefinition(format: Format, agency: Agency, code: string): ChannelResponse {
  if (code === '')
    return refusal(format, [{ status: 400, description: 'service_code was not provided.' }])
  const service = findService(agency, code)
  if (!service)
    return refusal(format, [{ status: 404, description: 'service_code was not found.' }])
  const say = sayIn(agency)
  return answer(format, 'service_definition', {
    service_code: service.code,
    attributes: service.attributes.map((attribute, index) => describe(attribute, index, say))
  })
}

function describe(attribute: ServiceAttribute, index: number, say: ReturnType<typeof sayIn>) {
  return {
    variable: attribute.variable,
    code: attribute.code,
    datatype: attribute.type,
    required: attribute.required,
    datatype_description: say(attribute.hint),
    order: index + 1,
    description: say(attribute.description),
    ...(attribute.values
      ? { values: attribute.values.map(({ key, name }) => ({ key, name: say(name) })) }
      : {})
  }
}

export function findService(agency: Agency, code: string): Service | undefined {
  return agency.services.services.find((service) => service.code === code)
}
