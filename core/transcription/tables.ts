/** What machines made of recordings. */
import type { Generated } from 'kysely'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    call_transcripts: {
      call_id: string
      recording_id: string
      engine: string
      status: 'completed' | 'failed'
      text: string
      language: string | null
      confidence: number | null
      received_at: Generated<Date>
    }
  }
}
