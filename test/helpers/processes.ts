/**
 * Processes as /proc shows them: who started whom, and who is still there. Linux only, as the tests
 * are.
 */
import fs from 'node:fs'
import { until } from './until.ts'

/** A process that has ended may stay a zombie where nobody reaps it. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

export function childrenOf(pid: number): number[] {
  return fs
    .readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  await until(() => !pids.some(isRunning))
}

/** The embedded PostgreSQL of a data folder, while it runs. */
export function postgresOf(dataDir: string): number | undefined {
  const file = `${dataDir}/postgres/postmaster.pid`
  return fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').split('\n', 1)[0]) : undefined
}
