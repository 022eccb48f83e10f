/**
 * Limits how many near contacts are compared with a contact, by how much must be read and folded.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

/**
 * Bytes of envelopes compared with one contact: a hundred ordinary letters, or three books.
 * Comparing takes 0.1 µs a letter.
 */
export const BYTES_COMPARED = 600_000
/** This many, those that share most, are compared whatever their length. */
export const ALWAYS_COMPARED = 3

interface Near {
  readonly contactId: string
}

/**
 * The contacts near each one, in the given order, up to the bound. Those found by wording or place
 * come before those that are only by the same person, and of those the newest come first. A contact
 * left out gets no suggestion and becomes a case of its own.
 */
export async function withinReach<N extends Near>(
  db: Db,
  near: ReadonlyMap<string, readonly N[]>,
  own: ReadonlyMap<string, readonly string[]>
): Promise<Map<string, N[]>> {
  const bytes = await bytesOf(db, [
    ...new Set([...near.values()].flat().map(({ contactId }) => contactId))
  ])
  return new Map(
    [...near].map(([id, others]) => {
      const ofPerson = new Set(own.get(id))
      const kept = keep(
        [
          ...others.filter((other) => !ofPerson.has(other.contactId)),
          ...others.filter((other) => ofPerson.has(other.contactId))
        ],
        bytes
      )
      return [id, others.filter((other) => kept.has(other.contactId))]
    })
  )
}

function keep(inOrder: readonly Near[], bytes: ReadonlyMap<string, number>): Set<string> {
  const kept = new Set<string>()
  let left = BYTES_COMPARED
  for (const { contactId } of inOrder) {
    left -= bytes.get(contactId) ?? 0
    if (left < 0 && kept.size >= ALWAYS_COMPARED) break
    kept.add(contactId)
  }
  return kept
}

async function bytesOf(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{
    id: string
    bytes: number
  }>`select id, coalesce(envelope_bytes, 0) as bytes from contacts
      where id = any(${ids}::uuid[])`.execute(db)
  return new Map(rows.map((row) => [row.id, Number(row.bytes)]))
}
