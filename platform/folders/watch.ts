/**
 * Watches a folder that others write into (a fax server, scanners over SMB). It is scanned again
 * and again, because inotify does not report what another machine writes over NFS or SMB, and a
 * file that could not be accepted must be tried again anyway. Several processes may watch one
 * folder: a file taken twice has the same identity and is accepted once.
 */
import type { Dirent, Stats } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { asEvenhandError } from '../errors.ts'
import type { Log } from '../logger.ts'

/** How often a folder is scanned, in ms. For a fax or a letter a few seconds do not matter. */
const EVERY_MS = 2_000
/**
 * A file is taken once its size and time have not changed for this long, in ms: SMB clients write
 * in bursts a second or two apart.
 */
const STILL_MS = 4_000
/**
 * Most names read in one scan. A folder with more holds a year of files; the rest is read once
 * these are gone.
 */
const MOST_NAMES = 10_000

/** A file that nobody seems to be writing to any more. */
export interface StillFile {
  readonly path: string
  /** Path below the folder, with "/" between its parts. */
  readonly name: string
  readonly bytes: number
  readonly mtimeMs: number
  /** How long it has not changed while we watched, in ms. */
  readonly stillMs: number
}

export interface FolderOptions {
  readonly folder: string
  readonly log: Log
  /** How many levels of sub-folders are scanned. */
  readonly depth?: number
  /**
   * Whether a file of this name is to be taken. Names with a leading dot are always skipped,
   * because they are still being written, and so is the folder `done`.
   */
  takes(name: string): boolean
  /**
   * Takes a file and moves it aside (`moveAside`). Returns false if the file should come up again.
   * If it throws, the file stays in place; an error that another try may cure (database down) ends
   * this scan.
   */
  take(file: StillFile): Promise<boolean>
  readonly everyMs?: number
  readonly stillMs?: number
}

interface Seen {
  readonly bytes: number
  readonly mtimeMs: number
  readonly since: number
}

export class FolderWatch {
  readonly #options: FolderOptions
  readonly #stillMs: number
  #seen = new Map<string, Seen>()
  #looking: Promise<number> | undefined
  #timer: NodeJS.Timeout | undefined
  #missing = false
  #stopped = false

  constructor(options: FolderOptions) {
    this.#options = options
    this.#stillMs = options.stillMs ?? STILL_MS
  }

  /** Creates the folder if there is none, and scans it until `stop`. */
  async start(): Promise<void> {
    await fs.mkdir(this.#options.folder, { recursive: true, mode: 0o700 })
    const round = async () => {
      await this.look()
      if (!this.#stopped)
        this.#timer = setTimeout(() => void round(), this.#options.everyMs ?? EVERY_MS)
    }
    void round()
  }

  /** Finishes the current file first. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  /**
   * Scans once and takes the files that have not changed since an earlier scan. Returns how many
   * were taken; never throws.
   */
  look(): Promise<number> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #look(): Promise<number> {
    let taken = 0
    for (const file of await this.#standing()) {
      if (this.#stopped) break
      const outcome = await this.#take(file)
      if (outcome === 'down') break
      if (outcome === 'taken') taken++
    }
    return taken
  }

  /** The files that have not changed since an earlier scan, for long enough. */
  async #standing(): Promise<StillFile[]> {
    const now = performance.now()
    const found = (await this.#list()).map(({ name, stats: { size: bytes, mtimeMs } }) => {
      const before = this.#seen.get(name)
      const same = before?.bytes === bytes && before.mtimeMs === mtimeMs
      return { name, bytes, mtimeMs, same, since: same ? before.since : now }
    })
    this.#seen = new Map(
      found.map(({ name, bytes, mtimeMs, since }) => [name, { bytes, mtimeMs, since }])
    )
    return found
      .filter(({ same, since }) => same && now - since >= this.#stillMs)
      .map(({ name, bytes, mtimeMs, since }) => ({
        path: path.join(this.#options.folder, name),
        name,
        bytes,
        mtimeMs,
        stillMs: now - since
      }))
  }

  async #take(file: StillFile): Promise<'taken' | 'later' | 'down'> {
    try {
      return (await this.#options.take(file)) ? 'taken' : 'later'
    } catch (error) {
      const failure = asEvenhandError(error)
      // The file's name is not logged: it may hold a resident's number.
      this.#options.log.warn(
        { err: failure, code: failure.code },
        'a file stays in its folder; it is tried again'
      )
      return failure.retry && failure.code !== 'INTERNAL' ? 'down' : 'later'
    }
  }

  async #list(): Promise<{ name: string; stats: Stats }[]> {
    const found: { name: string; stats: Stats }[] = []
    try {
      await this.#listInto(found, '', this.#options.depth ?? 0)
      this.#missing = false
    } catch (error) {
      if (!this.#missing)
        this.#options.log.error(
          { code: (error as NodeJS.ErrnoException).code },
          'a watched folder cannot be looked through'
        )
      this.#missing = true
    }
    // Oldest first; files of the same second in the order of their names.
    return found.sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs || (a.name < b.name ? -1 : 1))
  }

  async #listInto(
    found: { name: string; stats: Stats }[],
    below: string,
    depth: number
  ): Promise<void> {
    const { folder, takes } = this.#options
    for (const entry of await fs.readdir(path.join(folder, below), { withFileTypes: true })) {
      if (found.length >= MOST_NAMES) return
      const name = below ? `${below}/${entry.name}` : entry.name
      if (isPassedOver(entry, below)) continue
      if (entry.isDirectory()) {
        if (depth > 0) await this.#listInto(found, name, depth - 1)
      } else if (entry.isFile() && takes(name)) {
        const stats = await fs.stat(path.join(folder, name)).catch(() => undefined)
        if (stats) found.push({ name, stats })
      }
    }
  }
}

function isPassedOver(entry: Dirent, below: string): boolean {
  return (
    entry.name.startsWith('.') || (below === '' && entry.isDirectory() && entry.name === 'done')
  )
}

/**
 * Moves a taken file to another folder of the same file system, under a name that is free there.
 * Returns false, and leaves the file, if it has changed (a writer came back to it). Returns true
 * also if another process has already moved it.
 */
export async function moveAside(
  file: Pick<StillFile, 'path' | 'bytes' | 'mtimeMs'>,
  folder: string,
  name = path.basename(file.path)
): Promise<boolean> {
  const stats = await fs.stat(file.path).catch(() => undefined)
  if (!stats) return true
  if (stats.size !== file.bytes || stats.mtimeMs !== file.mtimeMs) return false
  await fs.mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await fs.rename(file.path, await freeName(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return true
}

async function freeName(folder: string, name: string): Promise<string> {
  const { name: stem, ext } = path.parse(name)
  for (let number = 1; ; number++) {
    const candidate = path.join(folder, number === 1 ? name : `${stem}-${number}${ext}`)
    if (
      await fs.stat(candidate).then(
        () => false,
        () => true
      )
    )
      return candidate
  }
}
