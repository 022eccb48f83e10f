import { Command } from 'commander'
import { maySeeCase } from '../core/access/case-access.ts'
import { actorsOf } from '../core/access/staff.ts'
import { viewCaseNow } from '../core/line/view.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import { approveReply, sendBackReply, type SecondPerson } from '../core/replies/approve.ts'
import { findReplies, listProposed } from '../core/replies/proposed.ts'
import { viewReply } from '../core/replies/view.ts'
import type { Db } from '../platform/db/database.ts'
import { EvenhandError } from '../platform/errors.ts'
import { shortNumber } from '../platform/ids.ts'
import { oneLine } from '../platform/text/one-line.ts'
import { requireAccount } from './actor.ts'
import { departmentsFrom, Misuse, print, printJson, withRuntime } from './shared.ts'

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
            `${shortNumber(replyId)}  ${receipt}  ${of}  ${author} by ${way} to ${oneLine(address.replaceAll('\n', ', '))}\n${text.replace(/^/gm, '    ')}`
          )
      })
    )
}

function approveCommand(): Command {
  return deciding('approve', 'Lets a reply go that waits for a second person').action(
    (named: string, options: Options) => decide(named, options, 'approved', approveReply)
  )
}

function sendBackCommand(): Command {
  return deciding('send-back', 'Sends such a reply back to its writer, with words for them')
    .argument('<words>', 'what should be otherwise; a note on the case')
    .action((named: string, words: string, options: Options) =>
      decide(named, options, 'sent back', ({ db }, replyId, person) =>
        sendBackReply(db, { replyId, person, words })
      )
    )
}

function deciding(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<reply>', 'its number, as `evenhand approvals` shows it, or the receipt of its case')
    .requiredOption('--as <account>', 'who decides: the e-mail address or name of an account')
    .option('--json', 'print JSON')
}

async function decide(
  named: string,
  options: Options,
  became: string,
  act: (runtime: OpenRuntime, replyId: string, person: SecondPerson) => Promise<void>
): Promise<void> {
  await withRuntime(async (runtime) => {
    const { replyId, caseId } = await replyOf(runtime.db, named)
    const staff = await requireAccount(runtime.db, options.as)
    const { receipt, department } = await viewCaseNow(runtime.db, caseId)
    if (!maySeeCase(staff, { department, heldBy: undefined }))
      throw new EvenhandError('NOT_ALLOWED', `${staff.name} does not serve ${department}`)
    await act(runtime, replyId, { actor: `cli:${staff.email}`, names: actorsOf(staff) })
    if (options.json)
      printJson({ caseId, ...(await viewReply(runtime.db, caseId, replyId)), receipt })
    else print(`${shortNumber(replyId)}  ${receipt}  ${became}`)
  })
}

/** @throws Misuse where it names none, or several */
async function replyOf(db: Db, named: string): Promise<{ replyId: string; caseId: string }> {
  const [reply, ...more] = await findReplies(db, named)
  if (!reply)
    throw new Misuse('There is no such reply. `evenhand approvals` shows those that wait.')
  if (more.length === 0) return reply
  const listed = [reply, ...more].map(({ replyId }) => shortNumber(replyId))
  throw new Misuse(`There are several: ${listed.join(', ')}.`)
}
