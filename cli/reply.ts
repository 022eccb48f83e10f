import fs from 'node:fs/promises'
import path from 'node:path'
import { Option, type Command } from 'commander'
import type { Settings } from '../config/settings.ts'
import { answerCase } from '../core/cases/answer.ts'
import { viewCase } from '../core/cases/view.ts'
import { findCaseId } from '../core/contacts/find.ts'
import { sniff } from '../core/documents/media-type.ts'
import type { OpenRuntime } from '../core/open-runtime.ts'
import type { AnswerFile } from '../core/outbox/answer-files.ts'
import { replyWays, type ReplyWay } from '../core/outbox/reply-message.ts'
import { addNaming } from '../core/replies/colleagues.ts'
import { letterOf } from '../core/replies/letter-of.ts'
import { replyFiles } from '../core/replies/limits.ts'
import { isForNobody, viewNote } from '../core/replies/notes.ts'
import type { Reply } from '../core/replies/view.ts'
import { EvenhandError } from '../platform/errors.ts'
import { newId, shortNumber } from '../platform/ids.ts'
import { actorFrom } from './actor.ts'
import { caseMark, withCase, type CaseOptions } from './case-command.ts'
import { readInput, readTextInput, requireReadable, requireWritable } from './files.ts'
import { isSetUp } from '../core/outbox/set-up.ts'
import { Misuse, print, printJson, say, withRuntime } from './shared.ts'

interface WordsOptions extends CaseOptions {
  text?: string
  file?: string
}

interface ReplyOptions extends WordsOptions {
  by?: ReplyWay
  to?: string
  typed?: boolean
  subject?: string
  language?: string
  saved?: string
  attach: string[]
  pdf?: string
}

/** What staff write on a case: to its resident, and to each other. */
export function replyCommands(): Command[] {
  return [replyCommand(), noteCommand()]
}

function withWords(name: string, description: string): Command {
  return withCase(name, description)
    .argument('[words]', 'or with --text or --file; - for standard input')
    .option('--text <words>', 'the words')
    .option('--file <file>', 'a file that has the words; - for standard input')
}

function replyCommand(): Command {
  return withWords('reply', 'Answers the resident of a case you hold, or of one that has ended')
    .addOption(
      new Option('--by <way>', 'how; otherwise as they reached us').choices([...replyWays])
    )
    .option('--to <address>', 'which of the addresses they gave; otherwise the likeliest')
    .option('--typed', 'the address is one they did not give; needs --by')
    .option('--subject <words>', 'of a mail; otherwise that of what is answered')
    .option('--language <tag>', "one of the agency's; otherwise the resident's")
    .option('--saved <id>', 'a saved reply (replies.yaml), put after the words')
    .option(
      '--attach <file>',
      'goes along with a mail or a letter; may be given again',
      (file: string, before: string[]) => [...before, file],
      []
    )
    .option('--pdf <out.pdf>', 'write the letter that is to be printed')
    .action(async (id: string, words: string | undefined, options: ReplyOptions) => {
      const text = await wordsOf(words, options)
      if (text === undefined && options.saved === undefined)
        throw new Misuse('There are no words: give them by --text, --file, - or --saved.')
      if (options.pdf !== undefined) await requireWritable(options.pdf)
      const files = await attachments(options.attach)
      await withRuntime((runtime) => reply(runtime, id, { ...options, text: text ?? '' }, files))
    })
}

/** Undefined where none are given. @throws Misuse where they are given twice, or cannot be read */
async function wordsOf(
  words: string | undefined,
  { text, file = words === '-' ? '-' : undefined }: WordsOptions
): Promise<string | undefined> {
  const given = [words === '-' ? undefined : words, text, file].filter((one) => one !== undefined)
  if (given.length > 1) throw new Misuse('The words are given twice: choose one way.')
  if (file === undefined) return text ?? words
  await requireReadable([file])
  return readTextInput(file)
}

/** @throws Misuse for one that cannot be read, REPLY_FILES over a bound, before any is read */
async function attachments(names: readonly string[]): Promise<AnswerFile[]> {
  await requireReadable(names)
  let bytes = 0
  for (const name of names) if (name !== '-') bytes += (await fs.stat(name)).size
  if (names.length > replyFiles.count || bytes > replyFiles.bytes)
    throw new EvenhandError('REPLY_FILES')
  return Promise.all(
    names.map(async (name) => {
      const content = await readInput(name)
      return { name: path.basename(name), content, ...(await sniff(content)) }
    })
  )
}

async function reply(
  runtime: OpenRuntime,
  id: string,
  { by: way, to: address, pdf, as, json, ...choices }: ReplyOptions,
  files: readonly AnswerFile[]
): Promise<void> {
  const caseId = await findCaseId(runtime.db, id)
  const made = await answerCase(runtime, {
    ...choices,
    way,
    address,
    caseId,
    actor: await actorFrom(runtime.db, as),
    replyId: newId(),
    files,
    check: (composed) => {
      if (pdf !== undefined && composed.way !== 'letter')
        throw new Misuse('Only a letter is written as a PDF: add --by letter, or leave --pdf out.')
    }
  })
  const letter = pdf === undefined || made.state === 'proposed' ? undefined : pdf
  if (letter) await fs.writeFile(letter, (await letterOf(runtime, made.replyId))!.bytes)
  if (json) printJson({ caseId, ...made })
  else print(`${became(made, letter, runtime.settings)}${await caseMark(runtime.db, caseId)}`)
}

/** What became of a reply, and what is left to do. */
function became(
  { replyId, way, address = '', state }: Reply,
  letter: string | undefined,
  settings: Settings
): string {
  const number = shortNumber(replyId)
  if (state === 'proposed') return `${number}  waits for a second person`
  if (way && !isSetUp(settings, way))
    return `${number}  written to a file in DATA_DIR/outbox, not sent to ${address}: nothing is set up to send it`
  const where = letter ? `: ${letter}` : '; it is on the page of the case at the desk'
  const left: Readonly<Record<ReplyWay, string>> = {
    mail: `on its way by mail to ${address}`,
    text: `on its way as a text to ${address}`,
    letter: `a letter to print and mail${where}`,
    call: `a call to make: ${address}`
  }
  return `${number}  ${left[way!]}`
}

function toldBy(names: readonly string[]): string {
  return names.length === 0 ? '' : `, told ${names.join(', ')}`
}

function noteCommand(): Command {
  return withWords('note', 'Writes a note for staff on a case; it is never sent').action(
    async (id: string, words: string | undefined, options: WordsOptions) => {
      const text = await wordsOf(words, options)
      if (text === undefined)
        throw new Misuse('There are no words: give them after the case, by --text, --file or -.')
      await withRuntime(async (runtime) => {
        const view = await viewCase(runtime.db, await findCaseId(runtime.db, id))
        if (!view) throw new EvenhandError('CASE_UNKNOWN')
        const noteId = newId()
        const actor = await actorFrom(runtime.db, options.as)
        const told = await addNaming(runtime.db, view, { noteId, actor, text })
        const { caseId, receipt } = view
        if (options.json) printJson({ caseId, ...(await viewNote(runtime.db, noteId)) })
        else print(`${receipt}  noted${toldBy(told)}${await caseMark(runtime.db, caseId)}`)
        if (isForNobody(text, told))
          say('Nobody is told: no colleague who may open the case has a name that follows an @.')
      })
    }
  )
}
