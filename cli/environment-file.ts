/**
 * `.env` in the folder that a command is run in: what it sets counts as if it were in the
 * environment, which goes before it.
 */
import fs from 'node:fs'
import { parseEnv } from 'node:util'
import { Misuse } from './shared.ts'

const FILE = '.env'

let read: { readonly names: readonly string[] } = { names: [] }

/** @throws Misuse when there is one that cannot be read */
export function loadEnvironmentFile(): void {
  if (!fs.existsSync(FILE)) return
  try {
    read = { names: Object.keys(parseEnv(fs.readFileSync(FILE, 'utf8'))) }
    process.loadEnvFile(FILE)
  } catch (error) {
    throw new Misuse(
      `.env cannot be read (${(error as NodeJS.ErrnoException).code}): make it a file that this account may read, or move it away.`
    )
  }
}

/** The names that the file sets. */
export function environmentFile(): { readonly names: readonly string[] } {
  return read
}
