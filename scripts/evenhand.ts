import { Command, CommanderError } from 'commander'
import { auditCommand } from './commands/audit.ts'
import { benchCommand } from './commands/bench.ts'
import { doctorCommand } from './commands/doctor.ts'
import { evaluateCommands } from './commands/evaluate.ts'
import { keysCommand } from './commands/keys.ts'
import { lineCommands } from './commands/line.ts'
import { quarantineCommands } from './commands/quarantine.ts'
import { readDocumentCommand } from './commands/read.ts'
import { showCommand } from './commands/show.ts'
import { startCommand } from './commands/start.ts'
import { submitCommand } from './commands/submit.ts'
import { explain } from './commands/shared.ts'
import { webhooksCommand } from './commands/webhooks.ts'

const program = new Command('evenhand')
  .description('Omnichannel intake gateway for public agencies: every contact, by whatever channel, in one fair line.')
  .showHelpAfterError('(`evenhand --help` lists the commands)')
  .exitOverride()

for (const command of [startCommand(), submitCommand(), showCommand(), ...lineCommands(), ...quarantineCommands(), keysCommand(), webhooksCommand(), readDocumentCommand(), ...evaluateCommands(), auditCommand(), doctorCommand(), benchCommand()]) {
  program.addCommand(command.copyInheritedSettings(program))
}

// A reader that has seen enough (`evenhand line parks | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit(0) })

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

/** 0 done, 1 failed, 2 misuse. Commander has already said what was wrong with the call. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  process.stderr.write(`evenhand: ${explain(error)}\n`)
  return 1
}
