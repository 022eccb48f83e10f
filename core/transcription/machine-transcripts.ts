/**
 * What machines made of recordings. A transcript is an annotation with its confidence: it is shown
 * beside the recording and laid before the person who gives the text; nothing is decided by it. Any
 * engine writes here, by its own name.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { storableText } from '../../platform/text/storable.ts'
import type { CallTranscript } from '../intake/call-transcript.ts'
import { hasChannelWith } from '../intake/channel-conditions.ts'

/** An hour of speech is about 60,000 characters. */
const TEXT_LIMIT = 100_000

/** Keeps a transcript; of several by one engine the last completed one. */
export async function recordTranscript(
  db: Db,
  { callId, recordingId, engine, status, text, language, confidence }: CallTranscript
): Promise<void> {
  const row = {
    call_id: callId,
    recording_id: recordingId,
    engine,
    status,
    text: storableText(text).slice(0, TEXT_LIMIT).toWellFormed(),
    language: language ?? null,
    confidence: confidence ?? null
  }
  await db
    .insertInto('call_transcripts')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['call_id', 'recording_id', 'engine'])
        .doUpdateSet({
          status: row.status,
          text: row.text,
          language: row.language,
          confidence: row.confidence,
          received_at: sql`now()`
        })
        .where(sql<boolean>`excluded.status = 'completed' or call_transcripts.status = 'failed'`)
    )
    .execute()
}

export interface Annotation {
  readonly engine: string
  readonly text: string
  readonly language: string | undefined
  readonly confidence: number | undefined
}

/**
 * What machines made of a contact's recording, if anything yet; the surest first. The contact's
 * identity (`callIdentity`) is taken apart, so that the transcripts' key is looked up.
 */
export async function transcriptsOf(db: Db, contactId: string): Promise<Annotation[]> {
  const rows = await db
    .selectFrom('contacts')
    .innerJoin('call_transcripts', (join) =>
      join.on(
        sql<boolean>`call_transcripts.call_id = split_part(contacts.external_id, '/', 1)
            and call_transcripts.recording_id = split_part(contacts.external_id, '/', 2)`
      )
    )
    .select(['engine', 'text', 'language', 'confidence'])
    .where('contacts.id', '=', contactId)
    .where(hasChannelWith('contacts.channel', ({ medium }) => medium === 'voice'))
    .where('status', '=', 'completed')
    .where('text', '<>', '')
    .orderBy(sql`confidence desc nulls last`)
    .orderBy('engine')
    .execute()
  return rows.map(({ engine, text, language, confidence }) => ({
    engine,
    text,
    language: language ?? undefined,
    confidence: confidence ?? undefined
  }))
}
