/** Row types of answers and their files, of notes, and of what is being written. */
import type { Generated, JSONColumnType } from 'kysely'
import type { ReplyWay } from '../outbox/reply-message.ts'
import type { DraftFields, DraftKind, SentWords, WindowWords } from './drafts.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    answers: {
      id: string
      campaign_id: string | null
      case_id: string | null
      contact_id: string | null
      way: ReplyWay | null
      address: string | null
      typed: Generated<boolean>
      name: string | null
      language: string | null
      subject: string | null
      text: string
      state: Generated<'proposed' | 'sent-back' | 'owed'>
      written_by: string
      written_at: Generated<Date>
      decided_by: string | null
      decided_at: Date | null
    }
    answer_files: {
      answer_id: string
      position: number
      name: string
      media_type: string
      bytes: number
      sha256: string
    }
    notes: {
      id: string
      case_id: string
      author: string
      text: string
      written_at: Generated<Date>
    }
    note_mentions: { note_id: string; staff_id: string; read_at: Date | null }
    drafts: {
      case_id: string
      author: string
      kind: DraftKind
      version: Generated<number>
      becomes: string | null
      fields: JSONColumnType<DraftFields>
      kept_from: Date | null
      other: JSONColumnType<readonly WindowWords[], string | undefined, string>
      sent: JSONColumnType<readonly SentWords[], string | undefined, string>
      updated_at: Generated<Date>
    }
    draft_files: {
      case_id: string
      author: string
      position: number
      name: string
      media_type: string
      bytes: number
      sha256: string
    }
  }
}
