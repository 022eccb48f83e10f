import path from 'node:path'
import { Command, Option } from 'commander'
import { channels } from '../channels/index.ts'
import type { Agency } from '../config/agency.ts'
import type { Accepted, AnyChannel, RawContact } from '../core/intake/channel.ts'
import { viewContact } from '../core/contacts/find.ts'
import { EvenhandError } from '../platform/errors.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import { nameOf, readInput, requireFilled } from './files.ts'
import { Misuse, explain, isMisuse, print, printJson, say, withRuntime } from './shared.ts'
import { processUntilDone } from './processing.ts'
import { submitPaper } from './submit-paper.ts'

interface Options {
  channel: string
  wait?: boolean
  json?: boolean
}

/**
 * Files read ahead of their acceptance: enough to share commits, little enough memory for large
 * scans.
 */
const IN_FLIGHT = 32

export function submitCommand(): Command {
  return new Command('submit')
    .description("Hands files in through a channel's own adapter")
    .argument('<file...>', '- for standard input')
    .addOption(
      new Option('--channel <kind>', 'which channel')
        .choices(channels.map(({ kind }) => kind))
        .makeOptionMandatory()
    )
    .option('--wait', 'follow each contact to its line')
    .option('--json', 'print JSON, one line per contact')
    .action((files: string[], options: Options) =>
      submit(files, options).catch((error: unknown) => tryAgain(files, error))
    )
}

async function submit(files: string[], options: Options): Promise<void> {
  await requireFilled(files)
  await withRuntime(async (runtime) => {
    const channel = channels.find(({ kind }) => kind === options.channel)
    if (!channel) throw new EvenhandError('INTAKE_UNKNOWN_CHANNEL')
    if (channel.kind === 'postal') return submitPaper(runtime, files, options)
    const accepted = await enqueue(runtime, channel, files)
    if (options.wait) await follow(runtime, accepted, options)
    else for (const one of accepted) report(one, options)
  })
}

/** EX_TEMPFAIL of sysexits.h: a mail server keeps the mail and calls again. */
const TRY_AGAIN = 75

/**
 * A mail server that pipes a mail to us returns it to its sender for any code but this one. What
 * went wrong is ours to mend (the database is down, a setting is wrong), and no fault of the mail.
 */
function tryAgain(files: readonly string[], error: unknown): void {
  if (!files.includes('-') || isMisuse(error)) throw error
  say(`evenhand: ${explain(error)}`)
  process.exitCode = TRY_AGAIN
}

/** Accepts the files in the order given, a bounded number at a time. */
async function enqueue(
  runtime: OpenRuntime,
  channel: AnyChannel,
  files: string[]
): Promise<Accepted[]> {
  const accepted: Accepted[] = []
  for (let from = 0; from < files.length; from += IN_FLIGHT) {
    const bytes = await Promise.all(
      files.slice(from, from + IN_FLIGHT).map((file) => readInput(file))
    )
    accepted.push(
      ...(await Promise.all(
        bytes.map((content, index) =>
          runtime.acceptor.accept(
            fromFile(channel, files[from + index]!, content, runtime.agency())
          )
        )
      ))
    )
    if (process.stderr.isTTY && files.length > IN_FLIGHT)
      say(`accepted ${accepted.length} of ${files.length}`)
  }
  return accepted
}

/** @throws Misuse where the file is not what the channel's program would hand over */
function fromFile(channel: AnyChannel, file: string, bytes: Buffer, agency: Agency): RawContact {
  try {
    return channel.fromFile(path.basename(file), bytes, agency)
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new Misuse(
        `${nameOf(file)} is not what --channel ${channel.kind} takes: it is no JSON.`
      )
    throw error
  }
}

function report(one: Accepted, { json, channel }: Options): void {
  if (json)
    printJson({
      receipt: one.receipt,
      contactId: one.contactId,
      channel,
      arrivedAt: one.arrivedAt,
      ordinal: one.ordinal,
      repeated: one.repeated
    })
  else print(`${one.receipt}${one.repeated ? '  (accepted before)' : ''}`)
}

/** Waits for each contact's line and reports in the order the files were given. */
async function follow(runtime: OpenRuntime, accepted: Accepted[], options: Options): Promise<void> {
  let done = 0
  await processUntilDone(runtime, [...new Set(accepted.map(({ contactId }) => contactId))], {
    onDone() {
      done += 1
      if (process.stderr.isTTY) say(`settled ${done} of ${accepted.length}`)
    },
    onPage: ({ receipt, pagesRead, pages = 0 }) =>
      say(
        `${accepted.length > 1 ? `${receipt}: ` : ''}${pagesRead < pages ? `reading page ${pagesRead + 1} of ${pages}` : pages === 1 ? 'the page is read' : `all ${pages} pages are read`}`
      )
  })
  for (const { contactId } of accepted) {
    const { cases, ...contact } = await viewContact(runtime.db, contactId)
    if (options.json) printJson({ ...contact, cases })
    else
      print(
        `${contact.receipt}  ${contact.outcome ?? ''}${contact.department ? `  ${contact.department}` : ''}${contact.place ? `  place ${contact.place}` : ''}`
      )
  }
}
