import { Command } from 'commander'
import { findContactId } from '../core/contacts/find.ts'
import { listQuarantine, releaseContact } from '../core/contacts/quarantine.ts'
import { actorFrom, withActor } from './actor.ts'
import { print, printJson, withRuntime } from './shared.ts'
import { processUntilDone } from './processing.ts'

/** What waits for a person, and letting it go on. */
export function quarantineCommands(): Command[] {
  const list = new Command('quarantine')
    .description('Lists contacts that wait for a person')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withRuntime(async (runtime) => {
        const { total, contacts } = await listQuarantine(runtime.db, 1_000)
        if (options.json) return printJson({ total, contacts })
        print(total === 0 ? 'Nothing is in quarantine.' : `${total} in quarantine:`)
        for (const one of contacts)
          print(
            `  ${one.arrivedAt.toISOString()}  ${one.channel.padEnd(8)} ${one.receipt}  ${one.reason}`
          )
      })
    )
  const letGo = withActor(new Command('release'))
    .description(
      'Lets a contact out of quarantine; it goes to its line at the place its arrival earned'
    )
    .argument('<receipt>', 'receipt or contact id')
    .requiredOption('--reason <text>', 'recorded in the ledger')
    .action((receipt: string, options: { reason: string; as?: string }) =>
      withRuntime(async (runtime) => {
        const contactId = await findContactId(runtime.db, receipt)
        const actor = await actorFrom(runtime.db, options.as)
        await releaseContact(runtime.db, contactId, actor, options.reason)
        await processUntilDone(runtime, [contactId])
        print('released')
      })
    )
  return [list, letGo]
}
