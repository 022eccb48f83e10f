/**
 * Paper: trays that wait for a person or that nobody has ended, and scans that lie in the watched
 * folder.
 */
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Settings } from '../../config/settings.ts'
import { countStuckBatches, countWaitingBatches } from '../../core/mailroom/health.ts'
import type { Db } from '../../platform/db/database.ts'
import { counted, describeAge, guarded, ok, warn, type Check } from './check.ts'

/** A scan is taken within seconds, one without its end in ten minutes; this is neither. */
const LYING_MS = 30 * 60_000

export async function checkTrays(db: Db): Promise<Check[]> {
  const { held, oldest, open, longest } = await countWaitingBatches(db)
  const { stuck, since } = await countStuckBatches(db, LYING_MS / 1000)
  const checks = [
    ...(stuck > 0
      ? [
          warn(
            'trays',
            `${counted(stuck, 'tray')} of letters being read or released and not moved for over 30 minutes, the longest for ${describeAge(since)}`,
            'Is a worker running? Its log says which scan or letter failed and why. Their places are kept.'
          )
        ]
      : []),
    ...(held > 0
      ? [
          warn(
            'trays',
            `${counted(held, 'tray')} of letters held, the oldest for ${describeAge(oldest)}`,
            'The mailroom page says what is amiss with each. Their places are kept.'
          )
        ]
      : []),
    ...(open > 0
      ? [
          warn(
            'trays',
            `${counted(open, 'tray')} logged and not ended, the oldest for ${describeAge(longest)}`,
            'Say on the mailroom page that all scans are in, or scan what is missing.'
          )
        ]
      : [])
  ]
  return checks.length > 0 ? checks : [ok('trays', 'no tray of letters waits for a person')]
}

export async function checkScans({ DATA_DIR }: Settings): Promise<Check[]> {
  return guarded(
    'scans-folder',
    "Check owner and rights of DATA_DIR/scans: Evenhand's account reads and moves what the scanners write.",
    async () => {
      const folder = path.join(DATA_DIR, 'scans')
      const entries = await fs
        .readdir(folder, { recursive: true, withFileTypes: true })
        .catch(orNone)
      if (!entries)
        return [ok('scans-folder', 'no folder for scans yet; a worker makes it at its start')]
      await fs.access(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
      const files = entries.filter(
        (entry) =>
          entry.isFile() &&
          !path.relative(folder, entry.parentPath).split(path.sep).includes('done')
      )
      const lying = (
        await Promise.all(files.map((entry) => isLying(path.join(entry.parentPath, entry.name))))
      ).filter(Boolean).length
      if (lying === 0) return [ok('scans-folder', `nothing waits in ${folder}`)]
      return [
        warn(
          'scans-folder',
          `${counted(lying, 'file')} in ${folder} waited for over 30 minutes`,
          'Is a worker running, and may its account move the files? Names such as *.tmp and folders within folders are left alone.'
        )
      ]
    }
  )
}

function orNone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

async function isLying(file: string): Promise<boolean> {
  const stats = await fs.stat(file).catch(orNone)
  return stats !== undefined && Date.now() - stats.mtimeMs > LYING_MS
}
