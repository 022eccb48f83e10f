/** What the API answers with. */
import { z } from 'zod'
import { departmentIdSchema } from '../../config/schema.ts'
import { comingWays } from '../../core/contacts/resident-answers.ts'
import { channelKinds, envelopeSchema } from '../../core/envelope.ts'

const time = z.iso.datetime()
export const receipt = z
  .string()
  .meta({ description: 'The code that the resident keeps.', example: 'T0EQNM-57AY9B-6T3C0S' })
const place = z.number().int().positive().meta({ description: 'Place in line; 1 is next.' })
const ordinal = z
  .number()
  .int()
  .positive()
  .meta({ description: 'Drawn with the arrival; no two contacts have the same.' })
const state = z.enum(['waiting', 'taken', 'waiting-for-resident', 'closed', 'handed-off', 'joined'])
const localised = z
  .record(z.string(), z.string())
  .meta({ description: 'By language.', example: { en: 'Parks and Recreation' } })

export const departmentParams = z.object({
  department: departmentIdSchema.meta({ description: 'Its id in departments.yaml.' })
})
export const caseParams = z.object({ id: z.uuid().meta({ description: "The case's id." }) })

export const lineSummary = z
  .object({ department: z.string(), name: localised, waiting: z.number().int() })
  .meta({ id: 'LineSummary' })

export const lineCase = z
  .object({
    caseId: z.uuid(),
    receipt,
    arrivedAt: time,
    ordinal,
    channel: z.enum(channelKinds),
    state: z.literal('waiting')
  })
  .meta({ id: 'WaitingCase' })
export const heldCase = z
  .object({ caseId: z.uuid(), receipt, arrivedAt: time, leaseUntil: time })
  .meta({ id: 'HeldCase' })
export const lineView = z
  .object({
    department: z.string(),
    waiting: z.number().int().meta({ description: 'How many wait in all.' }),
    cases: z.array(lineCase).meta({ description: 'Earliest arrival first.' }),
    held: z.array(heldCase).meta({
      description:
        'What this key has taken and not finished: where a system goes on after a restart.'
    })
  })
  .meta({ id: 'Line' })

export const takenCase = z
  .object({
    caseId: z.uuid(),
    receipt,
    department: z.string(),
    arrivedAt: time,
    ordinal,
    leaseUntil: time.meta({ description: 'When it returns to its place by itself.' })
  })
  .meta({ id: 'TakenCase' })

export const caseState = z
  .object({
    caseId: z.uuid(),
    receipt,
    department: z.string(),
    state,
    place: place.optional(),
    outcome: z.string().optional().meta({ description: "In the agency's words, for staff." }),
    outcomeId: z.string().optional().meta({
      description: "Of the department's outcomes, the one that its resident reads."
    })
  })
  .meta({ id: 'CaseState' })

const envelope = envelopeSchema.unwrap().meta({
  id: 'Envelope',
  description: 'What was said, the same for every channel (/v1/envelope.schema.json).'
})
const event = z
  .object({
    at: time,
    kind: z.string(),
    department: z.string().optional(),
    actor: z.string().meta({ description: '`key:<id>`, `staff:<id>`, `system:<part>`.' })
  })
  .meta({ id: 'CaseEvent' })
const trail = z
  .array(z.object({ step: z.string(), verdict: z.string(), reason: z.string() }))
  .meta({ description: 'What each step decided, and why.' })

export const caseContact = z
  .object({
    contactId: z.uuid(),
    receipt,
    role: z.string(),
    channel: z.enum(channelKinds),
    arrivedAt: time,
    envelope: envelope.optional()
  })
  .meta({ id: 'CaseContact' })
export const caseView = caseState
  .extend({
    arrivedAt: time,
    standsSince: time.optional().meta({
      description:
        'The later arrival it stands at, where a follow-up brought it back after it had ended.'
    }),
    leaseUntil: time.optional(),
    remindAt: time.optional().meta({
      description: 'While it waits for its resident: when it comes back without their answer.'
    }),
    heldByYou: z.boolean(),
    parts: z
      .array(z.object({ caseId: z.uuid(), about: z.string() }))
      .meta({ description: 'Cases that were split off it and joined again.' }),
    contacts: z
      .array(caseContact)
      .meta({ description: 'The first one, duplicates and follow-ups; earliest arrival first.' }),
    events: z.array(event)
  })
  .meta({ id: 'Case' })

export const contactView = z
  .object({
    receipt,
    contactId: z.uuid(),
    channel: z.enum(channelKinds),
    outcome: z.string().optional().meta({
      description:
        'case, duplicate, follow-up, quarantined, auto-reply or bounce; missing while it is being read.'
    }),
    department: z.string().optional(),
    caseId: z.uuid().optional(),
    place: place.optional(),
    envelope: envelope.optional(),
    trail
  })
  .meta({ id: 'Contact' })

export const receiptView = z
  .object({
    state: z.enum([
      'received',
      'waiting',
      'being-served',
      'waiting-for-resident',
      'answered',
      'closed',
      'handed-off',
      'in-review',
      'set-aside'
    ]),
    departmentName: localised,
    outcome: localised
      .optional()
      .meta({ description: 'What a closed case came to, a sentence by language.' }),
    coming: z.array(z.enum(comingWays)).optional().meta({
      description:
        'Answers that are still to come: being sent (`mail`, `text`, `answer` by the way it came), or a letter or call that a person has yet to bring.'
    }),
    place: place.optional(),
    arrivedAt: time,
    updatedAt: time,
    wait: z
      .object({
        from: z.number(),
        to: z.number(),
        unit: z.enum(['working-days', 'days']),
        of10: z.number()
      })
      .optional()
      .meta({
        description:
          'How long this place takes for so many of ten cases; missing while too few takes are known.'
      }),
    remindAt: time.optional().meta({
      description: 'While an answer of the resident is waited for: when it goes on without one.'
    }),
    inLineSince: time.optional().meta({
      description:
        'The later arrival it stands in line by, where it had ended and came back with a new message.'
    })
  })
  .meta({ id: 'ReceiptStatus', description: 'What the status page shows; no personal data.' })
