/**
 * A department's line: cases in the order of their arrival. This module and everything it imports
 * cannot see who anybody is. Its inputs are case ids, departments, arrivals and the acting member
 * of staff.
 */
import type { Db } from '../../platform/db/database.ts'
import { CaseCloser, type CloseOptions } from './close.ts'
import { free, freeDisabled, type FreedCase } from './free.ts'
import { joinCase, undoJoin, type JoinRequest } from './join.ts'
import { pause, resume, resumeReminded, type Pause } from './pause.ts'
import { reopen } from './reopen.ts'
import { findExpired, giveBack, giveBackExpired, pass, transfer } from './requeue.ts'
import { split, type SplitRequest } from './split.ts'
import { CaseTaker, type Taken, type TakeRequest } from './take.ts'

export type { Taken, TakeRequest } from './take.ts'

export class Line {
  readonly #db: Db
  readonly #takes: CaseTaker
  readonly #closer: CaseCloser
  readonly #onEntered: (department: string, caseIds: string[]) => void
  readonly #onTaken: (department: string) => void

  /**
   * Both are called after the commit and must not throw: `onEntered` with cases that came back into
   * a line and need a ticket, `onTaken` with a case that was taken.
   */
  constructor(
    db: Db,
    onEntered: (department: string, caseIds: string[]) => void,
    onTaken: (department: string) => void = () => undefined
  ) {
    this.#db = db
    this.#takes = new CaseTaker(db, onEntered)
    this.#closer = new CaseCloser(db)
    this.#onEntered = onEntered
    this.#onTaken = onTaken
  }

  /**
   * Takes the earliest arrival among those ready, or undefined when nothing waits for this actor.
   * @throws CASES_HELD
   */
  async takeNext(request: TakeRequest): Promise<Taken | undefined> {
    const taken = await this.#takes.takeNext(request)
    if (taken) this.#onTaken(request.department)
    return taken
  }

  /** Puts a case back at its place. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN */
  async giveBack(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await giveBack(this.#db, caseId, actor, reason), [caseId])
  }

  /**
   * Puts a case back and skips it in this actor's next takes. @throws REASON_REQUIRED,
   * CASE_UNKNOWN, CASE_NOT_TAKEN
   */
  async pass(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await pass(this.#db, caseId, actor, reason), [caseId])
  }

  /**
   * Lets a case wait for its resident's answer, out of the line; it keeps its place. @throws
   * REASON_REQUIRED, REMINDER_NEEDED, CASE_UNKNOWN, CASE_NOT_TAKEN, and what its condition throws
   */
  pause(caseId: string, wait: Pause): Promise<void> {
    return pause(this.#db, caseId, wait)
  }

  /**
   * Brings a case that waits for its resident back to its place. @throws REASON_REQUIRED,
   * CASE_UNKNOWN, CASE_NOT_PAUSED
   */
  async resume(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await resume(this.#db, caseId, actor, reason), [caseId])
  }

  /** Brings back cases whose reminder is due. Returns how many. */
  async resumeReminded(): Promise<number> {
    const cases = await resumeReminded(this.#db)
    this.freed(cases)
    return cases.length
  }

  /**
   * Moves a case to another line, at the place that its arrival gives it there. @throws
   * CASE_UNKNOWN, CASE_NOT_TAKEN, CASE_ALREADY_THERE
   */
  async transfer(caseId: string, actor: string, to: string, reason: string): Promise<void> {
    await transfer(this.#db, caseId, actor, to, reason)
    this.#onEntered(to, [caseId])
  }

  /**
   * Ends our part because another body acts now. @throws REASON_REQUIRED, CASE_UNKNOWN,
   * CASE_NOT_TAKEN
   */
  handOff(caseId: string, actor: string, to: string, reason: string): Promise<void> {
    return this.#closer.handOff(caseId, actor, to, reason)
  }

  /**
   * Ends a case. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN, OUTCOME_NOT_ANSWERED
   */
  close(caseId: string, actor: string, outcome: string, options?: CloseOptions): Promise<void> {
    return this.#closer.close(caseId, actor, outcome, options)
  }

  /**
   * Corrects a wrong closing: puts the case back at its first place, also if a follow-up has put it
   * at a later one. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_CLOSED
   */
  async reopen(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await reopen(this.#db, caseId, actor, reason), [caseId])
  }

  /**
   * Opens a second case for a contact of a case: for its first one at the same arrival, for a later
   * one at that one's; in the same line or another one. Returns its id. @throws REASON_REQUIRED,
   * CASE_UNKNOWN, CASE_NOT_TAKEN, CASE_PARTS, CONTACT_NOT_HERE
   */
  async split(
    caseId: string,
    actor: string,
    about: string,
    more: Pick<SplitRequest, 'contactId' | 'into'> = {}
  ): Promise<string> {
    const opened = await split(this.#db, { ...more, caseId, actor, about })
    this.#onEntered(opened.department, [opened.caseId])
    return opened.caseId
  }

  /**
   * Joins a case into one that arrived earlier. If the earlier one has ended, it comes back at the
   * place of the joining one. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN,
   * CASE_NOT_JOINABLE
   */
  async join(request: JoinRequest): Promise<void> {
    for (const { department, caseId } of await joinCase(this.#db, request))
      this.#onEntered(department, [caseId])
  }

  /**
   * Puts a joined case back into its line, at its original place. @throws REASON_REQUIRED,
   * CASE_UNKNOWN, CASE_NOT_JOINED
   */
  async undoJoin(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await undoJoin(this.#db, caseId, actor, reason), [caseId])
  }

  /**
   * Puts a case that somebody else holds back at its place. @throws REASON_REQUIRED, CASE_UNKNOWN,
   * CASE_NOT_HELD
   */
  async free(
    caseId: string,
    by: { readonly actor: string; readonly reason: string; readonly holder?: string | undefined }
  ): Promise<void> {
    this.#onEntered(await free(this.#db, caseId, by), [caseId])
  }

  /** Tickets for cases that came back beside what was asked for. */
  freed(cases: readonly FreedCase[]): void {
    for (const { department, caseId } of cases) this.#onEntered(department, [caseId])
  }

  /** Puts back what disabled accounts still hold. Returns how many. */
  async freeDisabled(): Promise<number> {
    const cases = await freeDisabled(this.#db)
    this.freed(cases)
    return cases.length
  }

  /** Puts cases whose lease ran out back at their places. Returns how many. */
  async returnExpired(): Promise<number> {
    let returned = 0
    for (const caseId of await findExpired(this.#db)) {
      const department = await giveBackExpired(this.#db, caseId)
      if (department === undefined) continue
      this.#onEntered(department, [caseId])
      returned += 1
    }
    return returned
  }
}
