import os from 'node:os'
import { ConfigError } from '../../config/agency.ts'
import { readSettings, SettingsError } from '../../config/settings.ts'
import { EvenhandError } from '../../core/errors.ts'
import { openGround, type Ground } from '../../core/ground.ts'
import { createLog } from '../../core/logger.ts'

/** Opens the ground for one command and closes it whatever happens. Only warnings are logged: a command's result is its output. */
export async function withGround<T>(work: (ground: Ground) => Promise<T>): Promise<T> {
  const settings = readSettings()
  const level = process.env['LOG_LEVEL'] ?? 'warn'
  const ground = await openGround(settings, { log: createLog(level) })
  try {
    return await work(ground)
  } finally {
    await ground.close()
  }
}

/** Prints one JSON value on a line of stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Progress and remarks: stderr, so that stdout holds results alone. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** An error as one person tells another: what happened and, from the catalogue, what to do. */
export function explain(error: unknown): string {
  if (error instanceof EvenhandError) return `${error.message} [${error.code}]${error.cause instanceof Error ? `\n  because: ${error.cause.message}` : ''}`
  if (error instanceof ConfigError || error instanceof SettingsError) return error.message
  return error instanceof Error ? error.stack ?? error.message : String(error)
}

/** Who acts when a command does: the account it runs under, or the name given. */
export function actorOf(name: string | undefined): string {
  return `cli:${name ?? os.userInfo().username}`
}

/** @throws DEPARTMENT_UNKNOWN naming those there are */
export function requireDepartment(ground: Ground, id: string): string {
  const known = ground.agency().departments.departments.map((department) => department.id)
  if (!known.includes(id)) throw new EvenhandError('DEPARTMENT_UNKNOWN', `there are ${known.join(', ')}`)
  return id
}
