/**
 * The watched folder DATA_DIR/scans. Each sub-folder is a tray; loose files at the top make trays
 * of their own. A file is moved away only once it is stored durably. The folder is scanned again
 * and again (platform/folders/watch.ts says why), and nothing is taken twice.
 */
import { constants } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { ChannelService } from '../../core/intake/channel.ts'
import type { PostalIntake } from './intake.ts'
import { limits } from '../../core/documents/limits.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { FolderWatch, moveAside, type StillFile } from '../../platform/folders/watch.ts'
import { looksWhole } from '../../platform/folders/whole.ts'
import { NOTE_LIMIT, NOTE_NAME } from '../../core/mailroom/batch-manifest.ts'
import type { ScanIntake } from '../../core/intake/scan-intake.ts'

/** How often the folder is scanned, in ms. */
const EVERY_MS = 2_000
/** Files that scanners, copiers and desktops leave behind, or write before renaming. */
const passing =
  /^(~\$|\.|_)|\.(tmp|temp|part|partial|crdownload|filepart|lock|swp|bak)$|^(thumbs\.db|desktop\.ini)$/i

/** Origin of files at the top; that of a sub-folder is `scans/<name>`. */
export const ORIGIN = 'scans'

export function scansFolderService(intake: PostalIntake): ChannelService {
  return {
    role: 'worker',
    name: 'scans',
    async start() {
      const folder = new ScansFolder(intake)
      await folder.start()
      return { stop: () => folder.stop() }
    }
  }
}

export class ScansFolder {
  readonly #intake: PostalIntake
  readonly #scanIntake: ScanIntake
  readonly #root: string
  readonly #watch: FolderWatch
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #stopped = false

