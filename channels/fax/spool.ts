/** The spool folder: a fax server puts a TIFF or PDF there, with a few facts beside it; it is moved to `done` once it is accepted. */
import fs from 'node:fs/promises'
import path from 'node:path'
import type { ChannelService, Intake } from '../../core/channel.ts'
import { FolderWatch, moveAside, type FolderOptions, type StillFile } from '../../core/folders/watch.ts'
import { looksWhole } from '../../core/folders/whole.ts'
import type { FaxFacts } from './facts.ts'
import { MAX_FAX_BYTES, MAX_SIDECAR_BYTES, PATIENCE_MS } from './limits.ts'
import { isFaxName, spooledFax } from './raw-contact.ts'
import { factsOfName, readSidecar, sidecarNames } from './sidecar.ts'

export interface SpoolOptions extends Pick<FolderOptions, 'everyMs' | 'stillMs'> {
  readonly patienceMs?: number
}

/** Where a fax server puts what it received. */
export function spoolFolder(dataDir: string): string {
  return path.join(dataDir, 'fax')
}

/** Looks through `DATA_DIR/fax` in every process that has the role `worker`. */
export function spoolService(collect: Intake): ChannelService {
  return {
    role: 'worker', name: 'fax',
    async start() {
      const watch = spoolWatch(collect)
      await watch.start()
      return { stop: () => watch.stop() }
    }
  }
}

export function spoolWatch(collect: Intake, { patienceMs = PATIENCE_MS, ...times }: SpoolOptions = {}): FolderWatch {
  const folder = spoolFolder(collect.settings.DATA_DIR)
  return new FolderWatch({ folder, log: collect.log, takes: isFaxName, take: (file) => take(collect, folder, file, patienceMs), ...times })
}

async function take(collect: Intake, folder: string, file: StillFile, patienceMs: number): Promise<boolean> {
  if (file.bytes > MAX_FAX_BYTES) return tooLarge(collect, folder, file)
  const bytes = await fs.readFile(file.path).catch(orGone)
  // Another process has moved it.
  if (!bytes) return true
  // A fax that broke off is a delivery too; only its writer may still be resting.
  if (!looksWhole(bytes) && file.stillMs < patienceMs) return false
  const beside = await readBeside(folder, file.name)
  await collect.accept(spooledFax(file.name, bytes, { ...factsOfName(file.name), ...beside?.facts }, beside && (beside.readable ? 'read' : 'unreadable')))
  // The fax last: as long as it lies here it is taken again, with what is said about it.
  const done = path.join(folder, 'done')
  if (beside) await moveAside(beside, done)
  return moveAside(file, done)
}

/** Set aside for the administrator, who is told; it is a thousand pages, or no fax. */
async function tooLarge(collect: Intake, folder: string, file: StillFile): Promise<boolean> {
  collect.alert('fax-too-large', `A file in the fax folder has ${file.bytes} bytes, over ${MAX_FAX_BYTES}; it was moved to "too-large" there.`)
  return moveAside(file, path.join(folder, 'too-large'))
}

interface Beside { readonly path: string, readonly bytes: number, readonly mtimeMs: number, readonly facts: FaxFacts, readonly readable: boolean }

async function readBeside(folder: string, name: string): Promise<Beside | undefined> {
  for (const candidate of sidecarNames(name)) {
    const file = path.join(folder, candidate)
    const stats = await fs.stat(file).catch(orGone)
    if (!stats?.isFile()) continue
    const read = stats.size <= MAX_SIDECAR_BYTES ? readSidecar(await fs.readFile(file, 'utf8')) : { facts: {}, readable: false }
    return { path: file, bytes: stats.size, mtimeMs: stats.mtimeMs, ...read }
  }
  return undefined
}

function orGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
