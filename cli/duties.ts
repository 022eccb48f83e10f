import { Command } from 'commander'
import {
  addressee,
  endings,
  findDuties,
  listOpenDuties,
  settleDuty,
  viewDuty,
  type Duty
} from '../core/outbox/duties.ts'
import type { Db } from '../platform/db/database.ts'
import { shortNumber } from '../platform/ids.ts'
import { oneLine } from '../platform/text/one-line.ts'
import { actorFrom, withActor } from './actor.ts'
import { departmentsFrom, Misuse, print, printJson, withRuntime } from './shared.ts'

/** Each kind in words. */
const kinds = {
  undelivered: 'not delivered',
  complaint: 'reported as unwanted',
  letter: 'a letter to print and mail',
  call: 'a call to make'
}

/** What a person has to do so that residents hear from us. */
export function dutyCommands(): Command[] {
  return [listCommand(), settleCommand()]
}

function listCommand(): Command {
  return new Command('duties')
    .description(
      'Shows what a person has to do for residents: letters, calls, what came back or is unwanted'
    )
    .argument('[department]')
    .option('--json', 'print JSON')
    .action((department: string | undefined, { json }: { json?: boolean }) =>
      withRuntime(async (runtime) => {
        const departments = departmentsFrom(runtime, department)
        const { total, duties } = await listOpenDuties(runtime.db, departments, 1_000)
        if (json) return printJson({ total, duties })
        print(total === 0 ? 'Nothing is to be done.' : `${total} to be done:`)
        for (const { dutyId, kind, receipt, department: of, name, address, reason } of duties)
          print(
            `${shortNumber(dutyId)}  ${receipt}  ${of}  ${kinds[kind]}: ${oneLine([addressee({ name, address }), reason].filter(Boolean).join(', '))}`
          )
      })
    )
}

function settleCommand(): Command {
  const ways = [...new Set(Object.values(endings).flatMap((ends) => Object.keys(ends)))]
  return withActor(new Command('settle'))
    .description('Says how one of these went')
    .argument('<duty>', 'its number, as `evenhand duties` shows it, or the receipt of its case')
    .argument('<how>', ways.join(', '))
    .argument('[words]', 'how it went, in a few words; not needed for a letter that is printed')
    .option('--json', 'print JSON')
    .action(
      (
        named: string,
        how: string,
        words: string | undefined,
        options: { as?: string; json?: boolean }
      ) =>
        withRuntime(async ({ db }) => {
          const duty = await dutyOf(db, named)
          const { dutyId } = duty
          const possible = Object.keys(endings[duty.kind])
          if (!possible.includes(how))
            throw new Misuse(`${kinds[duty.kind]}: it ends as ${possible.join(' or ')}.`)
          await settleDuty(db, {
            dutyId,
            actor: await actorFrom(db, options.as),
            how,
            words: words ?? ''
          })
          if (options.json) printJson(await viewDuty(db, dutyId))
          else print(`${shortNumber(dutyId)}  ${how}`)
        })
    )
}

/** @throws Misuse where it names none, or several */
async function dutyOf(db: Db, named: string): Promise<Duty> {
  const [duty, ...more] = await findDuties(db, named)
  if (!duty) throw new Misuse('There is no such duty. `evenhand duties` shows them.')
  if (more.length === 0) return duty
  const listed = [duty, ...more].map(
    ({ dutyId, kind }) => `${shortNumber(dutyId)} (${kinds[kind]})`
  )
  throw new Misuse(`There are several: ${listed.join(', ')}.`)
}
