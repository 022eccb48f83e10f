/**
 * settle: what was read becomes a case in line, joins one, or is set aside — deduplicate, match, route and enter in one
 * transaction over a set of contacts, so that none is ever half settled and running it again changes nothing.
 */
import type { Db } from '../db/database.ts'
import type { TrailStep } from '../db/tables.ts'
import { asEvenhandError, EvenhandError } from '../errors.ts'
import type { Log } from '../logger.ts'
import { lockForEntry } from '../line/locks.ts'
import { quarantine } from '../quarantine.ts'
import type { Router } from '../routing/rules.ts'
import { askAboutEarlier, closeQuestions, findAnswers, type Answer } from '../texts/conversation.ts'
import { obeyKeywords } from '../texts/consent.ts'
import type { WrittenTexts } from '../duplicates/texts.ts'
import { decide, type Verdict } from './decide.ts'
import { recognise, type Means } from '../people/recognise.ts'
import { findAnswered, findCover, findThreads, loadReady, type Cover, type Ready, type Thread } from './lookups.ts'
import { writeCaseLinks } from './links.ts'
import { findMatters, findStanding, type MatterMeans, type Matters, type Standing } from './matters.ts'
import { writeVerdicts, type Entered } from './write.ts'

const MAX_ATTEMPTS = 3

export interface SettlerOptions {
  readonly db: Db
  readonly log: Log
  /** The rules in force now; read once for each set. */
  readonly router: () => Router
  readonly replySecret: Uint8Array
  /** How people and matters are recognised now; read once for each set. */
  readonly recognition: () => Promise<Means & { readonly windowHours: number }>
  readonly texts: WrittenTexts
  /** Contacts of one set, where others wait beside those asked for; 0 settles what is asked for and nothing else. */
  readonly fill?: number
  /** After the commit: cases that entered a line, and contacts that are owed an acknowledgement. Must not throw. */
  readonly onSettled: (entered: Entered[], acknowledge: string[]) => void
}

export class Settler {
  readonly #options: SettlerOptions

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /** Settles those of the contacts that are ready. One that the set fails on is settled alone, or left to a person. */
  async settle(ids: readonly string[]): Promise<void> {
    try {
      await this.#settleSet(ids, this.#options.fill)
    } catch (error) {
      if (asEvenhandError(error).code === 'DATABASE_DOWN') throw error
      this.#options.log.warn({ err: error, count: ids.length }, 'a set could not be settled; settling one by one')
      for (const id of ids) await this.#settleAlone(id)
    }
  }

  async #settleAlone(id: string): Promise<void> {
    try {
      await this.#settleSet([id])
    } catch (error) {
      const { db } = this.#options
      const failure = asEvenhandError(error)
      if (failure.code === 'DATABASE_DOWN') throw error
      const { attempts } = await db.updateTable('contacts').set((row) => ({ attempts: row('attempts', '+', 1) })).where('id', '=', id).returning('attempts').executeTakeFirstOrThrow()
      this.#options.log.error({ err: error, contact: id, attempts }, 'a contact could not be settled')
      if (attempts >= MAX_ATTEMPTS) await quarantine(db, id, 'settle', new EvenhandError('SETTLE_FAILED', undefined, { cause: error }))
    }
  }

  async #settleSet(ids: readonly string[], fill = 0): Promise<void> {
    const { db, router, onSettled } = this.#options
    const rules = router()
    const means = { ...await this.#options.recognition(), texts: this.#options.texts }
    const result = await db.transaction().execute(async (trx) => {
      const ready = await loadReady(trx, ids, 'read', fill)
      if (ready.length === 0) return undefined
      const { verdicts, matters, answers } = await this.#judge(trx, ready, rules, means)
      await lockForEntry(trx, linesOf(verdicts))
      const written = await writeVerdicts(trx, verdicts)
      await writeCaseLinks(trx, verdicts, matters)
      await followTexts(trx, verdicts, answers)
      return written
    })
    if (result) onSettled(result.entered, result.acknowledge)
  }

  async #judge(trx: Db, ready: Ready[], rules: Router, means: MatterMeans): Promise<Judged> {
    const answers = await findAnswers(trx, ready.map(({ id, channel, routing }) => ({ id, channel, text: routing.text })))
    const cover = await findCover(trx, ready)
    const threads = await findThreads(trx, ready, this.#options.replySecret)
    const answered = await findAnswered(trx, answers)
    const messages = ready.filter(({ id, kind, quarantine: held }) => kind === 'message' && !held && !answered.has(id))
    const { trails } = await recognise(trx, messages.map(({ id }) => id), means)
    const matters = await findMatters(trx, messages.filter((contact) => isOpen(contact, cover, threads)), means)
    const standing = await standingOf(trx, matters)
    const verdicts = ready.map((contact) => decide(contact, { cover, threads, answered, rules, matches: matters.matches, standing }))
    return { verdicts: withNotes(verdicts, trails), matters, answers }
  }
}

interface Judged {
  readonly verdicts: Verdict[]
  readonly matters: Matters
  readonly answers: ReadonlyMap<string, Answer>
}

/** Where the contacts stand that surely say the same as one of the set. */
async function standingOf(trx: Db, { matches }: Matters): Promise<Map<string, Standing[]>> {
  const sure = [...matches.values()].flat().flatMap(({ kind, otherId }) => kind === 'sure' ? [otherId] : [])
  return Map.groupBy(await findStanding(trx, [...new Set(sure)]), ({ contactId }) => contactId)
}

/** What texts ask for once they are settled: their STOP and HELP obeyed, answers written down, a question owed. */
async function followTexts(trx: Db, verdicts: Verdict[], answers: ReadonlyMap<string, Answer>): Promise<void> {
  const texts = verdicts.filter(({ contact }) => contact.channel === 'sms')
  await obeyKeywords(trx, texts.filter(({ kind, contact }) => kind === 'auto-reply' && !answers.has(contact.id)).map(({ contact }) => contact.id))
  await closeQuestions(trx, texts.flatMap(({ kind, contact }) => kind === 'auto-reply' ? answers.get(contact.id) ?? [] : []))
  await askAboutEarlier(trx, texts.filter(({ kind }) => kind === 'case').map(({ contact }) => contact.id))
}

/** Whether what it says still has to be compared: it neither joins a thread nor was delivered before. */
function isOpen({ tokens, rawSha256 }: Ready, cover: Cover, threads: ReadonlyMap<string, Thread>): boolean {
  return (cover.get(rawSha256)?.size ?? 0) === 0 && !tokens.some((token) => threads.has(token))
}

/** The match step's lines of trail, before the step that decided. What it found had no say in that. */
function withNotes(verdicts: Verdict[], trails: ReadonlyMap<string, readonly TrailStep[]>): Verdict[] {
  return verdicts.map((verdict) => ({ ...verdict, trail: [...verdict.trail.slice(0, 1), ...trails.get(verdict.contact.id) ?? [], ...verdict.trail.slice(1)] }))
}

/** Departments whose line may gain a case: new ones, and those of ended cases that a follow-up reopens. */
function linesOf(verdicts: Verdict[]): string[] {
  return [...new Set(verdicts.flatMap((verdict) => {
    if (verdict.kind === 'case') return [...verdict.opens.map(({ department }) => department), ...verdict.absorbs ? [verdict.absorbs.department] : []]
    return verdict.kind === 'follow-up' ? [verdict.thread.department] : []
  }))]
}
