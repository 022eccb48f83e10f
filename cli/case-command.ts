/** What the commands about one case share. */
import { Command } from 'commander'
import { findCaseId, sharesReceipt } from '../core/contacts/find.ts'
import { viewCaseNow } from '../core/line/view.ts'
import type { Db } from '../platform/db/database.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import { actorFrom, withActor } from './actor.ts'
import { print, printJson, withRuntime } from './shared.ts'

export interface CaseOptions {
  json?: boolean
  as?: string
}

export interface VerbOptions extends CaseOptions {
  reason?: string
  to?: string
}

/** Answers with the case that is shown afterwards, where it is another one. */
type Act<O> = (
  runtime: OpenRuntime,
  caseId: string,
  actor: string,
  options: O
) => Promise<string | void>

/** A command that names a case first. */
export function withCase(name: string, description: string): Command {
  return withActor(new Command(name))
    .description(description)
    .argument('<case>', 'case id or receipt')
    .option('--json', 'print JSON')
}

/** One that acts on a case with a reason. */
export function verb(
  name: string,
  description: string,
  needs: { to?: boolean },
  act: Act<VerbOptions>
): Command {
  const command = withCase(name, description)
    .argument('[reason]', 'or with --reason')
    .option('--reason <text>', 'recorded in the ledger')
  if (needs.to) command.requiredOption('--to <body>', 'who acts now')
  return command.action((id: string, reason: string | undefined, options: VerbOptions) =>
    run(id, options, (runtime, caseId, actor) =>
      act(runtime, caseId, actor, { ...options, reason: options.reason ?? reason ?? '' })
    )
  )
}

/** Which case it was, where its receipt stands for several. */
export async function caseMark(db: Db, caseId: string): Promise<string> {
  return (await sharesReceipt(db, caseId)) ? `  case ${caseId}` : ''
}

/** Finds the case, acts, and says how it stands afterwards. @throws CASE_UNKNOWN, or as `act` */
export function run(id: string, options: CaseOptions, act: Act<CaseOptions>): Promise<void> {
  return withRuntime(async (runtime) => {
    const caseId = await findCaseId(runtime.db, id)
    const actor = await actorFrom(runtime.db, options.as)
    const other = await act(runtime, caseId, actor, options)
    const now = await viewCaseNow(runtime.db, other ?? caseId)
    const which = await caseMark(runtime.db, now.caseId)
    if (options.json)
      printJson({
        caseId: now.caseId,
        receipt: now.receipt,
        department: now.department,
        state: now.state,
        ...(now.outcome ? { outcome: now.outcome } : {}),
        ...(now.outcomeId ? { outcomeId: now.outcomeId } : {})
      })
    else print(`${now.receipt}  ${now.state} in ${now.department}${which}`)
  })
}
