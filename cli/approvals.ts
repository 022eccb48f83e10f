import { Command } from 'commander'
import { maySeeCase } from '../core/access/case-access.ts'
import { actorsOf, StaffStore, type Staff } from '../core/access/staff.ts'
import { viewCaseNow } from '../core/line/view.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import {
  approveReply,
  caseOfReply,
  listProposed,
  sendBackReply,
  type SecondPerson
} from '../core/replies/approve.ts'
import { viewReply } from '../core/replies/view.ts'
import { EvenhandError } from '../platform/errors.ts'
import { oneLine } from '../platform/text/one-line.ts'
import { actorOf, departmentsFrom, Misuse, print, printJson, withRuntime } from './shared.ts'

interface Options {
  json?: boolean
  as: string
}

/** Replies that a second person has to look at, where a department wants that. */
export function approvalCommands(): Command[] {
  return [listCommand(), approveCommand(), sendBackCommand()]
}

function listCommand(): Command {
  return new Command('approvals')
    .description('Shows the replies that wait for a second person, with their words')
    .argument('[department]')
    .option('--json', 'print JSON')
    .action((department: string | undefined, options: Pick<Options, 'json'>) =>
      withRuntime(async (runtime) => {
        const departments = departmentsFrom(runtime, department)
        const proposed = await listProposed(runtime.db, departments, '', 1_000)
        const replies = await Promise.all(
          proposed.map(async ({ caseId, replyId, receipt, department: of }) => ({
            receipt,
            caseId,
            department: of,
            ...(await viewReply(runtime.db, caseId, replyId))!
          }))
        )
        if (options.json) return printJson({ replies })
        if (replies.length === 0) print('No reply waits for a second person.')
        for (const { replyId, receipt, department: of, author, way, address = '', text } of replies)
          print(
            `${replyId}  ${receipt}  ${of}  ${author} by ${way} to ${oneLine(address.replaceAll('\n', ', '))}\n${text.replace(/^/gm, '    ')}`
          )
      })
    )
}

function approveCommand(): Command {
  return deciding('approve', 'Lets a reply go that waits for a second person').action(
    (replyId: string, options: Options) =>
      decide(replyId, options, 'approved', (runtime, person) =>
        approveReply(runtime, replyId, person)
      )
  )
}

function sendBackCommand(): Command {
  return deciding('send-back', 'Sends such a reply back to its writer, with words for them')
    .argument('<words>', 'what should be otherwise; a note on the case')
    .action((replyId: string, words: string, options: Options) =>
      decide(replyId, options, 'sent back', ({ db }, person) =>
        sendBackReply(db, { replyId, person, words })
      )
    )
}

function deciding(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<reply>', 'its id, as `evenhand approvals` shows it')
    .requiredOption('--as <account>', 'who decides: the e-mail address or name of an account')
    .option('--json', 'print JSON')
}

async function decide(
  replyId: string,
  options: Options,
  became: string,
  act: (runtime: OpenRuntime, person: SecondPerson) => Promise<void>
): Promise<void> {
  await withRuntime(async (runtime) => {
    const caseId = await caseOfReply(runtime.db, replyId)
    if (!caseId)
      throw new Misuse('There is no such reply. `evenhand approvals` shows those that wait.')
    const staff = await findStaff(runtime, options.as)
    const { receipt, department } = await viewCaseNow(runtime.db, caseId)
    if (!maySeeCase(staff, { department, heldBy: undefined }))
      throw new EvenhandError('NOT_ALLOWED', `${staff.name} does not serve ${department}`)
    await act(runtime, { actor: actorOf(staff.email), names: actorsOf(staff) })
    if (options.json)
      printJson({ caseId, ...(await viewReply(runtime.db, caseId, replyId)), receipt })
    else print(`${replyId}  ${receipt}  ${became}`)
  })
}

/** An account that is set up. @throws Misuse where the name is nobody's, or of several */
async function findStaff({ db }: OpenRuntime, typed: string): Promise<Staff> {
  const wanted = typed.trim().toLowerCase()
  const active = (await new StaffStore(db).list()).filter(({ state }) => state === 'active')
  const found = active.filter(({ email, name }) =>
    [email, name].some((one) => one.toLowerCase() === wanted)
  )
  if (found.length === 1) return found[0]!
  throw new Misuse(
    found.length === 0
      ? '--as has to be the e-mail address or the name of an account that is set up.'
      : 'Several accounts have this name: give the e-mail address by --as.'
  )
}
