import type { Kysely } from 'kysely'

/**
 * Row types of the tables that `migrations/` creates; `schema.sql` shows the tables as PostgreSQL
 * has them. Each room declares its own types in its `tables.ts`, which extends this interface.
 */
export interface Tables {
  blobs: { sha256: string; content: Buffer }
  secrets: { name: string; value: Buffer }
}

/** A connection, or a transaction, that knows every room's tables. */
export type Db = Kysely<Tables>
