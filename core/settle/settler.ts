/**
 * Settling: a contact that was read becomes a case in line, joins a case, or is set aside.
 * Deduplicate, match, route and enter run in one transaction over a set of contacts, so that none
 * is ever half settled and running it again changes nothing.
 */
import type { Db } from '../../platform/db/database.ts'
import type { TrailStep } from '../contacts/tables.ts'
import { asEvenhandError, EvenhandError, isOurTrouble } from '../../platform/errors.ts'
import { isLastAttempt, type Attempts } from '../../platform/limits/retry-policy.ts'
import type { Log } from '../../platform/logger.ts'
import { lockForEntry } from '../line/locks.ts'
import { quarantine } from '../contacts/quarantine.ts'
import type { Router } from '../routing/rules.ts'
import {
  askAboutEarlier,
  closeQuestions,
  findAnswers,
  type Answer
} from '../conversation/conversation.ts'
import { findReacted } from './reacted.ts'
import { obeyKeywords } from '../conversation/consent.ts'
import type { WrittenTexts } from '../duplicates/texts.ts'
import { decide, type Verdict } from './decide.ts'
import { lookAtDue } from '../people/looks.ts'
import { recognisePeople } from '../people/recognise-people.ts'
import type { MatchContext } from '../people/mention.ts'
import {
  anyReady,
  findAnswered,
  findRedeliveries,
  findReplyThreads,
  loadReady,
  type Redeliveries,
  type ReadyContact,
  type Thread
} from './lookups.ts'
import { writeCaseLinks } from './links.ts'
import {
  findDuplicates,
  findCaseStanding,
  type DuplicateLookupContext,
  type DuplicateMatches,
  type CaseStanding
} from './duplicate-lookup.ts'
import { writeVerdicts, type EnteredCase } from './write.ts'
import { traitsOf } from '../intake/traits.ts'

/**
 * After this many failures a contact is left to a person. Between tries the queue and the sweep
 * bring it back.
 */
const settling: Attempts = { attempts: 3 }

export interface SettlerOptions {
  readonly db: Db
  readonly log: Log
  /** The routing rules now in force; read once for each set. */
  readonly router: () => Router
  readonly replySecret: Uint8Array
  /** The settings now in force for recognising people and matters; read once for each set. */
  readonly recognition: () => Promise<MatchContext & { readonly windowHours: number }>
  readonly texts: WrittenTexts
  /**
   * Size up to which a set is filled with other waiting contacts. 0 settles only those asked for.
   */
  readonly fill?: number
  /**
   * Called after the commit with cases that entered a line and contacts that must get an
   * acknowledgement. Must not throw.
   */
  readonly onSettled: (entered: EnteredCase[], acknowledge: string[]) => void
}

export class Settler {
  readonly #options: SettlerOptions

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /**
   * Settles those of the contacts that are ready. If a set fails, the contact at fault is settled
   * alone, or left to a person.
   */
  async settle(ids: readonly string[]): Promise<void> {
    const { db, fill } = this.#options
    try {
      while ((await this.#settleSet(ids, fill)) > 0 && (await anyReady(db, ids)));
    } catch (error) {
      if (isOurTrouble(asEvenhandError(error))) throw error
      this.#options.log.warn(
        { err: error, count: ids.length },
        'a set could not be settled; settling one by one'
      )
      for (const id of ids) await this.#settleAlone(id)
    }
  }

  async #settleAlone(id: string): Promise<void> {
    try {
      await this.#settleSet([id])
    } catch (error) {
      const { db } = this.#options
      const failure = asEvenhandError(error)
      if (isOurTrouble(failure)) throw error
      const { attempts } = await db
        .updateTable('contacts')
        .set((row) => ({ attempts: row('attempts', '+', 1) }))
        .where('id', '=', id)
        .returning('attempts')
        .executeTakeFirstOrThrow()
      this.#options.log.error(
        { err: error, contact: id, attempts },
        'a contact could not be settled'
      )
      if (isLastAttempt(settling, attempts))
        await quarantine(
          db,
          id,
          'settle',
          new EvenhandError('SETTLE_FAILED', undefined, { cause: error })
        )
    }
  }

  /** Settles the contacts of one transaction. Returns how many they were. */
  async #settleSet(ids: readonly string[], fill = 0): Promise<number> {
    const { db, router, onSettled } = this.#options
    const rules = router()
    const context = { ...(await this.#options.recognition()), texts: this.#options.texts }
    const result = await db.transaction().execute(async (trx) => {
      const ready = await loadReady(trx, ids, 'read', fill)
      if (ready.length === 0) return undefined
      const { verdicts, duplicates, answers, looks } = await this.#judge(trx, ready, rules, context)
      await lockForEntry(trx, linesOf(verdicts))
      const written = { ...(await writeVerdicts(trx, verdicts)), looks, count: ready.length }
      await writeCaseLinks(trx, verdicts, duplicates)
      await followTexts(trx, verdicts, answers)
      return written
    })
    if (!result) return 0
    onSettled(result.entered, result.acknowledge)
    if (result.looks > 0) await this.#lookAgain()
    return result.count
  }

  /**
   * Looks again at earlier contacts that this set has something to say about. A failure is left to
   * the sweep, because the set itself is settled.
   */
  async #lookAgain(): Promise<void> {
    await lookAtDue(this.#options).catch((error: unknown) =>
      this.#options.log.warn({ err: error }, 'new looks are left to the sweep')
    )
  }

  async #judge(
    trx: Db,
    ready: ReadyContact[],
    rules: Router,
    context: DuplicateLookupContext
  ): Promise<Judged> {
    const answers = await findAnswers(
      trx,
      ready.map(({ id, channel, routing }) => ({ id, channel, text: routing.text }))
    )
    const redeliveries = await findRedeliveries(trx, ready)
    const threads = await findReplyThreads(trx, ready, this.#options.replySecret)
    const answered = await findAnswered(trx, answers)
    const reacted = await findReacted(
      trx,
      ready
        .filter(
          ({ channel, kind, quarantine: held }) =>
            traitsOf(channel).conversation && kind === 'auto-reply' && !held
        )
        .map(({ id }) => id)
    )
    const messages = ready.filter(
      ({ id, kind, quarantine: held }) => kind === 'message' && !held && !answered.has(id)
    )
    const { trails, looks } = await recognisePeople(
      trx,
      messages.map(({ id }) => id),
      context
    )
    const duplicates = await findDuplicates(
      trx,
      messages.filter((contact) => isOpen(contact, redeliveries, threads)),
      context
    )
    const standing = await standingOf(trx, duplicates)
    const verdicts = ready.map((contact) =>
      decide(contact, {
        redeliveries,
        threads,
        answered,
        reacted,
        rules,
        matches: duplicates.matches,
        apart: duplicates.apart,
        standing
      })
    )
    return { verdicts: withNotes(verdicts, trails), duplicates, answers, looks }
  }
}

