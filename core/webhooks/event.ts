/** What a department's system is told: an event of the ledger as a CloudEvent 1.0. */
import { z } from 'zod'
import { channelKinds, envelopeSchema } from '../envelope.ts'

/** Types begin so; the end of each is the ledger's word for it and a version. */
export const TYPE_PREFIX = 'org.evenhand.'

const dataSchema = z.object({
  caseId: z.uuid(),
  receipt: z.string(),
  contactId: z.uuid().meta({ description: "The case's first contact." }),
  department: z.string().meta({ description: 'Whose line the event belongs to now.' }),
  arrivedAt: z.iso.datetime(),
  ordinal: z.number().int(),
  channel: z.enum(channelKinds),
  actor: z
    .string()
    .meta({ description: '`key:<id>`, `staff:<id>`, `system:<part>`, `cli:<user>`.' }),
  place: z
    .number()
    .int()
    .positive()
    .optional()
    .meta({ description: 'Place in line as this was sent, where the case waits.' }),
  from: z.string().optional().meta({ description: 'Of a transfer: the department it left.' }),
  into: z.uuid().optional().meta({ description: 'Of a joining: the earlier case.' }),
  words: z.record(z.string(), z.string()).optional().meta({
    description:
      'Reason, outcome and note as staff typed them; only where the webhook includes "reasons".'
  }),
  envelope: envelopeSchema
    .unwrap()
    .partial()
    .optional()
    .meta({ description: 'What was said; only where the webhook includes "envelope".' })
})

export const cloudEventSchema = z
  .object({
    specversion: z.literal('1.0'),
    id: z
      .string()
      .meta({ description: 'Unique within `source`; the same each time this event is sent.' }),
    source: z.string().meta({
      description: "The department's line.",
      example: 'https://contact.town.example/v1/lines/parks'
    }),
    type: z.string().meta({
      description:
        '`org.evenhand.case.entered.v1`, and likewise taken, returned, passed, transferred, handed-off, closed, reopened, joined, unjoined.'
    }),
    subject: z.string().meta({ description: "The case's id." }),
    time: z.iso.datetime(),
    sequence: z.string().meta({
      description:
        'Order within the line, as text that sorts (CloudEvents extension "sequence"): one that is not larger than the last was sent before.'
    }),
    datacontenttype: z.literal('application/json'),
    data: dataSchema
  })
  .meta({ id: 'CaseCloudEvent', description: 'A CloudEvent 1.0 in structured mode.' })

export type CaseCloudEvent = z.output<typeof cloudEventSchema>

/** An event of the ledger with what is known of its case. */
export interface LineEventRow {
  readonly id: string
  readonly turn: string
  readonly at: Date
  readonly kind: string
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
  readonly case_id: string
  readonly department: string
  readonly receipt: string
  readonly contact_id: string
  readonly arrived_at: Date
  readonly ordinal: string
  readonly channel: (typeof channelKinds)[number]
  readonly place?: number | undefined
  readonly envelope?: object | null | undefined
}

const wordKeys = ['reason', 'outcome', 'note', 'to'] as const

/**
 * The event as it is sent. Words that staff typed may name somebody, so that they go along only
 * when asked for.
 * @param source the address of the line that is told, which may be the one a case left
 */
export function toCloudEvent(
  row: LineEventRow,
  source: string,
  include: readonly string[]
): CaseCloudEvent {
  const words = wordKeys.flatMap((key) =>
    typeof row.data[key] === 'string' && row.data[key] !== '' ? [[key, row.data[key]] as const] : []
  )
  const { from, into } = row.data
  return {
    specversion: '1.0',
    id: row.id,
    source,
    type: `${TYPE_PREFIX}${row.kind}.v1`,
    subject: row.case_id,
    time: row.at.toISOString(),
    sequence: row.turn.padStart(20, '0'),
    datacontenttype: 'application/json',
    data: {
      caseId: row.case_id,
      receipt: row.receipt,
      contactId: row.contact_id,
      department: row.department,
      arrivedAt: row.arrived_at.toISOString(),
      ordinal: Number(row.ordinal),
      channel: row.channel,
      actor: row.actor,
      ...(row.place ? { place: row.place } : {}),
      ...(row.kind === 'case.transferred' && typeof from === 'string' ? { from } : {}),
      ...(typeof into === 'string' ? { into } : {}),
      ...(include.includes('reasons') && words.length > 0
        ? { words: Object.fromEntries(words) }
        : {}),
      ...(row.envelope && include.includes('envelope') ? { envelope: row.envelope } : {})
    }
  }
}
