/** Files that go along with a reply. */
import { sql } from 'kysely'
import type { Runtime } from '../runtime.ts'

export interface AnswerFile {
  readonly name: string
  readonly mediaType: string
  readonly content: Uint8Array
}

/** The files of a reply with their bytes, in the order they were added. */
export async function readAnswerFiles(
  { db, blobs }: Pick<Runtime, 'db' | 'blobs'>,
  answerId: string
): Promise<AnswerFile[]> {
  const { rows } = await sql<{ name: string; mediaType: string; sha256: string }>`
    select name, media_type as "mediaType", sha256 from answer_files
    where answer_id = ${answerId} order by position`.execute(db)
  const files: AnswerFile[] = []
  for (const { name, mediaType, sha256 } of rows)
    files.push({ name, mediaType, content: await blobs.get(sha256) })
  return files
}
