/**
 * Schema of a contact submitted by another system. Strict: there is no field for an arrival, a
 * priority or a verified identity.
 */
import { z } from 'zod'
import { placeSchema } from '../../core/envelope.ts'
import { MAX_FILE_BYTES, MAX_FILES, MAX_NAME, MAX_TEXT } from './limits.ts'

const line = (most: number) => z.string().min(1).max(most)
const few = <T extends z.ZodType>(entry: T) => z.array(entry).max(10).default([])

const personShape = {
  name: line(200).optional(),
  emails: few(line(254)),
  phones: few(line(40)),
  addresses: few(line(500))
}

/** RFC 4648 section 4. Only the length is checked here; the rest is checked when it is decoded. */
const base64 = z
  .string()
  .max(Math.ceil(MAX_FILE_BYTES / 3) * 4)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'base64 (RFC 4648 section 4), without line breaks')

export const fileSchema = z.strictObject({
  name: line(MAX_NAME),
  mediaType: z
    .string()
    .regex(
      /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/i,
      'a media type such as image/jpeg'
    )
    .default('application/octet-stream'),
  content: base64.meta({ description: "The file's bytes in base64." })
})

export const contactSchema = z
  .strictObject({
    id: line(200).optional().meta({
      description:
        "Your system's own id of this message: the same id with the same content is the same contact. Needed unless the request has an Idempotency-Key."
    }),
    origin: line(100).optional().meta({
      description: 'How it reached your system, such as "chat" or "social".',
      example: 'chat'
    }),
    sender: z
      .strictObject(personShape)
      .default({ emails: [], phones: [], addresses: [] })
      .meta({ description: 'Who wrote, as far as they said; may be left out.' }),
    follows: line(100).optional().meta({
      description:
        "The receipt of an earlier contact that this one follows up; it joins that one's case.",
      example: 'T0EQNM-57AY9B-6T3C0S'
    }),
    recipients: few(line(254)).meta({
      description:
        "The agency's own address, account or line that it was sent to. Routing looks at it.",
      example: ['parks@willowcreek.example']
    }),
    subject: z.string().max(998).optional(),
    text: z.string().max(MAX_TEXT).default(''),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as "en" or "es"')
      .default('und'),
    category: line(100)
      .optional()
      .meta({ description: "The kind of report, in the agency's words. Routing looks at it." }),
    answers: z
      .record(line(100), z.string().max(2_000))
      .refine((answers) => Object.keys(answers).length <= 100, 'at most 100 answers')
      .optional()
      .meta({ description: 'Answers that routing may look at; never who the person is.' }),
    place: placeSchema.optional().meta({ description: 'Where the matter is, WGS 84.' }),
    parties: z
      .array(z.strictObject({ ...personShape, role: z.enum(['subject', 'representative']) }))
      .max(20)
      .optional()
      .meta({ description: 'Others that it is about or for.' }),
    claims: z
      .record(line(100), z.union([z.string().max(2_000), z.number(), z.boolean()]))
      .refine((claims) => Object.keys(claims).length <= 50, 'at most 50 claims')
      .optional()
      .meta({
        description:
          'What your system knows of the delivery (its own time, account, thread). Kept as evidence and shown; never used for order, routing or identity.'
      }),
    files: z
      .array(fileSchema)
      .max(MAX_FILES)
      .default([])
      .meta({ description: 'Files, in JSON. In multipart/form-data each is a part of its own.' })
  })
  .meta({ id: 'NewContact' })

export type NewContact = z.output<typeof contactSchema>
