/** The shape of services.yaml: what can be reported by Open311 (GeoReport v2), and by whom. */
import { z } from 'zod'
import { localised } from './localised.ts'
import { reportRepeats } from './schema.ts'

/** Codes stand in addresses before a dot and a format, so they have no dots. */
const code = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'letters, digits, underscores and hyphens, at most 64')

const attributeSchema = z
  .strictObject({
    code,
    type: z.enum(['string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist']),
    /** What is asked. */
    description: localised,
    /** How to answer. */
    hint: localised.optional(),
    required: z.boolean().default(false),
    /** False: only information for the person who reports, nothing is answered. */
    variable: z.boolean().default(true),
    routing: z.boolean().default(false),
    values: z
      .array(
        z.strictObject({
          key: z
            .string()
            .min(1)
            .max(200)
            .regex(/^[^\r\n]*$/, 'must be one line'),
          name: localised
        })
      )
      .min(1)
      .max(200)
      .optional()
  })
  .superRefine((attribute, context) => {
    const list = attribute.type === 'singlevaluelist' || attribute.type === 'multivaluelist'
    if (list !== (attribute.values !== undefined))
      context.addIssue({
        code: 'custom',
        message: list ? `a ${attribute.type} needs values` : 'only lists have values',
        path: ['values']
      })
    if (!attribute.variable && attribute.required)
      context.addIssue({
        code: 'custom',
        message: 'what is only shown cannot be required',
        path: ['required']
      })
    // Whoever types freely may type who they are.
    if (attribute.routing && !list)
      context.addIssue({
        code: 'custom',
        message: 'routing must not see who the person is: allowed with lists only',
        path: ['routing']
      })
    reportRepeats(
      (attribute.values ?? []).map((value) => value.key),
      (index) => ['values', index, 'key'],
      context
    )
  })

const serviceSchema = z
  .strictObject({
    code,
    name: localised,
    description: localised,
    /** A heading that several services share. */
    group: localised.optional(),
    keywords: z
      .array(
        z
          .string()
          .min(1)
          .regex(/^[^,]*$/, 'no commas: each keyword is an entry of its own')
      )
      .max(50)
      .default([]),
    /** Whether anybody may read such reports: state, place and description, never who sent them. */
    public: z.boolean().default(false),
    /** What will be done, told with the receipt. */
    notice: localised.optional(),
    attributes: z.array(attributeSchema).max(100).default([])
  })
  .superRefine((service, context) =>
    reportRepeats(
      service.attributes.map((attribute) => attribute.code),
      (index) => ['attributes', index, 'code'],
      context
    )
  )

export const servicesSchema = z
  .strictObject({
    /**
     * The agency's name among several behind one address, by custom its web address without www.
     */
    jurisdiction: z
      .string()
      .regex(/^[A-Za-z0-9.-]{1,100}$/, 'a name such as town.example')
      .optional(),
    /** Whether clients must give it. */
    jurisdictionRequired: z.boolean().default(false),
    /** Whether reports need an api_key: a key with the scope `contacts:write`. */
    keyRequired: z.boolean().default(false),
    /** Told to those who write clients. */
    contact: localised.optional(),
    keyService: localised.optional(),
    /**
     * Hosts that pictures named by media_url are fetched from, exact names; from others they are
     * not.
     */
    mediaHosts: z
      .array(z.string().regex(/^[a-z0-9.-]+(:\d{1,5})?$/, 'a host name such as photos.example'))
      .max(100)
      .default([]),
    services: z.array(serviceSchema).max(500).default([])
  })
  .superRefine((file, context) => {
    reportRepeats(
      file.services.map((service) => service.code),
      (index) => ['services', index, 'code'],
      context
    )
    if (file.jurisdictionRequired && !file.jurisdiction)
      context.addIssue({
        code: 'custom',
        message: 'jurisdiction is needed for that',
        path: ['jurisdictionRequired']
      })
  })

export type Services = z.output<typeof servicesSchema>
export type Service = Services['services'][number]
export type ServiceAttribute = Service['attributes'][number]
