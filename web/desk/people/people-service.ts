/**
 * What the pages about people do with the model now in force. After a decision that may show who
 * others are, contacts are looked at again.
 */
import type { Runtime } from '../../../core/runtime.ts'
import { lookAtDue } from '../../../core/people/looks.ts'
import type { Mention } from '../../../core/people/mention.ts'
import { openRecognition } from '../../../core/people/recognition.ts'
import { reviewedPairs } from '../../../core/people/reviewed.ts'
import {
  decidePossible,
  mergePeople,
  undoPersonLink,
  unmergePeople,
  type PersonDecision
} from '../../../core/people/review.ts'
import { findConstituents } from '../../../core/people/view.ts'

export type PeopleService = ReturnType<typeof openPeopleService>

export function openPeopleService(runtime: Pick<Runtime, 'db' | 'log' | 'agency' | 'secret'>) {
  const { db } = runtime
  const matchContext = openRecognition(runtime)
  /** If this fails, the sweep does it. */
  const look = () =>
    lookAtDue({ db, log: runtime.log, recognition: matchContext }).catch((error: unknown) =>
      runtime.log.warn({ err: error }, 'new looks are left to the sweep')
    )
  return {
    async decide(
      mention: Pick<Mention, 'contactId' | 'role'>,
      decision: PersonDecision,
      actor: string,
      reason: string
    ): Promise<void> {
      await decidePossible(db, await matchContext(), mention, decision, { actor, reason })
      await look()
    },
    find: async (typed: string) => findConstituents(db, await matchContext(), typed),
    async merge(kept: string, gone: string, actor: string, reason: string): Promise<void> {
      await mergePeople(db, kept, gone, actor, reason)
      await look()
    },
    async unmerge(mergeId: string, actor: string, reason: string): Promise<void> {
      await unmergePeople(db, mergeId, actor, reason)
      await look()
    },
    undoLink: async (linkId: string, actor: string, reason: string) =>
      undoPersonLink(db, await matchContext(), linkId, actor, reason),
    /** The model now in force, and what people decided about the pairs that it suggested. */
    measure: async () => ({ model: (await matchContext()).model, pairs: await reviewedPairs(db) })
  }
}
