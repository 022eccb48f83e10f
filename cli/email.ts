/** How well saved mails of a folder are read, and entries of those who sign in to hand in mail. */
import fs from 'node:fs/promises'
import path from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import type { EmailFigures, EvaluatedMail, MailTruth } from '../channels/email/evaluate.ts'
import { readTextInput, unreadable } from './files.ts'
import { Misuse, print, printJson, say } from './shared.ts'

interface Options {
  json?: boolean
  each?: boolean
}

export function emailCommand(): Command {
  return new Command('email')
    .description('The reading of mail, and who may sign in to hand it in')
    .addCommand(
      new Command('evaluate')
        .description(
          'What kind each saved mail of a folder is and what is new in it; beside the truth, where expected.json or a folder "trimmed" has it'
        )
        .argument('<folder>')
        .option('--each', 'print one JSON line a file; the figures go to standard error')
        .option('--json', 'print JSON')
        .action(evaluate)
    )
    .addCommand(
      new Command('password')
        .description('The entry of SMTP_USERS for a password, which is read from standard input')
        .argument('<name>', 'what the program signs in with')
        .action(printUser)
    )
}

/** A line of this length holds any password that a copier can keep. */
const LONGEST_PASSWORD = 1024

/** @throws Misuse */
async function printUser(name: string): Promise<void> {
  const { hashSmtpPassword, isSmtpName } = await import('../channels/email/users.ts')
  if (!isSmtpName(name))
    throw new Misuse('A name has 1 to 64 characters, none of them a space, a colon or a comma.')
  const password = (await readTextInput('-')).replace(/\r?\n$/, '')
  if (password === '' || password.length > LONGEST_PASSWORD)
    throw new Misuse(`A password has 1 to ${LONGEST_PASSWORD} characters, on standard input.`)
  print(`${name}:${await hashSmtpPassword(password)}`)
}

async function evaluate(folder: string, { json, each }: Options): Promise<void> {
  const { evaluateMail, figuresOf } = await import('../channels/email/evaluate.ts')
  const files = await filesIn(folder)
  const read: EvaluatedMail[] = []
  for (const file of files) {
    const mail = await evaluateMail(file, await fs.readFile(path.join(folder, file)))
    if (each) print(JSON.stringify(mail))
    read.push(each ? { ...mail, text: '' } : mail)
  }
  const truth = await truthOf(folder, files)
  const figures = figuresOf(read, (file) => truth.get(file))
  if (each) return say(JSON.stringify(figures))
  if (json) return printJson(figures)
  for (const line of asWords(figures)) print(line)
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function share(what: string, { right, of }: { right: number; of: number }): string {
  return of === 0
    ? `${what}: not measured, no file says what is right`
    : `${what}: ${right} of ${of}`
}

function asWords(figures: EmailFigures): string[] {
  const { files, kinds, refused, passedOn, kindRight, hardRight, newTextExact, newWordLost } =
    figures
  const lost = newTextExact.of === 0 ? '' : `; a word lost in ${newWordLost}`
  return [
    `files: ${files} (${counts(kinds)})`,
    ...(Object.keys(refused).length > 0 ? [`refused: ${counts(refused)}`] : []),
    `passed on in the text: ${passedOn.mails}, of which ${passedOn.withAuthor} name an author's address`,
    share('kind right', kindRight),
    ...kindRight.wrong.map((file) => `  not: ${file}`),
    share('hard or soft right', hardRight),
    `${share('new words exact', newTextExact)}${lost}`
  ]
}

/** What stands beside the mails and is none. */
const beside = /^(expected\.json|readme(\.md)?|license|copying)$/i
/** Folders beside `trimmed`: other parts of the same replies. */
const parts = new Set(['trimmed', 'elided', 'before', 'embedded'])

/** Files below a folder, by their names. @throws Misuse where it is none, or empty */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await fs
    .readdir(folder, { recursive: true, withFileTypes: true })
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') throw new Misuse(`${folder} is a file; a folder is needed.`)
      throw unreadable(folder, error)
    })
  const files = entries
    .filter((entry) => entry.isFile() && !beside.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  const isParted = files.some((file) => foldersOf(file).includes('trimmed'))
  const mails = isParted
    ? files.filter((file) => !foldersOf(file).some((name) => parts.has(name)))
    : files
  if (mails.length === 0) throw new Misuse(`${folder} has no file to read.`)
  return mails.sort()
}

function foldersOf(file: string): string[] {
  return path.dirname(file).split(path.sep)
}

const expectedSchema = z.record(
  z.string(),
  z.array(z.object({ reason: z.string(), hard_bounce: z.boolean().optional() })).min(1)
)

/**
 * `expected.json` (name of a file: recipients with reason and hard_bounce) in the folder or above
 * it, and `trimmed/<name>` beside the mail's own folder.
 */
async function truthOf(folder: string, files: readonly string[]): Promise<Map<string, MailTruth>> {
  const expected = (await expectedIn(folder)) ?? (await expectedIn(path.dirname(folder))) ?? {}
  const truth = new Map<string, MailTruth>()
  for (const file of files) {
    const reports = expected[path.basename(file)]
    const trimmed = path.join(folder, path.dirname(file), '..', 'trimmed', path.basename(file))
    const newText = await fs.readFile(trimmed, 'utf8').catch(() => undefined)
    if (reports ?? newText !== undefined)
      truth.set(file, {
        ...(reports && kindOf(reports)),
        ...(newText === undefined ? {} : { newText })
      })
  }
  return truth
}

/** Reasons that are no failure have no hardness. */
const noFailure = new Set(['vacation', 'feedback', 'delivered'])

function kindOf(reports: z.output<typeof expectedSchema>[string]): MailTruth {
  const hard = reports.flatMap((one) =>
    one.hard_bounce === undefined || noFailure.has(one.reason) ? [] : one.hard_bounce
  )
  return {
    kind: reports.some(({ reason }) => reason !== 'vacation') ? 'bounce' : 'auto-reply',
    ...(hard.length > 0 ? { lasting: hard } : {})
  }
}

async function expectedIn(folder: string): Promise<z.output<typeof expectedSchema> | undefined> {
  const text = await fs.readFile(path.join(folder, 'expected.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : expectedSchema.safeParse(JSON.parse(text)).data
}
