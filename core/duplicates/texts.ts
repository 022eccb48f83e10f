/** The texts of contacts as they are compared: what the person wrote, without what they quoted. */
import { sql, type Kysely } from 'kysely'
import type { Sender } from '../envelope.ts'
import { comparable, TEXT_LIMIT, type Comparable } from './comparable.ts'
import type { Place } from './place.ts'

export interface WrittenContact {
  readonly contactId: string
  readonly text: Comparable
  readonly sender: Sender | undefined
  readonly place: Place | undefined
  readonly category: string | undefined
}

/** Letters of texts that are kept folded: some 30 MB. A campaign's letters are compared with the same few again and again. */
const LETTERS_KEPT = 2_000_000

/** Texts read lately, folded; the longest unused go first. */
export class WrittenTexts {
  readonly #kept = new Map<string, WrittenContact>()
  #letters = 0

  /** Those of the contacts that have an envelope. */
  async read(db: Kysely<unknown>, contactIds: readonly string[]): Promise<Map<string, WrittenContact>> {
    const found = new Map<string, WrittenContact>()
    for (const id of contactIds) {
      const known = this.#kept.get(id)
      if (known) found.set(id, known)
    }
    const missing = contactIds.filter((id) => !found.has(id))
    for (const one of await load(db, missing)) found.set(one.contactId, one)
    for (const one of found.values()) this.#keep(one)
    return found
  }

  #keep(one: WrittenContact): void {
    if (this.#kept.delete(one.contactId)) this.#letters -= one.text.letters.length
    this.#kept.set(one.contactId, one)
    this.#letters += one.text.letters.length
    for (const [id, oldest] of this.#kept) {
      if (this.#letters <= LETTERS_KEPT) break
      this.#kept.delete(id)
      this.#letters -= oldest.text.letters.length
    }
  }
}

interface Row {
  id: string
  text: string | null
  subject: string | null
  sender: Sender | null
  place: Place | null
  category: string | null
}

async function load(db: Kysely<unknown>, contactIds: readonly string[]): Promise<WrittenContact[]> {
  if (contactIds.length === 0) return []
  const { rows } = await sql<Row>`
    select id, left(envelope ->> 'text', ${TEXT_LIMIT + 1}) as text, envelope ->> 'subject' as subject, envelope -> 'sender' as sender, envelope -> 'place' as place, envelope ->> 'category' as category
    from contacts where id = any(${contactIds}::uuid[]) and envelope is not null`.execute(db)
  return rows.map((row) => ({
    contactId: row.id, text: comparable(ownText(row.text ?? '', row.subject ?? '')), sender: row.sender ?? undefined, place: row.place ?? undefined, category: row.category ?? undefined
  }))
}

/** What somebody wrote themselves: quoted lines belong to an earlier mail. The subject stands in where there is nothing else. */
export function ownText(text: string, subject: string): string {
  const own = text.includes('>') ? text.split('\n').filter((line) => !line.startsWith('>')).join('\n') : text
  return own.trim() === '' ? subject : own
}
