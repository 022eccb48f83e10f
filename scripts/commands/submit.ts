import fs from 'node:fs/promises'
import path from 'node:path'
import { Command, Option } from 'commander'
import { channels } from '../../channels/index.ts'
import type { Accepted, Channel } from '../../core/channel.ts'
import { viewContact } from '../../core/contacts.ts'
import { EvenhandError } from '../../core/errors.ts'
import type { Ground } from '../../core/ground.ts'
import { print, printJson, say, withGround } from './shared.ts'
import { processUntilDone } from './processing.ts'
import { submitPaper } from './submit-paper.ts'

interface Options { channel: string; wait?: boolean; json?: boolean }

/** Files read ahead of their acceptance: enough to share commits, little enough memory for large scans. */
const IN_FLIGHT = 32

export function submitCommand(): Command {
  return new Command('submit').description('Hands files in through a channel\'s own adapter').argument('<file...>')
    .addOption(new Option('--channel <kind>', 'which channel').choices(channels.map(({ kind }) => kind)).makeOptionMandatory())
    .option('--wait', 'follow each contact to its line').option('--json', 'print JSON, one line per contact')
    .action((files: string[], options: Options) => withGround(async (ground) => {
      const channel = channels.find(({ kind }) => kind === options.channel)
      if (!channel) throw new EvenhandError('INTAKE_UNKNOWN_CHANNEL')
      if (channel.kind === 'postal') return submitPaper(ground, files, options)
      const accepted = await hand(ground, channel, files)
      if (options.wait) await follow(ground, accepted, options)
      else for (const one of accepted) report(one, options)
    }))
}

/** Accepts the files in the order given, a bounded number at a time. */
async function hand(ground: Ground, channel: Channel, files: string[]): Promise<Accepted[]> {
  const accepted: Accepted[] = []
  for (let from = 0; from < files.length; from += IN_FLIGHT) {
    const bytes = await Promise.all(files.slice(from, from + IN_FLIGHT).map((file) => fs.readFile(file)))
    accepted.push(...await Promise.all(bytes.map((content, index) => ground.intake.accept(channel.fromFile(path.basename(files[from + index]!), content, ground.agency())))))
    if (process.stderr.isTTY && files.length > IN_FLIGHT) say(`accepted ${accepted.length} of ${files.length}`)
  }
  return accepted
}

function report(one: Accepted, { json, channel }: Options): void {
  if (json) printJson({ receipt: one.receipt, contactId: one.contactId, channel, arrivedAt: one.arrivedAt, ordinal: one.ordinal, repeated: one.repeated })
  else print(`${one.receipt}${one.repeated ? '  (accepted before)' : ''}`)
}

/** Waits for each contact's line and reports in the order the files were given. */
async function follow(ground: Ground, accepted: Accepted[], options: Options): Promise<void> {
  let done = 0
  await processUntilDone(ground, [...new Set(accepted.map(({ contactId }) => contactId))], {
    onDone() {
      done += 1
      if (process.stderr.isTTY) say(`settled ${done} of ${accepted.length}`)
    },
    onPage: ({ receipt, pagesRead, pages = 0 }) => say(`${accepted.length > 1 ? `${receipt}: ` : ''}${pagesRead < pages ? `reading page ${pagesRead + 1} of ${pages}` : pages === 1 ? 'the page is read' : `all ${pages} pages are read`}`)
  })
  for (const { contactId } of accepted) {
    const { cases, ...contact } = await viewContact(ground.db, contactId)
    if (options.json) printJson({ ...contact, cases })
    else print(`${contact.receipt}  ${contact.outcome ?? ''}${contact.department ? `  ${contact.department}` : ''}${contact.place ? `  place ${contact.place}` : ''}`)
  }
}
