/** The shapes of the agency's own YAML files; `agency.ts` loads and checks them. */
import { z } from 'zod'

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens, at most 40, starting with a letter')
const localised = z.record(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language tag such as "en" or "es"'), z.string().min(1))

export const departmentsSchema = z.strictObject({
  agency: z.strictObject({
    name: localised,
    /** Our own mail domain and the mailbox that receipts are sent from. */
    email: z.email(),
    timeZone: z.string().refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'an IANA time zone such as America/New_York'),
    /** Languages offered to residents, best known first. */
    languages: z.array(z.string()).min(1)
  }),
  /** Where contacts go that no rule claims. */
  general: id,
  departments: z.array(z.strictObject({
    id,
    name: localised,
    /** A case taken at the desk and not finished returns to its place after this many hours. */
    leaseHours: z.number().positive().max(24 * 30).default(24)
  })).min(1)
}).refine((file) => file.departments.some((department) => department.id === file.general), { message: 'must be one of the departments', path: ['general'] })
  .refine((file) => new Set(file.departments.map((department) => department.id)).size === file.departments.length, { message: 'each id once', path: ['departments'] })

/** A rule matches when every condition it names holds; within a condition, any one entry is enough. */
export const routesSchema = z.strictObject({
  /** Recorded with every decision; raise it when the rules change. */
  version: z.union([z.string().min(1), z.number()]).transform(String),
  rules: z.array(z.strictObject({
    id,
    department: id,
    when: z.strictObject({
      /** Our address, with or without the domain: "parks" or "parks@town.example". */
      recipient: z.array(z.string().min(1)).optional(),
      form: z.array(id).optional(),
      /** Answers of a form's routing fields: field → accepted values. */
      answer: z.record(z.string(), z.array(z.string())).optional(),
      subjectWords: z.array(z.string().min(1)).optional(),
      bodyWords: z.array(z.string().min(1)).optional(),
      /** Either in the subject or in the body. */
      words: z.array(z.string().min(1)).optional()
    }).refine((when) => Object.values(when).some((value) => value !== undefined), 'name at least one condition')
  }))
})

export const formSchema = z.strictObject({
  id,
  title: localised,
  intro: localised.optional(),
  fields: z.array(z.strictObject({
    id: z.string().regex(/^[a-z][a-zA-Z0-9_]{0,39}$/),
    type: z.enum(['text', 'textarea', 'select', 'radio', 'email', 'tel', 'files']),
    label: localised,
    hint: localised.optional(),
    required: z.boolean().default(false),
    maxLength: z.number().int().positive().max(100_000).default(2_000),
    /** What the answer means for the envelope. */
    role: z.enum(['subject', 'text', 'name', 'email', 'phone', 'address', 'documents', 'answer']).default('answer'),
    /** Only such answers are seen by routing; never allowed on fields that say who the person is. */
    routing: z.boolean().default(false),
    options: z.array(z.strictObject({ value: z.string().min(1), label: localised })).optional()
  })).min(1)
}).refine((form) => form.fields.every((field) => !field.routing || ['answer', 'subject'].includes(field.role)), { message: 'routing must not see who the person is', path: ['fields'] })

export type Departments = z.output<typeof departmentsSchema>
export type Department = Departments['departments'][number]
export type Routes = z.output<typeof routesSchema>
export type Rule = Routes['rules'][number]
export type Form = z.output<typeof formSchema>
export type FormField = Form['fields'][number]
