/** What the pages about people and matters need of the core. */
import { declineSuggested, joinSuggested, suggestionsOf, undoDuplicate, type CaseSuggestion } from '../../core/duplicates/review.ts'
import type { Ground } from '../../core/ground.ts'
import type { Model } from '../../core/matching/model.ts'
import type { Mention } from '../../core/people/recognise.ts'
import { openRecognition } from '../../core/people/recognition.ts'
import { reviewedPairs, type ReviewedPair } from '../../core/people/reviewed.ts'
import { countPossible, decidePossible, findPossible, listPossible, mergePeople, undoPersonLink, unmergePeople, type Decision, type PossiblePerson } from '../../core/people/review.ts'
import { constituentView, findConstituents, peopleOf, type ConstituentView, type PersonLink, type ShownConstituent } from '../../core/people/view.ts'

export type PersonOnCase = PersonLink & { readonly constituent: ShownConstituent }

export interface PeopleDesk {
  /** Who waits for a decision, earliest arrival first; of all departments where none are named. */
  listPossible(limit: number, departments?: readonly string[]): Promise<{ total: number; people: readonly PossiblePerson[] }>
  countPossible(departments?: readonly string[]): Promise<number>
  /** One of them; undefined when it waits no more or is another department's. */
  findPossible(contactId: string, role: string, departments?: readonly string[]): Promise<PossiblePerson | undefined>
  decide(contactId: string, role: Mention['role'], decision: Decision, actor: string, reason: string): Promise<void>
  view(constituentId: string): Promise<ConstituentView>
  find(typed: string): Promise<readonly ShownConstituent[]>
  merge(kept: string, gone: string, actor: string, reason: string): Promise<void>
  unmerge(mergeId: string, actor: string, reason: string): Promise<void>
  undoLink(linkId: string, actor: string, reason: string): Promise<void>
  peopleOf(contactIds: readonly string[]): Promise<readonly PersonOnCase[]>
  suggestionsOf(caseId: string): Promise<readonly CaseSuggestion[]>
  join(linkId: string, actor: string, reason: string): Promise<void>
  decline(linkId: string, actor: string, reason: string): Promise<void>
  undoDuplicate(contactId: string, actor: string, reason: string): Promise<void>
  /** The model in force, and what people decided about the pairs it put before them. */
  measure(): Promise<{ model: Model; pairs: readonly ReviewedPair[] }>
}

export function openPeopleDesk(ground: Ground): PeopleDesk {
  const { db } = ground
  const means = openRecognition(ground)
  return {
    listPossible: (limit, departments) => listPossible(db, limit, departments),
    countPossible: (departments) => countPossible(db, departments),
    findPossible: (contactId, role, departments) => findPossible(db, contactId, role, departments),
    decide: async (contactId, role, decision, actor, reason) => { await decidePossible(db, await means(), contactId, role, decision, actor, reason) },
    view: (constituentId) => constituentView(db, constituentId),
    find: async (typed) => findConstituents(db, await means(), typed),
    merge: async (kept, gone, actor, reason) => { await mergePeople(db, kept, gone, actor, reason) },
    unmerge: (mergeId, actor, reason) => unmergePeople(db, mergeId, actor, reason),
    undoLink: (linkId, actor, reason) => undoPersonLink(db, linkId, actor, reason),
    peopleOf: (contactIds) => peopleOf(db, contactIds),
    suggestionsOf: (caseId) => suggestionsOf(db, caseId),
    join: (linkId, actor, reason) => joinSuggested(ground, linkId, actor, reason),
    decline: (linkId, actor, reason) => declineSuggested(db, linkId, actor, reason),
    undoDuplicate: (contactId, actor, reason) => undoDuplicate(ground, contactId, actor, reason),
    measure: async () => ({ model: (await means()).model, pairs: await reviewedPairs(db) })
  }
}
