/** The shapes of the agency's own YAML files; `agency.ts` loads and checks them. */
import { findDepartment } from './departments.ts'
import { z } from 'zod'
import { dueSchema, hasHours, holidaysSchema, hoursSchema } from './clocks.ts'
import { idSchema } from './id.ts'
import { languageTag, localised } from './localised.ts'
import { outcomesSchema } from './outcomes.ts'

export const departmentIdSchema = idSchema
const id = departmentIdSchema

const webhookSchema = z
  .strictObject({
    url: z.url({ protocol: /^https?$/, error: 'an http or https address' }),
    /** Events in one request; more than one are sent as a batch, in their order. */
    maxInFlight: z.number().int().min(1).max(100).default(1),
    /** Allows http, and addresses of this machine and its own network. */
    allowPrivate: z.boolean().default(false),
    /** What goes along besides ids and times: words that staff typed, what the resident wrote. */
    include: z.array(z.enum(['reasons', 'envelope'])).default([]),
    /** Raise it for a new secret; the one before signs too until it is raised again. */
    secretVersion: z.number().int().min(1).max(1_000_000).default(1)
  })
  .superRefine((hook, context) => {
    if (!hook.allowPrivate && !hook.url.startsWith('https:'))
      context.addIssue({
        code: 'custom',
        message: 'must be https, unless allowPrivate is true',
        path: ['url']
      })
    if (/^\w+:\/\/[^/]*@/.test(hook.url))
      context.addIssue({
        code: 'custom',
        message: 'must not hold a name and password: deliveries are signed',
        path: ['url']
      })
  })

/** Cases that one person, or one key of another system, may hold of a department at a time. */
const casesHeld = z.number().int().min(1).max(1_000)

const peopleSchema = z.strictObject({
  /**
   * What the register keeps of names, addresses and numbers: as they are, or only hashes under the
   * agency's own key.
   */
  keep: z.enum(['values', 'hashes'], '"values" or "hashes"').default('values'),
  /** Whose phone numbers and addresses are meant where they do not say. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'two capital letters such as US (ISO 3166)')
    .default('US'),
  /** The same text from the same person within so many days is the same matter. */
  duplicateDays: z.number().positive().max(366).default(21)
})

