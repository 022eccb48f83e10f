import fs from 'node:fs'
import path from 'node:path'
import { Command, CommanderError } from 'commander'
import { loadCommands } from './commands.ts'
import { loadEnvironmentFile } from './environment-file.ts'

const program = new Command('evenhand')
  .description(
    'Omnichannel intake gateway for public agencies: every contact, by whatever channel, in one fair line.'
  )
  .showHelpAfterError('(`evenhand --help` lists the commands)')
  .version(version(), '--version', 'prints the version')
  .exitOverride()

for (const command of await loadCommands(process.argv[2])) {
  program.addCommand(inherit(command, program))
}

// A reader that has seen enough (`evenhand line parks | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
})

try {
  loadEnvironmentFile()
  await program.parseAsync()
} catch (error) {
  process.exitCode = await exitCodeOf(error)
}

/** A command below another too answers misuse with 2, which commander by itself does not. */
function inherit(command: Command, parent: Command): Command {
  for (const sub of command.copyInheritedSettings(parent).commands) inherit(sub as Command, command)
  return command
}

/** 0 done, 1 failed, 2 misuse. Commander has already said what was wrong with the call. */
async function exitCodeOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const { explain, isMisuse } = await import('./shared.ts')
  process.stderr.write(`evenhand: ${explain(error)}\n`)
  return isMisuse(error) ? 2 : 1
}

function version(): string {
  return (
    JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
      version: string
    }
  ).version
}
