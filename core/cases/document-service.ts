/**
 * Documents of a contact as the desk shows them: what the reader made of each, its pages, its
 * searchable copy.
 */
import type { EnvelopeDocument } from '../envelope.ts'
import type { Runtime } from '../runtime.ts'
import { SURE } from '../documents/reader/sure-words.ts'
import { readingProgress, type ReadingProgress } from '../documents/progress.ts'
import {
  findDocuments,
  readStoredPages,
  type DocumentRecord,
  type StoredPage
} from '../documents/store.ts'
import type { StoredFile } from './types.ts'
import { markUnsure, type Run } from '../documents/marked-text.ts'

export interface DocumentPage {
  readonly number: number
  readonly runs: readonly Run[]
  readonly unsureWords: number
  /** Read so badly that its text decided nothing. */
  readonly unsure: boolean
  readonly blank: boolean
  readonly withheld: string | undefined
  /** What of it could not be read surely or shown. */
  readonly unread: string | undefined
  /** Values and comments that the page does not show. */
  readonly hidden: readonly string[]
  readonly picture: boolean
}

export interface ShownDocument {
  readonly index: number
  readonly document: EnvelopeDocument
  /** Undefined for what is not read, such as recordings and logos. */
  readonly record: DocumentRecord | undefined
  readonly pages: readonly DocumentPage[]
}

export interface DocumentService {
  /** A contact's documents, with the first pages of each, `pages` in all at most. */
  list(contactId: string, pages: number): Promise<ShownDocument[]>
  /** One document with the pages from a number on; undefined where there is none. */
  find(
    contactId: string,
    index: number,
    from: number,
    count: number
  ): Promise<ShownDocument | undefined>
  picture(contactId: string, index: number, page: number): Promise<StoredFile | undefined>
  /** The copy with text that can be searched and selected. */
  readingCopy(contactId: string, index: number): Promise<StoredFile | undefined>
  /** What is being read now. */
  reading(limit: number): Promise<{ total: number; contacts: readonly ReadingProgress[] }>
}

/** Pages of one document shown with the contact; the rest has a page of its own. */
const FIRST_PAGES = 3

export function openDocumentService({ db, blobs }: Pick<Runtime, 'db' | 'blobs'>): DocumentService {
  const documentsOf = async (contactId: string) =>
    (
      await db
        .selectFrom('contacts')
        .select('envelope')
        .where('id', '=', contactId)
        .executeTakeFirst()
    )?.envelope?.documents ?? []
  const pagesOf = async (sha256: string, from: number, count: number) =>
    (await readStoredPages(db, sha256, { from, to: from + count - 1 })).map(toDocumentPage)
  return {
    async list(contactId, pages) {
      const documents = await documentsOf(contactId)
      const records = await findDocuments(
        db,
        documents.map(({ sha256 }) => sha256)
      )
      const listed: ShownDocument[] = []
      let left = pages
      for (const [index, document] of documents.entries()) {
        const shown = await pagesOf(document.sha256, 1, Math.min(left, FIRST_PAGES))
        left -= shown.length
        listed.push({ index, document, record: records.get(document.sha256), pages: shown })
      }
      return listed
    },
    async find(contactId, index, from, count) {
      const document = (await documentsOf(contactId))[index]
      const record = document && (await findDocuments(db, [document.sha256])).get(document.sha256)
      return (
        record && { index, document, record, pages: await pagesOf(document.sha256, from, count) }
      )
    },
    async picture(contactId, index, page) {
      const document = (await documentsOf(contactId))[index]
      const [found] = document
        ? await readStoredPages(db, document.sha256, { from: page, to: page, words: false })
        : []
      return (
        found?.image && {
          name: `page-${page}`,
          mediaType: found.image.mediaType,
          bytes: await blobs.get(found.image.sha256)
        }
      )
    },
    async readingCopy(contactId, index) {
      const document = (await documentsOf(contactId))[index]
      const record = document && (await findDocuments(db, [document.sha256])).get(document.sha256)
      if (!document || !record?.searchablePdf) return undefined
      return {
        name: `${document.name.replace(/\.[^.]{1,10}$/, '')}.searchable.pdf`,
        mediaType: 'application/pdf',
        bytes: await blobs.get(record.searchablePdf)
      }
    },
    reading: (limit) => readingProgress(db, { limit })
  }
}

function toDocumentPage(page: StoredPage): DocumentPage {
  const runs = markUnsure(page.text, page.source === 'ocr' ? page.words : [])
  return {
    number: page.number,
    runs,
    unsureWords: runs.filter((run) => run.unsure).length,
    unsure: page.text.trim() !== '' && page.confidence < SURE,
    blank: page.blank,
    withheld: page.withheld,
    unread: page.unread,
    hidden: hiddenOn(page),
    picture: page.image !== undefined
  }
}

function hiddenOn({ fields = [], notes = [] }: StoredPage): string[] {
  const values = fields
    .filter(({ hidden, value }) => hidden && value)
    .map(({ label, name, value }) => `${label ?? name}: ${value}`)
  return [
    ...values,
    ...notes
      .filter(({ hidden }) => hidden)
      .map(({ author, text }) => (author ? `${author}: ${text}` : text))
  ]
}
