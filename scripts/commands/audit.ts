import { Command } from 'commander'
import { verifyAudit } from '../../core/audit.ts'
import { print, printJson, say, withGround } from './shared.ts'

export function auditCommand(): Command {
  const verify = new Command('verify').description('Replays the ledger from its start: every take against the line as it stood then').option('--json', 'print JSON')
    .action((options: { json?: boolean }) => withGround(async (ground) => {
      const report = await verifyAudit(ground.db, (events) => { if (process.stderr.isTTY) say(`replayed ${events} events`) })
      if (!report.ok) process.exitCode = 1
      if (options.json) return printJson(report)
      print(`${report.events} events, ${report.takes} takes, ${report.passes} passes, overtakes: ${report.overtakes}`)
      for (const problem of report.problems) print(`  ${problem}`)
      print(report.ok ? 'The ledger holds.' : `${report.problems.length} problems found.`)
    }))
  return new Command('audit').description('Proves what happened').addCommand(verify)
}
