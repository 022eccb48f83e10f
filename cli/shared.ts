import { InvalidArgumentError } from 'commander'
import { ConfigError } from '../config/agency.ts'
import { readSettings, SettingsError } from '../config/settings.ts'
import { EvenhandError, type ErrorCode } from '../platform/errors.ts'
import { openRuntime, type OpenRuntime } from '../core/open-runtime.ts'
import type { Runtime } from '../core/runtime.ts'
import { forTerminal } from '../platform/text/one-line.ts'
import { createLog } from '../platform/logger.ts'

/**
 * Opens the runtime for one command and closes it whatever happens. Only warnings are logged: a
 * command's result is its output.
 */
export async function withRuntime<T>(work: (runtime: OpenRuntime) => Promise<T>): Promise<T> {
  const settings = readSettings()
  const level = process.env['LOG_LEVEL'] ?? 'warn'
  const opening = openRuntime(settings, { log: createLog(level) })
  const forget = endInOrder(opening)
  try {
    return await work(await opening)
  } finally {
    forget()
    await opening.then(
      (runtime) => runtime.close(),
      () => undefined
    )
  }
}

/** How long a command that is ended by a signal takes to let go of the database, in ms. */
const END_LIMIT_MS = 5_000
/** As shells report a program ended by Ctrl+C. */
const ENDED_BY_SIGNAL = 130

/**
 * Ctrl+C, or the end of the process that started us: the embedded PostgreSQL is left in order.
 * Answers how to forget it.
 */
function endInOrder(opening: Promise<OpenRuntime>): () => void {
  const end = () => {
    setTimeout(() => process.exit(ENDED_BY_SIGNAL), END_LIMIT_MS).unref()
    void opening
      .then((runtime) => runtime.close())
      .catch(() => undefined)
      .then(() => process.exit(ENDED_BY_SIGNAL))
  }
  const reasons = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const
  for (const reason of reasons) process.once(reason, end)
  process.channel?.unref()
  return () => {
    for (const reason of reasons) process.off(reason, end)
  }
}

/**
 * An option's value as a whole number from `least` up. @throws InvalidArgumentError, which
 * commander reports as misuse
 */
export function wholeNumber(least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(
        `It has to be a whole number${least > 0 ? ` from ${least} up` : ''}.`
      )
    return value
  }
}

/** A call that cannot be carried out as it was made: a sentence, and exit code 2. */
export class Misuse extends Error {}

/**
 * What is wrong with the call itself, with the part of it that is meant where several can be: it
 * names what there is not, or lacks what it needs. Called as it was, it will not do better another
 * time.
 */
const misuses: ReadonlyMap<ErrorCode, string> = new Map([
  ['DEPARTMENT_UNKNOWN', ''],
  ['RECEIPT_UNKNOWN', ''],
  ['CASE_UNKNOWN', ''],
  ['STAFF_UNKNOWN', '--as'],
  ['KEY_UNKNOWN', ''],
  ['KEY_INVALID', ''],
  ['WEBHOOK_UNKNOWN', ''],
  ['CONSTITUENT_UNKNOWN', ''],
  ['REASON_REQUIRED', ''],
  ['REMINDER_NEEDED', '--until'],
  ['OUTCOME_UNKNOWN', '--outcome'],
  ['NAME_REQUIRED', ''],
  ['INTAKE_UNKNOWN_CHANNEL', ''],
  ['INTAKE_TOO_LARGE', ''],
  ['STAMP_OUT_OF_BOUNDS', ''],
  ['REPLY_ADDRESS', '--to, --by and --typed'],
  ['REPLY_TYPED', '--to and --by'],
  ['REPLY_EMPTY', ''],
  ['REPLY_TOO_LONG', ''],
  ['REPLY_LETTER', ''],
  ['REPLY_WINDOW', '--to'],
  ['REPLY_FILES', '--attach'],
  ['REPLY_LANGUAGE', '--language'],
  ['SAVED_REPLY_UNKNOWN', '--saved'],
  ['NOTE_EMPTY', '']
])

export function isMisuse(error: unknown): boolean {
  return error instanceof Misuse || (error instanceof EvenhandError && misuses.has(error.code))
}

/** Prints one JSON value on a line of stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Prints lines that people read. */
export function print(text: string): void {
  process.stdout.write(`${forTerminal(text)}\n`)
}

/** Progress and notices: stderr, so that stdout holds results alone. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** An error as one person tells another: what happened and, from the catalogue, what to do. */
export function explain(error: unknown): string {
  if (error instanceof Misuse) return error.message
  if (error instanceof EvenhandError) {
    const part = misuses.get(error.code)
    return `${error.message}${part ? ` Look at ${part}.` : ''} [${error.code}]${error.cause instanceof Error ? `\n  because: ${error.cause.message}` : ''}`
  }
  const sentence = ofSystem(error)
  if (sentence) return sentence
  if (error instanceof ConfigError || error instanceof SettingsError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** The system's own refusals: no stack helps whoever called. */
function ofSystem(error: unknown): string | undefined {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException
  return code && syscall ? `${path ? `${path}: ` : ''}${code} (${syscall}).` : undefined
}

/** The department that was named, or all of them. @throws DEPARTMENT_UNKNOWN */
export function departmentsFrom(
  runtime: Pick<Runtime, 'agency'>,
  id: string | undefined
): readonly string[] {
  return id === undefined
    ? runtime.agency().departments.departments.map((department) => department.id)
    : [requireDepartment(runtime, id)]
}

/** @throws DEPARTMENT_UNKNOWN naming those there are */
export function requireDepartment(runtime: Pick<Runtime, 'agency'>, id: string): string {
  const known = runtime.agency().departments.departments.map((department) => department.id)
  if (!known.includes(id))
    throw new EvenhandError('DEPARTMENT_UNKNOWN', `there are ${known.join(', ')}`)
  return id
}
