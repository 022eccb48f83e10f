/**
 * The service as it was when a report was accepted, stored with the report, so that reading it
 * later needs no configuration.
 */
import { z } from 'zod'
import type { Agency } from '../../config/agency.ts'
import type { Service } from '../../config/services-schema.ts'
import { translate } from '../../platform/pages/language.ts'
import { sayIn } from './catalogue.ts'

const snapshotSchema = z.object({
  code: z.string(),
  name: z.string(),
  addressLabel: z.string(),
  /**
   * Whether such reports were public when this one was sent. Making a service public later
   * publishes no earlier report.
   */
  public: z.boolean(),
  attributes: z.array(
    z.object({
      code: z.string(),
      question: z.string(),
      routing: z.boolean(),
      /** Names of a list's values, by key. */
      values: z.record(z.string(), z.string()).optional()
    })
  )
})

export type ServiceSnapshot = z.output<typeof snapshotSchema>

export function snapshotService(service: Service, agency: Agency): ServiceSnapshot {
  const say = sayIn(agency)
  const [language = 'en'] = agency.departments.agency.languages
  return {
    code: service.code,
    public: service.public,
    name: say(service.name) ?? service.code,
    addressLabel: translate(agency.locales, language)('open311.address'),
    attributes: service.attributes
      .filter((attribute) => attribute.variable)
      .map(({ code, description, routing, values }) => ({
        code,
        routing,
        question: say(description) ?? code,
        ...(values
          ? { values: Object.fromEntries(values.map(({ key, name }) => [key, say(name) ?? key])) }
          : {})
      }))
  }
}

/** The snapshot stored with a report, or undefined if there is no usable one. */
export function readSnapshot(value: unknown): ServiceSnapshot | undefined {
  return snapshotSchema.safeParse(value).data
}
