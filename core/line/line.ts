/**
 * A department's line: cases in the order of their arrival. This module and everything it imports cannot see who anybody is;
 * its inputs are case ids, departments, arrivals and the acting member of staff.
 */
import type { Db } from '../db/database.ts'
import { FinishDesk } from './finish.ts'
import { joinCase, undoJoin, type JoinOptions } from './join.ts'
import { findExpired, giveBack, giveBackExpired, pass, reopen, transfer } from './serve.ts'
import { TakeDesk, type Taken, type TakeRequest } from './take.ts'

export type { Taken, TakeRequest } from './take.ts'

export class Line {
  readonly #db: Db
  readonly #takes: TakeDesk
  readonly #finish: FinishDesk
  readonly #onEntered: (department: string, caseIds: string[]) => void
  readonly #onTaken: (department: string) => void

  /** `onEntered` hears, after the commit, of cases that came back into a line (they need a ticket), `onTaken` of a case taken; they must not throw. */
  constructor(db: Db, onEntered: (department: string, caseIds: string[]) => void, onTaken: (department: string) => void = () => undefined) {
    this.#db = db
    this.#takes = new TakeDesk(db)
    this.#finish = new FinishDesk(db)
    this.#onEntered = onEntered
    this.#onTaken = onTaken
  }

  /** Takes the earliest arrival among those ready, or undefined when nothing waits for this actor. */
  async takeNext(request: TakeRequest): Promise<Taken | undefined> {
    const taken = await this.#takes.takeNext(request)
    if (taken) this.#onTaken(request.department)
    return taken
  }

  /** Puts a case back at its place. @throws CASE_UNKNOWN, CASE_NOT_TAKEN */
  async giveBack(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await giveBack(this.#db, caseId, actor, reason), [caseId])
  }

  /** Puts a case back and goes past it in this actor's next takes. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN */
  async pass(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await pass(this.#db, caseId, actor, reason), [caseId])
  }

  /** Moves a case to another line at the place its arrival earned. @throws CASE_UNKNOWN, CASE_NOT_TAKEN, CASE_ALREADY_THERE */
  async transfer(caseId: string, actor: string, to: string, reason: string): Promise<void> {
    await transfer(this.#db, caseId, actor, to, reason)
    this.#onEntered(to, [caseId])
  }

  /** Ends our part because another body acts now. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN */
  handOff(caseId: string, actor: string, to: string, reason: string): Promise<void> {
    return this.#finish.handOff(caseId, actor, to, reason)
  }

  /** Ends a case. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN */
  close(caseId: string, actor: string, outcome: string, note?: string): Promise<void> {
    return this.#finish.close(caseId, actor, outcome, note)
  }

  /** Puts an ended case back at its original place. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_CLOSED */
  async reopen(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await reopen(this.#db, caseId, actor, reason), [caseId])
  }

  /** Joins a case into one that arrived earlier, which is reopened where it has ended. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_TAKEN, CASE_NOT_JOINABLE */
  async join(laterCaseId: string, earlierCaseId: string, actor: string, reason: string, options?: JoinOptions): Promise<void> {
    for (const { department, caseId } of await joinCase(this.#db, laterCaseId, earlierCaseId, actor, reason, options)) this.#onEntered(department, [caseId])
  }

  /** Puts a joined case back into its line, at its original place. @throws REASON_REQUIRED, CASE_UNKNOWN, CASE_NOT_JOINED */
  async undoJoin(caseId: string, actor: string, reason: string): Promise<void> {
    this.#onEntered(await undoJoin(this.#db, caseId, actor, reason), [caseId])
  }

  /** Returns cases whose lease ran out to their places; answers how many. */
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
