/** The letter of a reply that goes by post, and the files that went with any reply. */
import { sql } from 'kysely'
import type { Runtime } from '../runtime.ts'
import { letterPdf } from './letter.ts'

/** The PDF of a reply by letter; undefined for any other. */
export async function letterOf(
  { db, agency }: Pick<Runtime, 'db' | 'agency'>,
  replyId: string
): Promise<{ readonly name: string; readonly bytes: Uint8Array } | undefined> {
  const { rows } = await sql<{
    receipt: string
    department: string
    name: string | null
    address: string
    language: string
    text: string
    date: Date
    enclosed: string[]
  }>`
    select contacts.receipt, cases.department, name, address, answers.language, text,
      coalesce(decided_at, written_at) as date, array(select name from answer_files
        where answer_id = answers.id order by position) as enclosed
    from answers join contacts on contacts.id = answers.contact_id
      join cases on cases.id = answers.case_id
    where answers.id = ${replyId} and way = 'letter'`.execute(db)
  const [letter] = rows
  return (
    letter && {
      name: `letter-${letter.receipt}.pdf`,
      bytes: await letterPdf({ ...letter, name: letter.name ?? undefined }, agency())
    }
  )
}

/** One of the files of a reply, counted from 1. */
export async function fileOfReply(
  { db, blobs }: Pick<Runtime, 'db' | 'blobs'>,
  replyId: string,
  number: number
): Promise<
  { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array } | undefined
> {
  const row = await db
    .selectFrom('answer_files')
    .select(['name', 'media_type', 'sha256'])
    .where('answer_id', '=', replyId)
    .orderBy('position')
    .offset(number - 1)
    .limit(1)
    .executeTakeFirst()
  return row && { name: row.name, mediaType: row.media_type, bytes: await blobs.get(row.sha256) }
}