  constructor(intake: PostalIntake) {
    this.#intake = intake
    this.#scanIntake = intake.scanIntake()
    this.#root = path.join(intake.settings.DATA_DIR, 'scans')
    this.#watch = new FolderWatch({
      folder: this.#root,
      log: intake.log,
      depth: 1,
      stillMs: intake.agency().mailroom.scans.settleSeconds * 1_000,
      takes: (name) => !passing.test(path.basename(name)) && path.basename(name) !== NOTE_NAME,
      take: (file) => this.#take(file)
    })
  }

  async start(): Promise<void> {
    await fs.mkdir(this.#root, { recursive: true, mode: 0o700 })
    // Files that lay at the top when a process was killed are one batch, without those added since.
    await this.#finish(Infinity).catch((error: unknown) =>
      this.#intake.log.debug({ err: error }, 'open batches could not be finished')
    )
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

  /**
   * Scans once: takes files that no longer change, then finishes complete batches. Never throws.
   */
  async look(): Promise<void> {
    await this.#mendNames().catch(() => undefined)
    await this.#watch.look()
    await this.#finish(this.#intake.agency().mailroom.scans.quietSeconds).catch((error: unknown) =>
      this.#intake.log.debug({ err: error }, 'open batches could not be finished')
    )
  }

  async #take(file: StillFile): Promise<boolean> {
    const folder = path.dirname(file.name)
    const { settleSeconds, partialMinutes, done } = this.#intake.agency().mailroom.scans
    const name = path.basename(file.name)
    const patient = file.stillMs >= partialMinutes * 60_000
    const note = folder === '.' ? undefined : await this.#noteIn(folder, settleSeconds)
    if (note === 'being written' || !(await this.#isOurs(file))) return false
    const source =
      folder === '.'
        ? { origin: ORIGIN }
        : { origin: `${ORIGIN}/${folder}`, named: folder, ...(note === undefined ? {} : { note }) }
    const unfit =
      file.bytes > limits.documentBytes
        ? `is larger than ${limits.documentBytes / 1024 ** 2} MiB`
        : file.bytes === 0
          ? 'is empty'
          : undefined
    if (unfit)
      return (
        (file.bytes > 0 || patient) &&
        this.#aside(
          file,
          await this.#scanIntake.flag(
            source,
            `${name} ${unfit}: it was not read and lies in scans/done.`
          ),
          'move'
        )
      )
    const bytes = await readRegular(file)
    if (!bytes) return false
    const whole = looksWhole(bytes) && isWholeJpeg(bytes)
    if (!whole && !patient) return false
    const holdReason = whole
      ? {}
      : {
          holdReason: `${name} has no end: it was taken as it lay there for ${partialMinutes} minutes.`
        }
    return this.#aside(
      file,
      await this.#scanIntake.add(source, { name, bytes, ...holdReason }),
      done
    )
  }

  /** If a folder was replaced by a link, it leads outside our folder and is not followed. */
  async #isOurs(file: StillFile): Promise<boolean> {
    const [root, folder] = await Promise.all([
      fs.realpath(this.#root),
      fs.realpath(path.dirname(file.path)).catch(() => '')
    ])
    return folder === path.join(root, path.dirname(file.name))
  }

  /**
   * Renames files whose names are not UTF-8 (old scanners write Latin-1), because Node cannot open
   * them by the name it shows.
   */
  async #mendNames(): Promise<void> {
    const folders = [
      this.#root,
      ...(await fs.readdir(this.#root, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory() && entry.name !== 'done')
        .map(({ name }) => path.join(this.#root, name))
    ]
    for (const folder of folders) {
      for (const name of await fs.readdir(folder, { encoding: 'buffer' })) {
        if (Buffer.from(name.toString('utf8')).equals(name)) continue
        const mended = name.toString('latin1').replace(/[^\x20-\x7e]/g, '_')
        await fs.rename(
          Buffer.concat([Buffer.from(`${folder}/`), name]),
          path.join(folder, `${Date.now()}-${mended}`)
        )
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

  /**
   * The text of a folder's batch.yaml once the file no longer changes; undefined if there is none.
   */
  async #noteIn(folder: string, settleSeconds: number): Promise<string | undefined> {
    const file = path.join(this.#root, folder, NOTE_NAME)
    const stats = await fs.lstat(file).catch(() => undefined)
    if (!stats?.isFile()) return undefined
    if (Date.now() - stats.mtimeMs < settleSeconds * 1_000 && stats.mtimeMs <= Date.now())
      return 'being written'
    const bytes = await readRegular({
      path: file,
      bytes: Math.min(stats.size, NOTE_LIMIT + 1),
      mtimeMs: stats.mtimeMs
    })
    return bytes?.toString('utf8')
  }

  /**
   * Loose files found in one scan are a batch. A folder's batch is complete once nothing has come
   * for a while and no file is left in it.
   */
  async #finish(quietSeconds: number): Promise<void> {
    for (const open of await this.#scanIntake.listOpen(ORIGIN)) {
      if (open.origin === ORIGIN) {
        await this.#scanIntake.finish(open.batchId)
        continue
      }
      if (quietSeconds === Infinity) continue
      const folder = path.join(this.#root, open.origin.slice(ORIGIN.length + 1))
      const left = (await fs.readdir(folder, { withFileTypes: true }).catch(() => [])).filter(
        (entry) => entry.isFile() && !passing.test(entry.name) && entry.name !== NOTE_NAME
      )
      if (left.length > 0 || open.quietSeconds < quietSeconds) continue
      await this.#scanIntake.finish(open.batchId)
      await this.#clear(folder, open.batchId)
    }
  }

  /** Moves batch.yaml to where the scans went, and removes a folder that is then empty. */
  async #clear(folder: string, batchId: string): Promise<void> {
    const note = path.join(folder, NOTE_NAME)
    const stats = await fs.lstat(note).catch(() => undefined)
    if (stats?.isFile())
      await moveAside(
        { path: note, bytes: stats.size, mtimeMs: stats.mtimeMs },
        path.join(this.#root, 'done', batchId)
      )
    await fs.rmdir(folder).catch(() => undefined)
  }
}

/**
 * The bytes of a file, if it is still the one that was examined. A link put in its place is not
 * followed.
 */
async function readRegular({
  path: file,
  bytes,
  mtimeMs
}: Pick<StillFile, 'path' | 'bytes' | 'mtimeMs'>): Promise<Buffer | undefined> {
  const handle = await fs
    .open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
    .catch((error: NodeJS.ErrnoException) => {
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

/** A JPEG must have its end marker; scanners may pad it with zeros. */
function isWholeJpeg(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return true
  return (
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      .subarray(-4_096)
      .lastIndexOf(Buffer.from([0xff, 0xd9])) >= 0
  )
}
