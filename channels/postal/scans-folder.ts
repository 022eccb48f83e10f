/**
 * The watched folder DATA_DIR/scans: a sub-folder is a tray, a file at the top one of its own. A file leaves it only once it is durable.
 * It is looked through again and again (core/folders/watch.ts says why), and looking twice takes nothing twice.
 */
import { constants } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { ChannelService, Intake } from '../../core/channel.ts'
import { limits } from '../../core/documents/limits.ts'
import { EvenhandError } from '../../core/errors.ts'
import { FolderWatch, moveAside, type StillFile } from '../../core/folders/watch.ts'
import { looksWhole } from '../../core/folders/whole.ts'
import { NOTE_LIMIT, NOTE_NAME } from '../../core/mailroom/batch-note.ts'
import type { Hopper } from '../../core/mailroom/hopper.ts'

/** How often the folder is looked through, in ms. */
const EVERY_MS = 2_000
/** What scanners, copiers and desktops leave lying about, or write before they rename. */
const passing = /^(~\$|\.|_)|\.(tmp|temp|part|partial|crdownload|filepart|lock|swp|bak)$|^(thumbs\.db|desktop\.ini)$/i

/** Origin of files at the top; a sub-folder's is `scans/<name>`. */
export const ORIGIN = 'scans'

export function scansFolderService(collect: Intake): ChannelService {
  return {
    role: 'worker',
    name: 'scans',
    async start() {
      const folder = new ScansFolder(collect)
      await folder.start()
      return { stop: () => folder.stop() }
    }
  }
}

export class ScansFolder {
  readonly #collect: Intake
  readonly #hopper: Hopper
  readonly #root: string
  readonly #watch: FolderWatch
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #stopped = false

