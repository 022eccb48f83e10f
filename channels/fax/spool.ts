/**
 * The spool folder, into which a fax server puts a TIFF or PDF and perhaps a sidecar. The file is
 * moved to `done` once it is accepted.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import type { ChannelService, Intake } from '../../core/intake/channel.ts'
import {
  FolderWatch,
  moveAside,
  type FolderOptions,
  type StillFile
} from '../../platform/folders/watch.ts'
import { looksWhole } from '../../platform/folders/whole.ts'
import type { FaxFacts } from './facts.ts'
import { MAX_FAX_BYTES, MAX_SIDECAR_BYTES, PATIENCE_MS } from './limits.ts'
import { isFaxName, spooledFax } from './raw-contact.ts'
import { factsOfName, readSidecar, sidecarNames } from './sidecar.ts'

export interface SpoolOptions extends Pick<FolderOptions, 'everyMs' | 'stillMs'> {
  readonly patienceMs?: number
}

/** The folder where a fax server puts received faxes. */
export function spoolFolder(dataDir: string): string {
  return path.join(dataDir, 'fax')
}

/** Scans `DATA_DIR/fax` in every process that has the role `worker`. */
export function spoolService(intake: Intake): ChannelService {
  return {
    role: 'worker',
    name: 'fax',
    async start() {
      const watch = spoolWatch(intake)
      await watch.start()
      return { stop: () => watch.stop() }
    }
  }
}

export function spoolWatch(
  intake: Intake,
  { patienceMs = PATIENCE_MS, ...times }: SpoolOptions = {}
): FolderWatch {
  const folder = spoolFolder(intake.settings.DATA_DIR)
  return new FolderWatch({
    folder,
    log: intake.log,
    takes: isFaxName,
    take: (file) => take(intake, folder, file, patienceMs),
    ...times
  })
}

async function take(
  intake: Intake,
  folder: string,
  file: StillFile,
  patienceMs: number
): Promise<boolean> {
  if (file.bytes > MAX_FAX_BYTES) return tooLarge(intake, folder, file)
  const bytes = await fs.readFile(file.path).catch(orGone)
  // Another process has moved the file.
  if (!bytes) return true
  // A fax that broke off is a delivery too, but its writer may only be pausing.
  if (!looksWhole(bytes) && file.stillMs < patienceMs) return false
  const beside = await readBeside(folder, file.name)
  await intake.accept(
    spooledFax(
      file.name,
      bytes,
      { ...factsOfName(file.name), ...beside?.facts },
      beside && (beside.readable ? 'read' : 'unreadable')
    )
  )
  // The fax is moved last: as long as it is here it is taken again, together with its sidecar.
  const done = path.join(folder, 'done')
  if (beside) await moveAside(beside, done)
  return moveAside(file, done)
}

/** Moves the file aside and tells the administrator; it has over a thousand pages, or is no fax. */
async function tooLarge(intake: Intake, folder: string, file: StillFile): Promise<boolean> {
  intake.alert(
    'fax-too-large',
    `A file in the fax folder has ${file.bytes} bytes, over ${MAX_FAX_BYTES}; it was moved to "too-large" there.`
  )
  return moveAside(file, path.join(folder, 'too-large'))
}

interface Beside {
  readonly path: string
  readonly bytes: number
  readonly mtimeMs: number
  readonly facts: FaxFacts
  readonly readable: boolean
}

async function readBeside(folder: string, name: string): Promise<Beside | undefined> {
  for (const candidate of sidecarNames(name)) {
    const file = path.join(folder, candidate)
    const stats = await fs.stat(file).catch(orGone)
    if (!stats?.isFile()) continue
    const read =
      stats.size <= MAX_SIDECAR_BYTES
        ? readSidecar(await fs.readFile(file, 'utf8'))
        : { facts: {}, readable: false }
    return { path: file, bytes: stats.size, mtimeMs: stats.mtimeMs, ...read }
  }
  return undefined
}

function orGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
