/**
 * Reads a batch.yaml stored beside scans: the stamp, the count, which file holds fronts and which
 * backs.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { checkYaml } from '../../config/yaml-file.ts'
import type { Db } from '../../platform/db/database.ts'
import type { LoggedTray } from './tray.ts'

/** Bytes of a batch.yaml. It has a few lines; a larger file is something else. */
export const NOTE_LIMIT = 64 * 1024
export const NOTE_NAME = 'batch.yaml'

const noteSchema = z.strictObject({
  /** The received stamp, if it is not the time when the folder was first seen. */
  received: z.iso
    .datetime({ offset: true, error: 'a time with its zone, such as 2026-11-25T09:00:00-05:00' })
    .optional(),
  /** Mail address of the member of staff who is said to have stamped the tray. */
  clerk: z.email('the mail address of a member of staff').optional(),
  reason: z.string().max(2_000).optional(),
  expected: z.number().int().min(0).max(10_000).optional(),
  note: z.string().max(2_000).optional(),
  /** File name → which sides it holds. */
  sides: z.record(z.string(), z.enum(['both', 'fronts', 'backs'])).default({})
})

export type BatchNote = z.output<typeof noteSchema>

export interface ReadNote {
  readonly note: BatchNote | undefined
  /** What is wrong with the file, in sentences for mailroom staff. */
  readonly holdReasons: readonly string[]
}

export function readManifest(text: string | undefined): ReadNote {
  if (text === undefined) return { note: undefined, holdReasons: [] }
  if (text.length > NOTE_LIMIT)
    return { note: undefined, holdReasons: [`${NOTE_NAME} is too large and was not used.`] }
  const { value, problems } = checkYaml(NOTE_NAME, text, noteSchema)
  return {
    note: value,
    holdReasons: value
      ? []
      : [`The note beside the scans could not be used: ${problems.join('; ')}.`]
  }
}

/**
 * The tray that a batch.yaml describes. What cannot be accepted is left out and reported. Whoever
 * can write into the folder can write any clerk's address, so the clerk is only a claim: the actor
 * stays the system, and the batch is held until a person releases it.
 */
export async function trayOf(
  db: Db,
  note: BatchNote | undefined,
  actor: string
): Promise<{ tray: LoggedTray; holdReasons: string[] }> {
  const plain = {
    actor,
    ...(note?.expected === undefined ? {} : { expected: note.expected }),
    ...(note?.note === undefined ? {} : { note: note.note })
  }
  if (!note?.received) return { tray: plain, holdReasons: [] }
  const clerk = note.clerk && (await staffOf(db, note.clerk))
  if (!clerk)
    return {
      tray: plain,
      holdReasons: [
        `${NOTE_NAME} names no clerk of ours for its stamp of ${note.received}; the batch was stamped when it was seen.`
      ]
    }
  const holdReason = `The received stamp of ${note.received} was written in ${NOTE_NAME}, in the name of ${note.clerk}. Ask them, and release the batch only if they stamped it so.`
  return {
    tray: {
      ...plain,
      receivedAt: new Date(note.received),
      claim: { clerk, holdReason },
      ...(note.reason ? { reason: note.reason } : {})
    },
    holdReasons: []
  }
}

async function staffOf(db: Db, email: string): Promise<string | undefined> {
  const { rows } = await sql<{
    id: string
  }>`select id from staff where email = ${email.toLowerCase()} and disabled_at is null
      and role in ('mailroom', 'supervisor', 'admin')`.execute(db)
  return rows[0] && `staff:${rows[0].id}`
}
