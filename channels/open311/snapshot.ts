/** The service as it was when a report was accepted, kept with it: reading it later needs no configuration. */
import { z } from 'zod'
import type { Agency } from '../../config/agency.ts'
import type { Service } from '../../config/services-schema.ts'
import { translate } from '../../core/pages/language.ts'
import { sayIn } from './catalogue.ts'

const snapshotSchema = z.object({
  code: z.string(),
  name: z.string(),
  addressLabel: z.string(),
  /** Whether anybody might read such reports when this one was sent: making a service public later publishes nothing of before. */
  public: z.boolean(),
  attributes: z.array(z.object({
    code: z.string(),
    question: z.string(),
    routing: z.boolean(),
    /** Names of a list's keys. */
    values: z.record(z.string(), z.string()).optional()
  }))
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
    attributes: service.attributes.filter((attribute) => attribute.variable).map(({ code, description, routing, values }) => ({
      code, routing, question: say(description) ?? code,
      ...(values ? { values: Object.fromEntries(values.map(({ key, name }) => [key, say(name) ?? key])) } : {})
    }))
  }
}

/** The snapshot kept with a report, or undefined when there is none that can be used. */
export function readSnapshot(value: unknown): ServiceSnapshot | undefined {
  return snapshotSchema.safeParse(value).data
}