export const departmentsSchema = z
  .strictObject({
    agency: z.strictObject({
      name: localised,
      /** Said to residents who cannot be sent a code: a number to call, and where the counter is. */
      phone: z.string().trim().min(3).max(40).optional(),
      counter: localised.optional(),
      /** Our own mail domain and the mailbox that receipts are sent from. */
      email: z.email('an e-mail address'),
      timeZone: z
        .string()
        .refine(
          (zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC',
          'an IANA time zone such as America/New_York'
        ),
      /** Languages offered to residents, best known first. */
      languages: z.array(languageTag).min(1)
    }),
    /** How contacts of one person and about one matter are recognised. */
    people: peopleSchema.optional(),
    /** Where contacts go that no rule claims. */
    general: id,
    /**
     * Of each department, unless it says otherwise. More than a few would let somebody pick by
     * holding.
     */
    casesHeld: casesHeld.default(3),
    /** When work is done, by weekday; of each department that does not say otherwise. */
    hours: hoursSchema.optional(),
    /** Days on which no department works. */
    holidays: holidaysSchema.optional(),
    /** How long a case may take; shown to staff, and never used for order. */
    due: dueSchema.optional(),
    /** What a case of any department may come to, for the resident to read. */
    outcomes: outcomesSchema,
    departments: z
      .array(
        z.strictObject({
          id,
          name: localised,
          /**
           * A case taken at the desk and not finished returns to its place after this many hours.
           */
          leaseHours: z
            .number()
            .positive()
            .max(24 * 30)
            .default(24),
          /** Instead of the agency's `casesHeld`. */
          casesHeld: casesHeld.optional(),
          /** Instead of the agency's. */
          hours: hoursSchema.optional(),
          due: dueSchema.optional(),
          /** A reply to a resident waits until a second person has looked at it. */
          approval: z.boolean().optional(),
          /** What its cases may come to, before those of the agency. */
          outcomes: outcomesSchema,
          /**
           * A system of the department's own that is told what happens in its line
           * (docs/webhooks.md).
           */
          webhook: webhookSchema.optional()
        })
      )
      .min(1)
  })
  .superRefine((file, context) => {
    reportRepeats(
      file.departments.map((department) => department.id),
      (index) => ['departments', index, 'id'],
      context
    )
    file.departments.forEach((department, index) => {
      const due = department.due ?? file.due
      if (due && due.unit !== 'days' && !hasHours(department.hours ?? file.hours ?? {}))
        context.addIssue({
          code: 'custom',
          message: `"${due.count} ${due.unit}" needs working hours`,
          path: ['departments', index, department.due ? 'due' : 'id']
        })
    })
    if (!file.departments.some((department) => department.id === file.general)) {
      context.addIssue({
        code: 'custom',
        message: 'must be the id of one of the departments',
        path: ['general']
      })
    }
  })

/**
 * A rule matches when every condition it names holds; within a condition, any one entry is enough.
 */
export const routesSchema = z
  .strictObject({
    /** Recorded with every decision; raise it when the rules change. */
    version: z.union([z.string().min(1), z.number()], 'a number or a word').transform(String),
    rules: z.array(
      z.strictObject({
        id,
        department: id,
        when: z
          .strictObject({
            /** Our address, with or without the domain: "parks" or "parks@town.example". */
            recipient: z.array(z.string().min(1)).optional(),
            form: z.array(id).optional(),
            /** The kind of report: codes of services.yaml. */
            service: z.array(z.string().min(1)).optional(),
            /**
             * Answers of a form's routing fields or a service's routing attributes: field →
             * accepted values.
             */
            answer: z.record(z.string(), z.array(z.string())).optional(),
            subjectWords: z.array(z.string().min(1)).optional(),
            bodyWords: z.array(z.string().min(1)).optional(),
            /** Either in the subject or in the body. */
            words: z.array(z.string().min(1)).optional()
          })
          .refine(
            (when) => Object.values(when).some((value) => value !== undefined),
            'name at least one condition'
          )
      })
    )
  })
  .superRefine((file, context) =>
    reportRepeats(
      file.rules.map((rule) => rule.id),
      (index) => ['rules', index, 'id'],
      context
    )
  )

/**
 * What an answer means for the envelope. None is ever taken away: a contact is read by the form as
 * it was when the contact was sent.
 */
export const fieldRoles = [
  'subject',
  'text',
  'name',
  'email',
  'phone',
  'address',
  'documents',
  'language',
  'receipt',
  'answer'
] as const

const fieldSchema = z
  .strictObject({
    id: z
      .string()
      .regex(
        /^[a-z][a-zA-Z0-9_]{0,39}$/,
        'letters, digits and underscores, at most 40, starting with a lower-case letter'
      ),
    type: z.enum(['text', 'textarea', 'select', 'radio', 'email', 'tel', 'files']),
    label: localised,
    hint: localised.optional(),
    required: z.boolean().default(false),
    maxLength: z.number().int().positive().max(100_000).default(2_000),
    role: z.enum(fieldRoles).default('answer'),
    /**
     * Only such answers are seen by routing; never allowed on fields that say who the person is.
     */
    routing: z.boolean().default(false),
    options: z
      .array(z.strictObject({ value: z.string().min(1).max(200), label: localised }))
      .min(1)
      .max(200)
      .optional()
  })
  .superRefine((field, context) => {
    const choice = field.type === 'select' || field.type === 'radio'
    if (choice !== (field.options !== undefined)) {
      context.addIssue({
        code: 'custom',
        message: choice ? `a ${field.type} needs options` : `only select and radio have options`,
        path: ['options']
      })
    }
    if ((field.type === 'files') !== (field.role === 'documents')) {
      context.addIssue({
        code: 'custom',
        message: 'type "files" and role "documents" belong together',
        path: ['role']
      })
    }
    if (field.required && ['name', 'email', 'phone', 'address'].includes(field.role)) {
      context.addIssue({
        code: 'custom',
        message: 'nobody has to say who they are: not with roles name, email, phone and address',
        path: ['required']
      })
    }
    if (field.routing && !['answer', 'subject'].includes(field.role)) {
      context.addIssue({
        code: 'custom',
        message: 'routing must not see who the person is: allowed with role answer or subject only',
        path: ['routing']
      })
    }
  })

export const formSchema = z
  .strictObject({
    id,
    title: localised,
    intro: localised.optional(),
    fields: z.array(fieldSchema).min(1).max(100)
  })
  .superRefine((form, context) => {
    reportRepeats(
      form.fields.map((field) => field.id),
      (index) => ['fields', index, 'id'],
      context
    )
    if (!form.fields.some((field) => field.role === 'text')) {
      context.addIssue({
        code: 'custom',
        message: 'one field needs role "text": what the person wants to say',
        path: ['fields']
      })
    }
  })

/** What the mailroom goes by. Everything may be left out, and so may the file. */
export const mailroomSchema = z.strictObject({
  stamp: z
    .strictObject({
      /** How far back a tray's received stamp may lie, in days. */
      backwardDays: z.number().min(0).max(30).default(3),
      /** Scans that come more than so many hours after the stamp hold the batch for a person. */
      lateHours: z
        .number()
        .positive()
        .max(30 * 24)
        .default(24)
    })
    .prefault({}),
  separators: z
    .strictObject({
      /** Texts of bought separator sheets. Our own need no entry: they are signed. */
      sheets: z.array(z.string().min(1).max(100)).max(20).default(['PATCHT']),
      /** How archive numbers on a first page begin, such as ASN. Not looked for unless given. */
      archiveNumbers: z.string().min(1).max(20).optional(),
      /** Pattern of a code on a first page. Not looked for unless given. */
      tags: z.string().min(1).max(200).refine(isPattern, 'a regular expression').optional()
    })
    .prefault({}),
  scans: z
    .strictObject({
      /** A file is taken once it has not changed for so long. */
      settleSeconds: z.number().min(0).max(600).default(10),
      /** A file without its end is waited for so long, then taken as it is. */
      partialMinutes: z
        .number()
        .min(0)
        .max(24 * 60)
        .default(10),
      /** A folder's batch is complete once nothing came for so long. */
      quietSeconds: z
        .number()
        .min(0)
        .max(24 * 3600)
        .default(120),
      /** What becomes of a file that is stored: moved to scans/done, or deleted. */
      done: z.enum(['move', 'delete']).default('move')
    })
    .prefault({})
})

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

/** Interface sentences of one language by key; `{word}` stands for something filled in. */
export const localeSchema = z.record(
  z.string().regex(/^[a-z][a-zA-Z0-9_.-]*$/, 'a key such as form.send'),
  z.string().min(1, 'must not be empty')
)

/** Ids that must not come twice. */
export function reportRepeats(
  ids: readonly string[],
  path: (index: number) => (string | number)[],
  context: z.RefinementCtx<unknown>
): void {
  ids.forEach((value, index) => {
    if (ids.indexOf(value) < index)
      context.addIssue({
        code: 'custom',
        message: `"${value}" is used twice; each id once`,
        path: path(index)
      })
  })
}

export type Departments = z.output<typeof departmentsSchema>
/** How people and matters are recognised; `recognitionOf` fills in what an agency leaves out. */
export type RecognitionSettings = z.output<typeof peopleSchema>
export type Department = Departments['departments'][number]
/** What a take goes by: how long a case may be held, and how many at a time. */
export function takingOf(
  departments: Departments,
  id: string
): { readonly leaseSeconds: number; readonly mostHeld: number } | undefined {
  const found = findDepartment(departments, id)
  return (
    found && {
      leaseSeconds: found.leaseHours * 3600,
      mostHeld: found.casesHeld ?? departments.casesHeld
    }
  )
}

export type Routes = z.output<typeof routesSchema>
export type Rule = Routes['rules'][number]
export type MailroomConfig = z.output<typeof mailroomSchema>
export type Form = z.output<typeof formSchema>
export type FormField = Form['fields'][number]
/** Interface sentences by language, then by key. */
export type Locales = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What the agency chose, with the usual where it chose nothing. */
export function recognitionOf({ people }: Departments): RecognitionSettings {
  return people ?? peopleSchema.parse({})
}
