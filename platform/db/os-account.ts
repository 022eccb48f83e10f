/**
 * PostgreSQL refuses to run as root. This finds the system account to run it as, and how that
 * account reaches its files.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { EvenhandError } from '../errors.ts'

export interface OsAccount {
  /** Makes the account the owner of a path. */
  own(target: string): void
  /** The command line that runs `binary` under the account. */
  command(binary: string, args: string[]): [string, string[]]
}

/**
 * The account for a server whose program and data are at the given paths: our own, or `postgres` if
 * we are root.
 * @throws EvenhandError DATABASE_START if we are root, there is no such account and none can be
 * made.
 */
export function runAs(binary: string, dataDir: string): OsAccount {
  if (process.getuid?.() !== 0)
    return { own: () => undefined, command: (program, args) => [program, args] }
  const { uid, gid } = findAccount() ?? createAccount()
  // If the files lie under a folder that only root may enter (/root, mktemp -d), the account needs
  // the right to pass through folders and nothing more. initdb checks with access(2), which
  // respects that right only with no_setuid_fixup. All other rights are dropped at the exec.
  const walk = [binary, dataDir].every((target) => canReach(target, uid))
    ? []
    : [
        '--inh-caps=-all,+dac_read_search',
        '--ambient-caps=+dac_read_search',
        '--securebits=+no_setuid_fixup'
      ]
  return {
    own: (target) => fs.chownSync(target, uid, gid),
    command: (program, args) => [
      'setpriv',
      [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...walk, '--', program, ...args]
    ]
  }
}

function findAccount(): { uid: number; gid: number } | undefined {
  const entry = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'postgres')
  return entry && { uid: Number(entry[2]), gid: Number(entry[3]) }
}

function createAccount(): { uid: number; gid: number } {
  const made = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
    { encoding: 'utf8' }
  )
  const account = findAccount()
  if (!account)
    throw new EvenhandError(
      'DATABASE_START',
      `PostgreSQL does not run as root and the account "postgres" could not be made: ${made.stderr || made.error}`
    )
  return account
}

function canReach(target: string, uid: number): boolean {
  for (let folder = target; ; folder = path.dirname(folder)) {
    const { mode, uid: owner } = fs.statSync(folder)
    if (!(mode & 0o001) && !(owner === uid && mode & 0o100)) return false
    if (folder === path.dirname(folder)) return true
  }
}