  constructor(collect: Intake) {
    this.#collect = collect
    this.#hopper = collect.hopper()
    this.#root = path.join(collect.settings.DATA_DIR, 'scans')
    this.#watch = new FolderWatch({
      folder: this.#root, log: collect.log, depth: 1, stillMs: collect.agency().mailroom.scans.settleSeconds * 1_000,
      takes: (name) => !passing.test(path.basename(name)) && path.basename(name) !== NOTE_NAME, take: (file) => this.#take(file)
    })
  }

  async start(): Promise<void> {
    await fs.mkdir(this.#root, { recursive: true, mode: 0o700 })
    // Files that lay at the top when a process was killed are a batch; what fell in since is none of it.
    await this.#finish(Infinity).catch((error: unknown) => this.#collect.log.debug({ err: error }, 'open batches could not be finished'))
    const again = async () => {
      this.#round = this.look()
      await this.#round
      if (!this.#stopped) this.#timer = setTimeout(() => void again(), EVERY_MS)
    }
    void again()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#watch.stop()
    await this.#round
  }

  /** One look: takes what stands still, then finishes batches that are complete. Never throws. */
  async look(): Promise<void> {
    await this.#mendNames().catch(() => undefined)
    await this.#watch.look()
    await this.#finish(this.#collect.agency().mailroom.scans.quietSeconds).catch((error: unknown) => this.#collect.log.debug({ err: error }, 'open batches could not be finished'))
  }

  async #take(file: StillFile): Promise<boolean> {
    const folder = path.dirname(file.name)
    const { settleSeconds, partialMinutes, done } = this.#collect.agency().mailroom.scans
    const name = path.basename(file.name)
    const patient = file.stillMs >= partialMinutes * 60_000
    const note = folder === '.' ? undefined : await this.#noteIn(folder, settleSeconds)
    if (note === 'being written' || !await this.#isOurs(file)) return false
    const chute = folder === '.' ? { origin: ORIGIN } : { origin: `${ORIGIN}/${folder}`, named: folder, ...(note === undefined ? {} : { note }) }
    const unfit = file.bytes > limits.documentBytes ? `is larger than ${limits.documentBytes / 1024 ** 2} MiB` : file.bytes === 0 ? 'is empty' : undefined
    if (unfit) return (file.bytes > 0 || patient) && this.#aside(file, await this.#hopper.tell(chute, `${name} ${unfit}: it was not read and lies in scans/done.`), 'move')
    const bytes = await readRegular(file)
    if (!bytes) return false
    const whole = looksWhole(bytes) && isWholeJpeg(bytes)
    if (!whole && !patient) return false
    const remark = whole ? {} : { remark: `${name} has no end: it was taken as it lay there for ${partialMinutes} minutes.` }
    return this.#aside(file, await this.#hopper.drop(chute, { name, bytes, ...remark }), done)
  }

  /** A folder that has become a link leads out of ours. */
  async #isOurs(file: StillFile): Promise<boolean> {
    const [root, folder] = await Promise.all([fs.realpath(this.#root), fs.realpath(path.dirname(file.path)).catch(() => '')])
    return folder === path.join(root, path.dirname(file.name))
  }

  /** Names that are no UTF-8 (old scanners write Latin-1) cannot be opened by what Node shows of them: they are given a name that can. */
  async #mendNames(): Promise<void> {
    const folders = [this.#root, ...(await fs.readdir(this.#root, { withFileTypes: true })).filter((entry) => entry.isDirectory() && entry.name !== 'done').map(({ name }) => path.join(this.#root, name))]
    for (const folder of folders) {
      for (const name of await fs.readdir(folder, { encoding: 'buffer' })) {
        if (Buffer.from(name.toString('utf8')).equals(name)) continue
        const mended = name.toString('latin1').replace(/[^\x20-\x7e]/g, '_')
        await fs.rename(Buffer.concat([Buffer.from(`${folder}/`), name]), path.join(folder, `${Date.now()}-${mended}`))
      }
    }
  }

  async #aside(file: StillFile, batchId: string, done: 'move' | 'delete'): Promise<boolean> {
    if (done === 'move') return moveAside(file, path.join(this.#root, 'done', batchId))
    const stats = await fs.stat(file.path).catch(() => undefined)
    if (stats && (stats.size !== file.bytes || stats.mtimeMs !== file.mtimeMs)) return false
    await fs.rm(file.path, { force: true })
    return true
  }

  /** The text of a folder's batch.yaml once it stands still; undefined where there is none. */
  async #noteIn(folder: string, settleSeconds: number): Promise<string | undefined> {
    const file = path.join(this.#root, folder, NOTE_NAME)
    const stats = await fs.lstat(file).catch(() => undefined)
    if (!stats?.isFile()) return undefined
    if (Date.now() - stats.mtimeMs < settleSeconds * 1_000 && stats.mtimeMs <= Date.now()) return 'being written'
    const bytes = await readRegular({ path: file, bytes: Math.min(stats.size, NOTE_LIMIT + 1), mtimeMs: stats.mtimeMs })
    return bytes?.toString('utf8')
  }

  /** Loose files of one look are a batch; a folder's batch is complete once nothing came for a while and nothing lies there. */
  async #finish(quietSeconds: number): Promise<void> {
    for (const open of await this.#hopper.listOpen(ORIGIN)) {
      if (open.origin === ORIGIN) { await this.#hopper.finish(open.batchId); continue }
      if (quietSeconds === Infinity) continue
      const folder = path.join(this.#root, open.origin.slice(ORIGIN.length + 1))
      const left = (await fs.readdir(folder, { withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile() && !passing.test(entry.name) && entry.name !== NOTE_NAME)
      if (left.length > 0 || open.quietSeconds < quietSeconds) continue
      await this.#hopper.finish(open.batchId)
      await this.#clear(folder, open.batchId)
    }
  }

  /** The note goes where the scans went; a folder with nothing in it goes too. */
  async #clear(folder: string, batchId: string): Promise<void> {
    const note = path.join(folder, NOTE_NAME)
    const stats = await fs.lstat(note).catch(() => undefined)
    if (stats?.isFile()) await moveAside({ path: note, bytes: stats.size, mtimeMs: stats.mtimeMs }, path.join(this.#root, 'done', batchId))
    await fs.rmdir(folder).catch(() => undefined)
  }
}

/** The bytes of a file that is still the one that was looked at: a link put in its place is not followed. */
async function readRegular({ path: file, bytes, mtimeMs }: Pick<StillFile, 'path' | 'bytes' | 'mtimeMs'>): Promise<Buffer | undefined> {
  const handle = await fs.open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ELOOP') return undefined
    throw new EvenhandError('INTAKE_STORE_DOWN', error.code, { cause: error })
  })
  if (!handle) return undefined
  try {
    const stats = await handle.stat()
    if (!stats.isFile() || stats.mtimeMs !== mtimeMs) return undefined
    const content = Buffer.alloc(bytes)
    const { bytesRead } = await handle.read(content, 0, bytes, 0)
    return bytesRead === bytes ? content : undefined
  } finally {
    await handle.close()
  }
}

/** A JPEG up to its end marker; scanners may pad it with zeros. */
function isWholeJpeg(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return true
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(-4_096).lastIndexOf(Buffer.from([0xff, 0xd9])) >= 0
}
