/**
 * Where originals are kept: room, rights, and whether a write that was confirmed is really on disk.
 */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Settings } from '../../config/settings.ts'
import { fail, guarded, ok, warn, type Check } from './check.ts'

const GB = 1024 ** 3
/** The embedded PostgreSQL may write 2 GB of log ahead between two checkpoints. */
const ROOM_WANTED = 4 * GB
/** Below this a day of scans can stop intake. */
const ROOM_NEEDED = GB / 2

export async function checkStorage(settings: Settings): Promise<Check[]> {
  const folder = await nearestExisting(settings.DATA_DIR)
  return [
    ...(await guarded('disk', 'Check that DATA_DIR names a folder on a mounted disk.', async () => [
      await checkRoom(folder)
    ])),
    ...(await guarded(
      'disk-writes',
      `The account that runs Evenhand needs to write in ${folder}; check owner, rights and mount options.`,
      async () => [await checkWrites(folder)]
    )),
    ...(await guarded('blobs', 'Check owner and rights of the folder.', async () => [
      await checkBlobs(settings.DATA_DIR)
    ])),
    ...(await guarded('rights', 'Check owner and rights of the folder.', () =>
      checkRights(settings.DATA_DIR)
    ))
  ]
}

/** DATA_DIR, or the folder it will be made in. */
async function nearestExisting(folder: string): Promise<string> {
  const found = await fs.stat(folder).catch(() => undefined)
  return found || folder === path.dirname(folder) ? folder : nearestExisting(path.dirname(folder))
}

async function checkRoom(folder: string): Promise<Check> {
  const { bavail, bsize } = await fs.statfs(folder)
  const room = bavail * bsize
  const finding = `${(room / GB).toFixed(1)} GB free at ${folder}`
  const advice =
    'Free space or move DATA_DIR to a larger disk; with a full disk senders are told to try later.'
  if (room < ROOM_NEEDED) return fail('disk', finding, advice)
  return room < ROOM_WANTED ? warn('disk', finding, advice) : ok('disk', finding)
}

/** What storing an original does: write, fsync, rename, fsync of the folder. */
async function checkWrites(folder: string): Promise<Check> {
  const temporary = path.join(folder, `.evenhand-doctor-${randomUUID()}`)
  const started = performance.now()
  try {
    await fs.writeFile(temporary, 'doctor', { flag: 'wx', mode: 0o600, flush: true })
    await fs.rename(temporary, `${temporary}.moved`)
    const handle = await fs.open(folder)
    await handle.sync().finally(() => handle.close())
  } finally {
    await fs.rm(temporary, { force: true })
    await fs.rm(`${temporary}.moved`, { force: true })
  }
  return ok(
    'disk-writes',
    `a file was written, renamed and flushed to disk in ${Math.round(performance.now() - started)} ms`
  )
}

async function checkBlobs(dataDir: string): Promise<Check> {
  const folder = path.join(dataDir, 'blobs')
  const found = await fs.stat(folder).catch(() => undefined)
  if (!found) return ok('blobs', 'no large original stored yet; the folder is made with the first')
  await fs.access(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
  return ok('blobs', `${(await fs.readdir(folder)).length} of 256 folders in use in ${folder}`)
}

/** Folders that hold what residents wrote are for Evenhand's account alone. */
async function checkRights(dataDir: string): Promise<Check[]> {
  const checks: Check[] = []
  for (const name of ['postgres', 'blobs', 'outbox']) {
    const found = await fs.stat(path.join(dataDir, name)).catch(() => undefined)
    if (found && found.mode & 0o077)
      checks.push(
        warn(
          'rights',
          `${path.join(dataDir, name)} is open to other accounts (mode ${(found.mode & 0o777).toString(8)})`,
          `chmod 700 ${path.join(dataDir, name)}`
        )
      )
  }
  return checks.length > 0
    ? checks
    : [ok('rights', "what residents wrote can be read by Evenhand's account alone")]
}
