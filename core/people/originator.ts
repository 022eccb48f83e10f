/**
 * A mail that a colleague passed on, whose text says who wrote it. A machine guesses; a person says
 * whether it is so. Only then does the author become the sender of the contact.
 */
import { z } from 'zod'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { addToTrail } from '../contacts/state.ts'
import type { TrailStep } from '../contacts/tables.ts'
import type { EnvelopeDraft } from '../envelope.ts'
import { appendEvents } from '../ledger/append.ts'
import { askFor } from '../matching/looks-due.ts'

const originatorSchema = z.object({
  name: z.string().optional(),
  email: z.string(),
  /** What a person said of it. */
  said: z.enum(['accepted', 'refused']).optional()
})

/** Who is guessed to have written a contact that a colleague passed on, until somebody says so. */
export function suggestedOriginator(
  evidence: EnvelopeDraft['evidence']
): { readonly name?: string | undefined; readonly email: string } | undefined {
  const found = originatorSchema.safeParse(evidence['originator']).data
  return found?.said === undefined ? found : undefined
}

/**
 * Accepted, the author becomes the contact's sender, whom replies then go to, and who that is is
 * looked up anew; refused, nothing changes. Who passed it on stays in the evidence.
 * @throws LINK_UNKNOWN if nothing is suggested any more
 */
export async function decideOriginator(
  db: Db,
  contactId: string,
  said: 'accepted' | 'refused',
  actor: string
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('contacts')
      .select('envelope')
      .where('id', '=', contactId)
      .forUpdate()
      .executeTakeFirst()
    const draft = row?.envelope as EnvelopeDraft | null | undefined
    const author = draft && suggestedOriginator(draft.evidence)
    if (!draft || !author) throw new EvenhandError('LINK_UNKNOWN')
    const mark = await addToTrail(trx, contactId, stepOf(said, actor), {
      envelope: attributed(draft, author, said)
    })
    await appendEvents(trx, [
      { kind: 'contact.attributed', contactId, actor, data: { decision: said, said: mark } }
    ])
    if (said === 'accepted') await askFor(trx, contactId, 'a colleague passed it on')
  })
}

function stepOf(said: 'accepted' | 'refused', actor: string): TrailStep {
  return {
    step: 'sender',
    verdict: said,
    reason:
      said === 'accepted'
        ? 'a person said that it is from whom its text names, and was passed on by a colleague'
        : 'a person said that it is not from whom its text names',
    evidence: { by: actor }
  }
}

function attributed(
  draft: EnvelopeDraft,
  author: NonNullable<ReturnType<typeof suggestedOriginator>>,
  said: 'accepted' | 'refused'
): EnvelopeDraft {
  const evidence = { ...draft.evidence, originator: { ...author, said } }
  if (said === 'refused') return { ...draft, evidence }
  return {
    ...draft,
    sender: {
      ...(author.name ? { name: author.name } : {}),
      emails: [author.email],
      phones: [],
      addresses: []
    },
    evidence: { ...evidence, passedOnBy: draft.sender }
  }
}
