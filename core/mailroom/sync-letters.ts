/** Keeps a row for every letter: it belongs to the sheet the letter begins with, and comes back as it was when a split is taken back. */
import type { Db } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { Sorted } from './load.ts'

/** Makes rows for new beginnings, and puts those of beginnings that are none any more to rest. The caller has locked the batch. */
export async function syncLetters(trx: Db, { batch, letters, contents }: Sorted): Promise<void> {
  const firsts = contents.map(([first]) => first!.row)
  const known = new Map(letters.map((letter) => [`${letter.scan_id}/${letter.page}`, letter]))
  const missing = firsts.filter(({ scan_id, page }) => !known.has(`${scan_id}/${page}`))
  if (missing.length > 0) await trx.insertInto('letters').values(missing.map(({ scan_id, page }) => ({ id: newId(), batch_id: batch.id, scan_id, page }))).execute()
  const wanted = new Set(firsts.map(({ scan_id, page }) => `${scan_id}/${page}`))
  const back = letters.filter((letter) => !letter.live && wanted.has(`${letter.scan_id}/${letter.page}`)).map(({ id }) => id)
  const gone = letters.filter((letter) => letter.live && !wanted.has(`${letter.scan_id}/${letter.page}`)).map(({ id }) => id)
  if (back.length > 0) await trx.updateTable('letters').set({ live: true, joined_to: null, joined_by: null, unfollowed: null }).where('id', 'in', back).execute()
  if (gone.length > 0) await trx.updateTable('letters').set({ live: false }).where('id', 'in', gone).execute()
}
