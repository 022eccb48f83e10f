import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * What was read of documents, page by page, by the hash of their bytes: the same fax sent twice is
 * read once. A contact with documents waits in state `documents` between `accepted` and `read`.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  'alter table contacts drop constraint contacts_state_check',
  "alter table contacts add constraint contacts_state_check check (state in ('accepted', 'documents', 'read', 'settled', 'quarantined'))",
  // Why a person must give the text, as the channel said; kept while the documents are read.
  'alter table contacts add column unsure text',

  `create table documents (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    bytes bigint not null,
    media_type text,
    kind text,
    pages integer,
    barcodes boolean not null default false,
    outcome text check (outcome in ('read', 'withheld')),
    reason text,
    searchable_pdf text,
    reader_version integer not null,
    attempts integer not null default 0,
    asked_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    read_at timestamptz
  )`,
  'create index documents_open on documents (asked_at) where outcome is null',

  `create table document_pages (
    sha256 text not null references documents on delete cascade,
    number integer not null,
    text text not null,
    confidence real not null,
    rotation smallint not null,
    skew real not null,
    blank boolean not null,
    words bytea not null,
    barcodes jsonb,
    source text not null check (source in ('text-layer', 'ocr')),
    width_px integer not null,
    height_px integer not null,
    dpi real not null,
    withheld text,
    image text,
    image_type text,
    primary key (sha256, number),
    check ((image is null) = (image_type is null))
  )`,
  // Packed before it comes here: see core/documents/words.ts.
  'alter table document_pages alter column words set storage external',

  `create table contact_documents (
    contact_id uuid not null references contacts on delete cascade,
    sha256 text not null references documents,
    primary key (contact_id, sha256)
  )`,
  'create index contact_documents_document on contact_documents (sha256)'
]
