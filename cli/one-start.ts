/**
 * One whole start to a data folder: a file in it names the process, and is worth nothing once that
 * process is gone.
 */
import fs from 'node:fs'
import path from 'node:path'
import { randomUUID } from 'node:crypto'
import { EvenhandError } from '../platform/errors.ts'

/** @throws EvenhandError ALREADY_RUNNING naming the process */
export function lockDataFolder(dataDir: string): { stop(): void } {
  fs.mkdirSync(dataDir, { recursive: true })
  const file = path.join(dataDir, 'start.lock')
  const own = `${process.pid} ${bornAt(process.pid) ?? ''}`
  if (!tryWrite(file, own)) {
    const holder = readHolder(file)
    if (holder !== undefined)
      throw new EvenhandError('ALREADY_RUNNING', `process ${holder}, DATA_DIR ${dataDir}`)
    fs.rmSync(file, { force: true })
    if (!tryWrite(file, own))
      throw new EvenhandError(
        'ALREADY_RUNNING',
        `another that was started just now, DATA_DIR ${dataDir}`
      )
  }
  return {
    stop: () => {
      if (fs.readFileSync(file, 'utf8') === own) fs.rmSync(file)
    }
  }
}

/** Appears with its content or not at all. */
function tryWrite(file: string, content: string): boolean {
  const temporary = `${file}.${randomUUID()}`
  fs.writeFileSync(temporary, content, { mode: 0o600 })
  try {
    fs.linkSync(temporary, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

/**
 * The process that holds it, if it is still the one that wrote it: a number is given again to
 * strangers.
 */
function readHolder(file: string): number | undefined {
  const [pid, born] = fs.readFileSync(file, 'utf8').split(' ')
  return pid && isAlive(Number(pid)) && (bornAt(Number(pid)) ?? '') === born
    ? Number(pid)
    : undefined
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Boot and moment of a process's start (proc(5): the 22nd field of stat); undefined outside Linux,
 * and for one that is only not yet reaped.
 */
function bornAt(pid: number): string | undefined {
  try {
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z'
      ? undefined
      : `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}