interface Judged {
  readonly verdicts: Verdict[]
  readonly duplicates: DuplicateMatches
  readonly answers: ReadonlyMap<string, Answer>
  /** How many earlier contacts must be looked at again. */
  readonly looks: number
}

/**
 * Cases of the contacts that surely say the same as one of the set, and of those near it that do
 * not.
 */
async function standingOf(
  trx: Db,
  { matches, apart }: DuplicateMatches
): Promise<Map<string, CaseStanding[]>> {
  const asked = [...matches].flatMap(([id, found]) => {
    const sure = found.flatMap(({ kind, otherId }) => (kind === 'sure' ? [otherId] : []))
    return sure.length > 0 ? [...sure, ...(apart.get(id) ?? [])] : []
  })
  return Map.groupBy(await findCaseStanding(trx, [...new Set(asked)]), ({ contactId }) => contactId)
}

/**
 * Does what text messages ask for once they are settled: obeys STOP and HELP, stores answers,
 * queues a question.
 */
async function followTexts(
  trx: Db,
  verdicts: Verdict[],
  answers: ReadonlyMap<string, Answer>
): Promise<void> {
  const texts = verdicts.filter(({ contact }) => traitsOf(contact.channel).conversation)
  await obeyKeywords(
    trx,
    texts
      .filter(({ kind, contact }) => kind === 'auto-reply' && !answers.has(contact.id))
      .map(({ contact }) => contact.id)
  )
  await closeQuestions(
    trx,
    texts.flatMap(({ kind, contact }) =>
      kind === 'auto-reply' ? (answers.get(contact.id) ?? []) : []
    )
  )
  await askAboutEarlier(
    trx,
    texts.filter(({ kind }) => kind === 'case').map(({ contact }) => contact.id)
  )
}

/** Whether the text still has to be compared: it joins no thread and was not delivered before. */
function isOpen(
  { tokens, rawSha256 }: ReadyContact,
  redeliveries: Redeliveries,
  threads: ReadonlyMap<string, Thread>
): boolean {
  return (
    (redeliveries.get(rawSha256)?.size ?? 0) === 0 && !tokens.some((token) => threads.has(token))
  )
}

/**
 * Puts the match step's trail lines before the step that decided. The match had no part in the
 * decision.
 */
function withNotes(
  verdicts: Verdict[],
  trails: ReadonlyMap<string, readonly TrailStep[]>
): Verdict[] {
  return verdicts.map((verdict) => ({
    ...verdict,
    trail: [
      ...verdict.trail.slice(0, 1),
      ...(trails.get(verdict.contact.id) ?? []),
      ...verdict.trail.slice(1)
    ]
  }))
}

/**
 * Departments whose line may gain a case: those of new cases, and those of ended cases that a
 * follow-up reopens.
 */
function linesOf(verdicts: Verdict[]): string[] {
  return [
    ...new Set(
      verdicts.flatMap((verdict) => {
        if (verdict.kind === 'case')
          return [
            ...verdict.opens.map(({ department }) => department),
            ...(verdict.absorbs ? [verdict.absorbs.department] : [])
          ]
        return verdict.kind === 'follow-up' ? [verdict.thread.department] : []
      })
    )
  ]
}
