import { Command } from 'commander'
import { findContactId, viewContact, viewEvents } from '../core/contacts/find.ts'
import { oneLine } from '../platform/text/one-line.ts'
import { print, printJson, withRuntime } from './shared.ts'

export function showCommand(): Command {
  return new Command('show')
    .description('Shows a contact: envelope, trail, case, events')
    .argument('<receipt>', 'receipt or contact id')
    .option('--json', 'print JSON')
    .action((receipt: string, options: { json?: boolean }) =>
      withRuntime(async (runtime) => {
        const contact = await viewContact(runtime.db, await findContactId(runtime.db, receipt))
        const events = await viewEvents(runtime.db, contact.contactId, contact.caseId)
        if (options.json) return printJson({ ...contact, events })
        print(
          `${contact.receipt}  ${contact.channel}  ${contact.outcome ?? 'being read'}${contact.department ? ` in ${contact.department}` : ''}${contact.place ? `, place ${contact.place}` : ''}`
        )
        if (contact.cases.length > 1)
          for (const { caseId, department, state, place, about } of contact.cases)
            print(
              `  case ${caseId}  ${state} in ${department}${place ? `, place ${place}` : ''}: ${oneLine(about)}`
            )
        for (const { step, verdict, reason } of contact.trail)
          print(`  ${step.padEnd(12)} ${verdict}: ${reason}`)
        for (const event of events)
          print(`  ${event.at.toISOString()}  ${event.kind.padEnd(20)} ${event.actor}`)
      })
    )
}
