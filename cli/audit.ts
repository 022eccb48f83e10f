import { Command } from 'commander'
import { verifyAudit, type AuditReport } from '../core/audit/verify.ts'
import { print, printJson, say, withRuntime } from './shared.ts'

export function auditCommand(): Command {
  const verify = new Command('verify')
    .description(
      'Replays the ledger from its start, every take against the line as it stood then, and holds tables and events against each other'
    )
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withRuntime(async (runtime) => {
        const report = await verifyAudit(runtime.db, (events) => {
          if (process.stderr.isTTY) say(`replayed ${events} events`)
        })
        if (!report.ok) process.exitCode = 1
        if (options.json) return printJson(report)
        print(
          `${report.events} events, ${report.takes} takes, ${report.passes} passes, overtakes: ${report.overtakes}`
        )
        print(
          `${report.reopened} reopened by staff at their first place, ${report.cameBack} came back with a later message at its place`
        )
        print(`put aside in quarantine, without a case: ${report.discarded}`)
        print(`served past: ${report.servedPast}`)
        for (const one of report.servedPastCases)
          print(
            `  ${one.department}, turn ${one.turn}: ${one.actor} ${wayOf[one.by]} case ${one.caseId} after ending ${one.served.length} later ${one.served.length === 1 ? 'arrival' : 'arrivals'}, the first being case ${one.served[0]}`
          )
        print(
          `given back for their holders by somebody else: ${report.freed}, of these after their holder had ended later ones: ${report.freedPast}`
        )
        for (const problem of report.problems) print(`  ${problem}`)
        print(verdictOf(report))
        for (const sentence of [...coverageOf(report.notCovered), ...report.notProved])
          print(`  not proved: ${sentence}`)
      })
    )
  return new Command('audit').description('Proves what happened').addCommand(verify)
}

const wayOf = {
  return: 'gave back',
  pass: 'passed over',
  transfer: 'transferred',
  pause: 'let wait for its resident'
} as const

function verdictOf({ ok, events, problems }: AuditReport): string {
  if (problems.length > 0)
    return `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} found.`
  if (!ok || events === 0) return 'There is nothing to verify yet: the ledger has no events.'
  return 'The ledger holds: takes are in order, and tables and events agree.'
}

function coverageOf(notCovered: AuditReport['notCovered']): string[] {
  const { events, contacts, texts, accounts, forms, links, messages, keys, reasons } = notCovered
  if (Object.values(notCovered).every((count) => count === 0)) return []
  return [
    `Not covered, as it is of before this was written down: ${events} events without number and hash, so that a change of their reason, outcome, note or time is not seen; and without a mark ${contacts} contacts, ${texts} texts, ${accounts} accounts, ${forms} types of originals, ${links} links between contacts, ${messages} messages, ${keys} names of keys, ${reasons} reasons of joining a case.`
  ]
}
