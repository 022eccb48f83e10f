import { Argument, Command } from 'commander'
import { findContactId } from '../core/contacts/find.ts'
import {
  decideOriginator,
  listOriginators,
  originatorDecisions,
  findOriginator,
  type Originator,
  type OriginatorDecision
} from '../core/people/originator.ts'
import { oneLine } from '../platform/text/one-line.ts'
import { actorFrom, withActor } from './actor.ts'
import { departmentsFrom, print, printJson, withRuntime } from './shared.ts'

/** Who wrote what a colleague passed on: what its text suggests, and what a person says of it. */
export function originatorCommands(): Command[] {
  return [listCommand(), decideCommand()]
}

function listCommand(): Command {
  return new Command('originators')
    .description('Shows the contacts that a colleague passed on, whose text says who wrote them')
    .argument('[department]')
    .option('--json', 'print JSON')
    .action((department: string | undefined, { json }: { json?: boolean }) =>
      withRuntime(async (runtime) => {
        const departments = departmentsFrom(runtime, department)
        const contacts = await listOriginators(runtime.db, departments, 1_000)
        if (json) return printJson({ contacts })
        if (contacts.length === 0) print('Of no contact has anybody to say who wrote it.')
        for (const { receipt, department: of, originator, sender } of contacts)
          print(
            `${receipt}  ${of}  by ${named(originator)}, passed on by ${oneLine(sender.emails[0] ?? sender.name ?? '')}`
          )
      })
    )
}

function decideCommand(): Command {
  return withActor(
    new Command('originator')
      .description('Says whether a contact is by whom its text names, or takes that back')
      .argument('<contact>', 'its receipt, as `evenhand originators` shows it, or its id')
      .addArgument(new Argument('<decision>').choices([...originatorDecisions]))
  )
    .option('--json', 'print JSON')
    .action(
      (typed: string, decision: OriginatorDecision, options: { as?: string; json?: boolean }) =>
        withRuntime(async ({ db }) => {
          const contactId = await findContactId(db, typed)
          await decideOriginator(db, contactId, decision, await actorFrom(db, options.as))
          const now = (await findOriginator(db, contactId))!
          if (options.json) printJson({ contactId, ...now })
          else print(`${typed}  ${decision}: from ${oneLine(now.sender.emails[0] ?? '')}`)
        })
    )
}

function named({ name, email }: Originator): string {
  return oneLine([name, email].filter(Boolean).join(', '))
}
