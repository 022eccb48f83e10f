/** Saved replies: what an agency says often, by department and language, for staff to begin with. */
import { z } from 'zod'
import { localised } from './localised.ts'
import { departmentIdSchema, reportRepeats } from './schema.ts'

/** What may stand in braces in a saved reply, and what it is filled with. */
export const replyFields = ['receipt', 'department', 'agency', 'name'] as const

/** Characters of a saved reply: two dense pages. */
const TEXT_LIMIT = 8_000

const knownFields = (text: string) =>
  [...text.matchAll(/\{(\w*)\}/g)].every(([, name]) =>
    (replyFields as readonly string[]).includes(name!)
  )

const savedReplySchema = z.strictObject({
  id: departmentIdSchema,
  /** Offered to this department's staff only; without it to all. */
  department: departmentIdSchema.optional(),
  /** What staff look for. */
  title: z.string().min(1, 'must not be empty').max(100),
  text: localised
    .refine(
      (text) => Object.values(text).every((words) => words.length <= TEXT_LIMIT),
      `at most ${TEXT_LIMIT} characters`
    )
    .refine(
      (text) => Object.values(text).every(knownFields),
      `only these fields are known: ${replyFields.map((name) => `{${name}}`).join(' ')}`
    )
})

export const repliesSchema = z
  .strictObject({ replies: z.array(savedReplySchema).max(500).default([]) })
  .superRefine(({ replies }, context) =>
    reportRepeats(
      replies.map(({ id }) => id),
      (index) => ['replies', index, 'id'],
      context
    )
  )

export type SavedReplies = z.output<typeof repliesSchema>
export type SavedReply = SavedReplies['replies'][number]
