/** Files that go along with a reply that is being written. */
import { lockNames } from '../../platform/db/advisory-locks.ts'
import type { Db } from '../../platform/db/database.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { replyFiles } from './limits.ts'

export interface DraftFile {
  readonly position: number
  readonly name: string
  readonly mediaType: string
  readonly bytes: number
  readonly sha256: string
}

export async function draftFiles(db: Db, caseId: string, author: string): Promise<DraftFile[]> {
  const rows = await db
    .selectFrom('draft_files')
    .select(['position', 'name', 'media_type', 'bytes', 'sha256'])
    .where('case_id', '=', caseId)
    .where('author', '=', author)
    .orderBy('position')
    .execute()
  return rows.map(({ media_type: mediaType, ...row }) => ({ ...row, mediaType }))
}

/** Adds files whose bytes are stored. @throws REPLY_FILES over a bound; then none is added */
export async function addDraftFiles(
  db: Db,
  caseId: string,
  author: string,
  files: readonly Omit<DraftFile, 'position'>[]
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockNames(trx, 'draft', [`${caseId} ${author}`], 'exclusive')
    const before = await draftFiles(trx, caseId, author)
    const bytes = [...before, ...files].reduce((sum, file) => sum + file.bytes, 0)
    if (before.length + files.length > replyFiles.count || bytes > replyFiles.bytes)
      throw new EvenhandError('REPLY_FILES')
    const next = (before.at(-1)?.position ?? 0) + 1
    for (const [index, { name, mediaType, bytes: size, sha256 }] of files.entries())
      await trx
        .insertInto('draft_files')
        .values({
          case_id: caseId,
          author,
          position: next + index,
          name,
          media_type: mediaType,
          bytes: size,
          sha256
        })
        .execute()
  })
}

export async function removeDraftFile(
  db: Db,
  { caseId, author, position }: { caseId: string; author: string; position: number }
): Promise<void> {
  await db
    .deleteFrom('draft_files')
    .where('case_id', '=', caseId)
    .where('author', '=', author)
    .where('position', '=', position)
    .execute()
}

/** Of a reply that was sent. */
export async function dropDraftFiles(trx: Db, caseId: string, author: string): Promise<void> {
  await trx
    .deleteFrom('draft_files')
    .where('case_id', '=', caseId)
    .where('author', '=', author)
    .execute()
}
