import type { Command } from 'commander'

/**
 * The commands by their first word, in the order of the help, each loaded when it is asked for:
 * to load all of them takes a second of processor time, most of it for web server and readers.
 */
const files: readonly (readonly [names: string, load: () => Promise<Command | Command[]>])[] = [
  ['start', async () => (await import('./start.ts')).startCommand()],
  ['submit', async () => (await import('./submit.ts')).submitCommand()],
  ['show', async () => (await import('./show.ts')).showCommand()],
  [
    'line take return free pass transfer hand-off reopen close',
    async () => (await import('./line.ts')).lineCommands()
  ],
  ['pause resume split join apart', async () => (await import('./joins.ts')).joinCommands()],
  ['reply note', async () => (await import('./reply.ts')).replyCommands()],
  ['approvals approve send-back', async () => (await import('./approvals.ts')).approvalCommands()],
  ['duties settle', async () => (await import('./duties.ts')).dutyCommands()],
  ['quarantine release', async () => (await import('./quarantine.ts')).quarantineCommands()],
  ['originators originator', async () => (await import('./originators.ts')).originatorCommands()],
  ['keys', async () => (await import('./keys.ts')).keysCommand()],
  ['webhooks', async () => (await import('./webhooks.ts')).webhooksCommand()],
  ['read', async () => (await import('./read.ts')).readDocumentCommand()],
  [
    'match duplicates routes constituents',
    async () => (await import('./evaluate.ts')).evaluateCommands()
  ],
  ['email', async () => (await import('./email.ts')).emailCommand()],
  ['audit', async () => (await import('./audit.ts')).auditCommand()],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand()],
  ['bench', async () => (await import('./bench.ts')).benchCommand()]
]

/** The commands of the file that has `name`; all of them where none has, for help and errors. */
export async function loadCommands(name: string | undefined): Promise<Command[]> {
  if (name === '--version') return []
  const one = files.find(([names]) => name && names.split(' ').includes(name))
  const loaded = await Promise.all((one ? [one] : files).map(([, load]) => load()))
  return loaded.flat()
}
