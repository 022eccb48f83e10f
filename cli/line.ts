import { Argument, Command } from 'commander'
import { outcomesOf } from '../config/outcomes.ts'
import { takingOf } from '../config/schema.ts'
import { closeCase, typedClosing } from '../core/cases/closing.ts'
import { departmentOf, viewLine } from '../core/line/view.ts'
import { run, verb, withCase, type CaseOptions, type VerbOptions } from './case-command.ts'
import { actorFrom, withActor } from './actor.ts'
import { print, printJson, requireDepartment, say, wholeNumber, withRuntime } from './shared.ts'

/** `line` and the verbs of the desk, for scripts. */
export function lineCommands(): Command[] {
  return [
    lineCommand(),
    takeCommand(),
    verb(
      'return',
      'Puts a case you hold back at its place in line; needs a reason',
      {},
      (runtime, id, actor, { reason }) => runtime.line.giveBack(id, actor, reason ?? '')
    ),
    verb(
      'free',
      'Puts a case that somebody else holds back at its place in line; needs a reason',
      {},
      (runtime, id, actor, { reason }) => runtime.line.free(id, { actor, reason: reason ?? '' })
    ),
    verb(
      'pass',
      'Puts a case back and lets your next takes go past it; needs a reason',
      {},
      (runtime, id, actor, { reason }) => runtime.line.pass(id, actor, reason ?? '')
    ),
    transferCommand(),
    verb(
      'hand-off',
      'Ends our part because another body acts now (--to, --reason)',
      { to: true },
      (runtime, id, actor, { to, reason }) =>
        runtime.line.handOff(id, actor, to ?? '', reason ?? '')
    ),
    verb(
      'reopen',
      'Says that a closing was wrong: puts the case back at its first place; needs a reason',
      {},
      (runtime, id, actor, { reason }) => runtime.line.reopen(id, actor, reason ?? '')
    ),
    closeCommand()
  ]
}

function lineCommand(): Command {
  return new Command('line')
    .description("Shows who waits in a department's line, earliest arrival first")
    .argument('<department>')
    .option('--limit <n>', 'show at most so many cases', wholeNumber(1), 100_000)
    .option('--json', 'print JSON')
    .action((department: string, options: CaseOptions & { limit: number }) =>
      withRuntime(async (runtime) => {
        const { waiting, cases } = await viewLine(
          runtime.db,
          requireDepartment(runtime, department),
          options.limit
        )
        if (options.json) return printJson({ department, waiting, cases })
        print(
          waiting === 0 ? `Nobody waits in ${department}.` : `${waiting} waiting in ${department}:`
        )
        for (const [index, one] of cases.entries())
          print(
            `${String(index + 1).padStart(6)}  ${one.arrivedAt}  ${one.channel.padEnd(8)}  ${one.receipt}`
          )
      })
    )
}

function takeCommand(): Command {
  return withActor(new Command('take'))
    .description('Takes the next case of a department: always the earliest arrival')
    .argument('<department>')
    .option(
      '--lease <seconds>',
      'how long it may be held before it returns to its place',
      wholeNumber(1)
    )
    .option('--json', 'print JSON')
    .action((id: string, options: CaseOptions & { lease?: number }) =>
      withRuntime(async (runtime) => {
        const department = requireDepartment(runtime, id)
        const taking = takingOf(runtime.agency().departments, department)!
        const taken = await runtime.line.takeNext({
          department,
          actor: await actorFrom(runtime.db, options.as),
          ...taking,
          ...(options.lease === undefined ? {} : { leaseSeconds: options.lease })
        })
        if (!taken) say(`Nobody waits in ${department}.`)
        if (options.json)
          return printJson(
            taken ? { department, state: 'taken', ...taken } : { department, caseId: null }
          )
        if (taken)
          print(`${taken.receipt}  case ${taken.caseId}  arrived ${taken.arrivedAt.toISOString()}`)
      })
    )
}

function transferCommand(): Command {
  return withCase(
    'transfer',
    'Moves a case you hold to another department, at the place its arrival earned'
  )
    .addArgument(new Argument('<department>'))
    .option('--reason <text>', 'recorded in the ledger')
    .action((id: string, to: string, options: VerbOptions) =>
      run(id, options, (runtime, caseId, actor) =>
        runtime.line.transfer(caseId, actor, requireDepartment(runtime, to), options.reason ?? '')
      )
    )
}

function closeCommand(): Command {
  return withCase('close', 'Ends a case you hold')
    .argument('[outcome]', 'or with --outcome')
    .option(
      '--outcome <id or words>',
      'one of the department\'s outcomes, which the resident reads, or words for staff alone (default: "closed")'
    )
    .option('--note <text>', 'for the file')
    .option('--reason <text>', 'why no answer was sent')
    .action(
      (
        id: string,
        outcome: string | undefined,
        options: CaseOptions & { outcome?: string; note?: string; reason?: string }
      ) =>
        run(id, options, async (runtime, caseId, actor) => {
          const department = (await departmentOf(runtime.db, caseId)) ?? ''
          const outcomes = outcomesOf(runtime.agency().departments, department)
          const { note, reason } = options
          const typed = typedClosing(outcomes, options.outcome ?? outcome ?? 'closed')
          await closeCase(runtime, caseId, actor, { ...typed, note, reason })
        })
    )
}
