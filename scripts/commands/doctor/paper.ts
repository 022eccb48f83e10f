/** Paper: trays that wait for a person or that nobody has ended, and scans that lie in the watched folder. */
import fs from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import type { Settings } from '../../../config/settings.ts'
import type { Db } from '../../../core/db/database.ts'
import { counted, describeAge, guarded, ok, warn, type Check } from './check.ts'

/** A scan is taken within seconds, one without its end in ten minutes; this is neither. */
const LYING_MS = 30 * 60_000

/** Batches that a worker should move on, where nothing moved for as long: being read, being released, or with letters whose document is not made. */
async function countStuck(db: Db): Promise<{ stuck: number; since: number }> {
  const { rows } = await sql<{ stuck: number; since: number }>`
    select count(*)::int as stuck, coalesce(extract(epoch from clock_timestamp() - min(updated_at)), 0)::float8 * 1000 as since from batches
    where updated_at < now() - make_interval(secs => ${LYING_MS / 1000}) and (
      state <> 'released' and (state = 'reading' or release_by is not null or exists (select from scans where batch_id = batches.id and scans.state in ('stored', 'reading')))
      or state = 'released' and id in (select batch_id from letters where live and made_of is null))`.execute(db)
  return rows[0]!
}

export async function checkTrays(db: Db): Promise<Check[]> {
  const { rows: [trays] } = await sql<{ held: number; oldest: number; open: number; longest: number }>`
    select count(*) filter (where state = 'held')::int as held, coalesce(extract(epoch from clock_timestamp() - min(received_at) filter (where state = 'held')), 0)::float8 * 1000 as oldest,
      count(*) filter (where state = 'scanning' and logged_at < now() - interval '1 day')::int as open, coalesce(extract(epoch from clock_timestamp() - min(received_at) filter (where state = 'scanning')), 0)::float8 * 1000 as longest
    from batches where state <> 'released'`.execute(db)
  const { held, oldest, open, longest } = trays!
  const { stuck, since } = await countStuck(db)
  const checks = [
    ...(stuck > 0 ? [warn('trays', `${counted(stuck, 'tray')} of letters being read or released and not moved for over 30 minutes, the longest for ${describeAge(since)}`, 'Is a worker running? Its log says which scan or letter failed and why. Their places are kept.')] : []),
    ...(held > 0 ? [warn('trays', `${counted(held, 'tray')} of letters held, the oldest for ${describeAge(oldest)}`, 'The mailroom bench says what is amiss with each. Their places are kept.')] : []),
    ...(open > 0 ? [warn('trays', `${counted(open, 'tray')} logged and not ended, the oldest for ${describeAge(longest)}`, 'Say at the mailroom bench that all scans are in, or scan what is missing.')] : [])
  ]
  return checks.length > 0 ? checks : [ok('trays', 'no tray of letters waits for a person')]
}

export async function checkScans({ DATA_DIR }: Settings): Promise<Check[]> {
  return guarded('scans-folder', 'Check owner and rights of DATA_DIR/scans: Evenhand\'s account reads and moves what the scanners write.', async () => {
    const folder = path.join(DATA_DIR, 'scans')
    const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true }).catch(orNone)
    if (!entries) return [ok('scans-folder', 'no folder for scans yet; a worker makes it at its start')]
    await fs.access(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
    const files = entries.filter((entry) => entry.isFile() && !path.relative(folder, entry.parentPath).split(path.sep).includes('done'))
    const lying = (await Promise.all(files.map((entry) => isLying(path.join(entry.parentPath, entry.name))))).filter(Boolean).length
    if (lying === 0) return [ok('scans-folder', `nothing waits in ${folder}`)]
    return [warn('scans-folder', `${counted(lying, 'file')} in ${folder} waited for over 30 minutes`, 'Is a worker running, and may its account move the files? Names such as *.tmp and folders within folders are left alone.')]
  })
}

function orNone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

async function isLying(file: string): Promise<boolean> {
  const stats = await fs.stat(file).catch(orNone)
  return stats !== undefined && Date.now() - stats.mtimeMs > LYING_MS
}
