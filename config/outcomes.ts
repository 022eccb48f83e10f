/**
 * What a closed case came to, in the words that its resident reads. Each department has its own
 * list; `outcomes:` of the agency is for all of them.
 */
import { findDepartment } from './departments.ts'
import { z } from 'zod'
import { idSchema } from './id.ts'
import { localised } from './localised.ts'

/** Characters of a sentence on the status page: two lines on a phone are 80. */
const SENTENCE_LIMIT = 300
/** More would not be a choice any more. */
const OUTCOMES_LIMIT = 30

const outcomeSchema = z.strictObject({
  /** Kept with the case and in the ledger; never change it. */
  id: idSchema,
  /** What the resident reads, a sentence. */
  text: localised.refine(
    (text) => Object.values(text).every((sentence) => sentence.length <= SENTENCE_LIMIT),
    `at most ${SENTENCE_LIMIT} characters`
  ),
  /** Says that an answer was sent: it can be chosen only where that is so. */
  answered: z.boolean().default(false)
})

export type Outcome = z.output<typeof outcomeSchema>

export const outcomesSchema = z
  .array(outcomeSchema)
  .max(OUTCOMES_LIMIT, `at most ${OUTCOMES_LIMIT}`)
  .superRefine((list, context) =>
    list.forEach(({ id }, index) => {
      if (list.findIndex((other) => other.id === id) < index)
        context.addIssue({
          code: 'custom',
          message: `"${id}" is used twice; each id once`,
          path: [index, 'id']
        })
    })
  )
  .default([])

interface WithOutcomes {
  readonly outcomes: readonly Outcome[]
  readonly departments: readonly { readonly id: string; readonly outcomes: readonly Outcome[] }[]
}

/** A department's own outcomes, then the agency's; its own word for an id goes first. */
export function outcomesOf(file: WithOutcomes, department: string): readonly Outcome[] {
  const own = findDepartment(file, department)?.outcomes ?? []
  return [...own, ...file.outcomes.filter(({ id }) => !own.some((other) => other.id === id))]
}

/** An outcome by its id; undefined where the department has none of this id, or no longer. */
export function findOutcome(
  file: WithOutcomes,
  department: string,
  id: string | null
): Outcome | undefined {
  return outcomesOf(file, department).find((outcome) => outcome.id === id)
}
