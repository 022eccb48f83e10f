/** Who acts when a command does. */
import os from 'node:os'
import type { Command } from 'commander'
import { StaffStore, type Staff } from '../core/access/staff.ts'
import type { Db } from '../platform/db/database.ts'
import { Misuse, say } from './shared.ts'

/** Adds the option that names an account. */
export function withActor(command: Command): Command {
  return command.option(
    '--as <account>',
    'the e-mail address or name of the account that acts; otherwise the login name here is recorded'
  )
}

/**
 * The actor as the ledger names it: an account by its e-mail address, or else the name under which
 * this command runs. Nobody has signed in, so it says `cli`. Where no account is set up yet, there
 * is none to be named: the name is recorded as it was typed, and that is said.
 * @throws Misuse where the name is nobody's, or of several
 */
export async function actorFrom(db: Db, typed: string | undefined): Promise<string> {
  if (typed === undefined) return `cli:${os.userInfo().username}`
  const active = await activeAccounts(db)
  if (active.length > 0) return `cli:${accountIn(active, typed).email}`
  say(`No account is set up: “${typed}” is recorded as a name that was typed here.`)
  return `cli:${typed}`
}

/** An account that is set up. @throws Misuse where the name is nobody's, or of several */
export async function requireAccount(db: Db, typed: string): Promise<Staff> {
  return accountIn(await activeAccounts(db), typed)
}

async function activeAccounts(db: Db): Promise<Staff[]> {
  return (await new StaffStore(db).list()).filter(({ state }) => state === 'active')
}

function accountIn(active: readonly Staff[], typed: string): Staff {
  const wanted = typed.trim().toLowerCase()
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
