/** Documents, their pages and the files inside them. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Barcode, Page } from './types.ts'

declare module '../../platform/db/tables.ts' {
  interface Tables {
    documents: {
      sha256: string
      bytes: ColumnType<string, number, number>
      media_type: string | null
      kind: string | null
      pages: number | null
      barcodes: Generated<boolean>
      /** Only its pages are wanted: a scan of the mailroom, which no contact brought. */
      pages_only: Generated<boolean>
      outcome: 'read' | 'withheld' | null
      reason: string | null
      searchable_pdf: string | null
      reader_version: number
      attempts: Generated<number>
      asked_at: Generated<Date>
      updated_at: Generated<Date>
      read_at: Date | null
    }
    document_pages: {
      sha256: string
      number: number
      text: string
      confidence: number
      rotation: number
      skew: number
      blank: boolean
      words: Buffer
      barcodes: JSONColumnType<Barcode[]> | null
      source: 'text-layer' | 'ocr'
      width_px: number
      height_px: number
      dpi: number
      withheld: string | null
      image: string | null
      image_type: 'image/png' | 'image/jpeg' | null
      /** Its form fields, comments, and what of it could not be read. */
      extras: JSONColumnType<Pick<Page, 'fields' | 'notes' | 'unread' | 'added'>> | null
      reader_version: number
    }
    /** Files inside a document. */
    document_files: {
      parent: string
      position: number
      name: string
      media_type: string
      bytes: ColumnType<string, number, number>
      /** Null where its bytes could not be taken out, for the reason in `withheld`. */
      sha256: string | null
      /** Whether it is of a kind that is read for its text. */
      readable: boolean
      withheld: string | null
    }
    contact_documents: { contact_id: string; sha256: string }
  }
}
