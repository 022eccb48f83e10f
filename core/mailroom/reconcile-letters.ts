/**
 * Keeps one row per letter. The row belongs to the sheet that begins the letter, and is used again
 * if a split is taken back.
 */
import type { Db } from '../../platform/db/database.ts'
import { newId } from '../../platform/ids.ts'
import type { Sorted } from './lay-out-batch.ts'

/**
 * Creates rows for sheets that now begin a letter, and sets aside the rows of those that no longer
 * do. The caller has locked the batch.
 */
export async function reconcileLetters(
  trx: Db,
  { batch, letters, contents }: Sorted
): Promise<void> {
  const firsts = contents.map(([first]) => first!.row)
  const known = new Map(letters.map((letter) => [`${letter.scan_id}/${letter.page}`, letter]))
  const missing = firsts.filter(({ scan_id, page }) => !known.has(`${scan_id}/${page}`))
  if (missing.length > 0)
    await trx
      .insertInto('letters')
      .values(
        missing.map(({ scan_id, page }) => ({ id: newId(), batch_id: batch.id, scan_id, page }))
      )
      .execute()
  const wanted = new Set(firsts.map(({ scan_id, page }) => `${scan_id}/${page}`))
  const back = letters
    .filter((letter) => !letter.live && wanted.has(`${letter.scan_id}/${letter.page}`))
    .map(({ id }) => id)
  const gone = letters
    .filter((letter) => letter.live && !wanted.has(`${letter.scan_id}/${letter.page}`))
    .map(({ id }) => id)
  if (back.length > 0)
    await trx
      .updateTable('letters')
      .set({ live: true, joined_to: null, joined_by: null, unfollowed: null })
      .where('id', 'in', back)
      .execute()
  if (gone.length > 0)
    await trx.updateTable('letters').set({ live: false }).where('id', 'in', gone).execute()
}
