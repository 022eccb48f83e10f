import { Argument, Command } from 'commander'
import { findCaseId } from '../../core/contacts.ts'
import type { Ground } from '../../core/ground.ts'
import { viewLine } from '../../core/line/view.ts'
import { actorOf, print, printJson, requireDepartment, say, withGround } from './shared.ts'

interface Common { json?: boolean; as?: string }

/** `line` and the verbs of the desk, for scripts. */
export function lineCommands(): Command[] {
  return [
    lineCommand(), takeCommand(),
    verb('return', 'Puts a case you hold back at its place in line', { reason: 'optional' }, (ground, id, actor, { reason }) => ground.line.giveBack(id, actor, reason ?? '')),
    verb('pass', 'Puts a case back and lets your next takes go past it; needs a reason', { reason: 'required' }, (ground, id, actor, { reason }) => ground.line.pass(id, actor, reason ?? '')),
    transferCommand(),
    verb('hand-off', 'Ends our part because another body acts now (--to, --reason)', { reason: 'required', to: true }, (ground, id, actor, { to, reason }) => ground.line.handOff(id, actor, to ?? '', reason ?? '')),
    verb('reopen', 'Puts an ended case back at its original place; needs a reason', { reason: 'required' }, (ground, id, actor, { reason }) => ground.line.reopen(id, actor, reason ?? '')),
    closeCommand()
  ]
}

function lineCommand(): Command {
  return new Command('line').description('Shows who waits in a department\'s line, earliest arrival first').argument('<department>')
    .option('--limit <n>', 'show at most so many cases', Number, 100_000).option('--json', 'print JSON')
    .action((department: string, options: Common & { limit: number }) => withGround(async (ground) => {
      const { waiting, cases } = await viewLine(ground.db, requireDepartment(ground, department), options.limit)
      if (options.json) return printJson({ department, waiting, cases })
      print(waiting === 0 ? `Nobody waits in ${department}.` : `${waiting} waiting in ${department}:`)
      for (const [index, one] of cases.entries()) print(`${String(index + 1).padStart(6)}  ${one.arrivedAt}  ${one.channel.padEnd(8)}  ${one.receipt}`)
    }))
}

function takeCommand(): Command {
  return new Command('take').description('Takes the next case of a department: always the earliest arrival').argument('<department>')
    .option('--as <name>', 'act under this name instead of the account\'s').option('--lease <seconds>', 'how long it may be held before it returns to its place', Number)
    .option('--json', 'print JSON')
    .action((id: string, options: Common & { lease?: number }) => withGround(async (ground) => {
      const department = requireDepartment(ground, id)
      const hours = ground.agency().departments.departments.find((one) => one.id === department)!.leaseHours
      const taken = await ground.line.takeNext({ department, actor: actorOf(options.as), leaseSeconds: options.lease ?? hours * 3600 })
      if (!taken) say(`Nobody waits in ${department}.`)
      if (options.json) return printJson(taken ? { department, state: 'taken', ...taken } : { department, caseId: null })
      if (taken) print(`${taken.receipt}  case ${taken.caseId}  arrived ${taken.arrivedAt.toISOString()}`)
    }))
}

interface VerbOptions extends Common { reason?: string; to?: string }
type Act = (ground: Ground, caseId: string, actor: string, options: VerbOptions) => Promise<void>

function verb(name: string, description: string, needs: { reason: 'optional' | 'required'; to?: boolean }, act: Act): Command {
  const command = withCase(name, description).argument('[reason]', 'or with --reason').option('--reason <text>', `${needs.reason}; recorded in the ledger`)
  if (needs.to) command.requiredOption('--to <body>', 'who acts now')
  return command.action((id: string, reason: string | undefined, options: VerbOptions) => run(id, options, (ground, caseId, actor) => act(ground, caseId, actor, { ...options, reason: options.reason ?? reason ?? '' })))
}

function transferCommand(): Command {
  return withCase('transfer', 'Moves a case you hold to another department, at the place its arrival earned').addArgument(new Argument('<department>')).option('--reason <text>', 'recorded in the ledger')
    .action((id: string, to: string, options: VerbOptions) => run(id, options, (ground, caseId, actor) => ground.line.transfer(caseId, actor, requireDepartment(ground, to), options.reason ?? '')))
}

function closeCommand(): Command {
  return withCase('close', 'Ends a case you hold').argument('[outcome]', 'or with --outcome').option('--outcome <text>', 'in the agency\'s words (default: "answered")').option('--note <text>', 'for the file')
    .action((id: string, outcome: string | undefined, options: Common & { outcome?: string; note?: string }) =>
      run(id, options, (ground, caseId, actor) => ground.line.close(caseId, actor, options.outcome ?? outcome ?? 'answered', options.note)))
}

function withCase(name: string, description: string): Command {
  return new Command(name).description(description).argument('<case>', 'case id or receipt').option('--as <name>', 'act under this name instead of the account\'s').option('--json', 'print JSON')
}

/** Finds the case, acts, and says how it stands afterwards. */
function run(id: string, options: Common, act: (ground: Ground, caseId: string, actor: string) => Promise<void>): Promise<void> {
  return withGround(async (ground) => {
    const caseId = await findCaseId(ground.db, id)
    await act(ground, caseId, actorOf(options.as))
    const now = await ground.db.selectFrom('cases').select(['id', 'receipt', 'department', 'state', 'outcome']).where('id', '=', caseId).executeTakeFirstOrThrow()
    if (options.json) printJson({ caseId: now.id, receipt: now.receipt, department: now.department, state: now.state, ...(now.outcome ? { outcome: now.outcome } : {}) })
    else print(`${now.receipt}  ${now.state} in ${now.department}`)
  })
}
