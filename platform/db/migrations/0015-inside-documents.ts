import { sql } from 'kysely'
import type { Db } from '../tables.ts'

/**
 * What documents hold beside their pages' words: form fields, comments and what could not be read
 * of a page; and the files inside a document, each a document in its own right.
 */
export async function up(db: Db): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements: readonly string[] = [
  'alter table document_pages add column extras jsonb',

  `create table document_files (
    parent text not null references documents on delete cascade,
    position integer not null,
    name text not null,
    media_type text not null,
    bytes bigint not null,
    sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
    readable boolean not null,
    withheld text,
    primary key (parent, position),
    check ((sha256 is null) = (withheld is not null))
  )`
]
