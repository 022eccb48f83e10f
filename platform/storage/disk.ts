/** Whether the data folder can be written. This is tested by writing a small file to disk. */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { EvenhandError } from '../errors.ts'

/**
 * Least free bytes. PostgreSQL creates write-ahead segments of 16 MB in advance, and a fax or a
 * mail may have 64 MB.
 */
const LEAST_FREE = 64 * 1024 ** 2
/** As large as a common original, so that it needs disk blocks of its own. */
const PROBE = Buffer.alloc(64 * 1024, 'evenhand ')
/**
 * How long a result is reused, in ms, because anybody may ask and each check waits for the disk.
 */
const GOOD_FOR_MS = 2_000

/** Access to the disk; tests replace it by one that is full. */
export interface Disk {
  /** Free bytes at a folder that this program may use. */
  free(dir: string): Promise<number>
  /** Writes a file, syncs it to disk, and removes it. */
  probe(dir: string, bytes: Uint8Array): Promise<void>
}

export const realDisk: Disk = {
  async free(dir) {
    const { bavail, bsize } = await fs.statfs(dir)
    return bavail * bsize
  },
  async probe(dir, bytes) {
    const file = path.join(dir, `.room-${randomUUID()}`)
    try {
      await fs.writeFile(file, bytes, { flag: 'wx', flush: true })
    } finally {
      await fs.rm(file, { force: true })
    }
  }
}

/**
 * Checks a folder's disk at most once in two seconds; calls in between share the result. @throws
 * STORAGE_FULL from the returned function
 */
export function diskCheck(
  dir: string,
  disk: Disk = realDisk,
  now: () => number = Date.now
): () => Promise<void> {
  let last: { at: number; answer: Promise<void> } | undefined
  return () => {
    if (!last || now() - last.at >= GOOD_FOR_MS) last = { at: now(), answer: check(dir, disk) }
    return last.answer
  }
}

async function check(dir: string, disk: Disk): Promise<void> {
  try {
    const free = await disk.free(dir)
    if (free < LEAST_FREE)
      throw new EvenhandError('STORAGE_FULL', `${Math.floor(free / 1024 ** 2)} MB are free`)
    await disk.probe(dir, PROBE)
  } catch (error) {
    throw error instanceof EvenhandError
      ? error
      : new EvenhandError('STORAGE_FULL', (error as NodeJS.ErrnoException).code, { cause: error })
  }
}
