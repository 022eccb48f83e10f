import type { Command } from 'commander'
import { joinByHand } from '../core/cases/join-by-hand.ts'
import { takeApart } from '../core/cases/take-apart.ts'
import { waitForResident } from '../core/cases/wait.ts'
import { viewCase } from '../core/cases/view.ts'
import { findContactId } from '../core/contacts/find.ts'
import { EvenhandError } from '../platform/errors.ts'
import { startOfDay } from '../platform/local-time.ts'
import { isBlank } from '../platform/text/visible.ts'
import { run, verb, withCase, type VerbOptions } from './case-command.ts'
import { Misuse, requireDepartment } from './shared.ts'

/** Cases that wait for their resident, that are two matters, or that are one in two cases. */
export function joinCommands(): Command[] {
  return [
    pauseCommand(),
    verb(
      'resume',
      'Brings a case that waits for its resident back to its place in line; needs a reason',
      {},
      (runtime, id, actor, { reason }) => runtime.line.resume(id, actor, reason ?? '')
    ),
    splitCommand(),
    joinCommand(),
    apartCommand()
  ]
}

function pauseCommand(): Command {
  return withCase(
    'pause',
    'Lets a case you hold wait for its resident: it keeps its place, and comes back with their answer or on the day'
  )
    .requiredOption('--until <day>', 'when it comes back without an answer, such as 2026-12-24')
    .option('--reason <text>', 'recorded in the ledger')
    .action((id: string, options: VerbOptions & { until: string }) =>
      run(id, options, (runtime, caseId, actor) => {
        const { timeZone } = runtime.agency().departments.agency
        const until = startOfDay(options.until, timeZone, 0) ?? new Date(0)
        return waitForResident(runtime, caseId, { actor, reason: options.reason ?? '', until })
      })
    )
}

interface SplitOptions extends VerbOptions {
  contact?: string
  department?: string
}

function splitCommand(): Command {
  return withCase(
    'split',
    'Opens a second case for the other matter of a case you hold, at the same arrival; shows the new one'
  )
    .argument('<about>', 'what the other matter is, its heading; recorded in the ledger')
    .option('--department <id>', 'in whose line it stands; otherwise in that of the first')
    .option(
      '--contact <receipt>',
      'which of its contacts is about two matters, by receipt or id; otherwise the first'
    )
    .action((id: string, about: string, options: SplitOptions) =>
      run(id, options, async (runtime, caseId, actor) => {
        const { contact, department } = options
        if (isBlank(about)) throw new Misuse('Say what the other matter is: its case is headed so.')
        const into = department && requireDepartment(runtime, department)
        const contactId = contact && (await findContactId(runtime.db, contact))
        return runtime.line.split(caseId, actor, about, { contactId, into })
      })
    )
}

function joinCommand(): Command {
  return withCase(
    'join',
    'Joins two cases of one department that are one matter: the later into the earlier; shows what both are now'
  )
    .argument('<receipt>', 'of the other case')
    .argument('[reason]', 'or with --reason')
    .option('--reason <text>', 'recorded in the ledger')
    .action((id: string, receipt: string, why: string | undefined, options: VerbOptions) =>
      run(id, options, (runtime, caseId, actor) => {
        const reason = options.reason ?? why ?? ''
        return joinByHand(runtime, { caseId, receipt, actor, reason, maySee: () => true })
      })
    )
}

function apartCommand(): Command {
  return withCase('apart', 'Puts what was joined into a case back at its own place')
    .argument('<joined>', 'receipt of the contact that was joined, or id of the case split off')
    .argument('[reason]', 'or with --reason')
    .option('--reason <text>', 'recorded in the ledger')
    .action((id: string, joined: string, why: string | undefined, options: VerbOptions) =>
      run(id, options, async (runtime, caseId, actor) => {
        const view = await viewCase(runtime.db, caseId)
        if (!view) throw new EvenhandError('CASE_UNKNOWN')
        await takeApart(runtime, view, { joined, actor, reason: options.reason ?? why ?? '' })
      })
    )
}
