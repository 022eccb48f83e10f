/**
 * Loads contacts' texts for comparison: what the person wrote, without quoted lines, and everything
 * else that came with it.
 */
import { sql } from 'kysely'
import { Breather } from '../../platform/limits/breather.ts'
import type { EnvelopeDocument, Party, Sender } from '../envelope.ts'
import { comparable, TEXT_LIMIT, type Comparable } from './comparable.ts'
import type { Content } from './content.ts'
import { toContent } from './envelope-content.ts'
import type { Location } from './location.ts'
import type { Db } from '../../platform/db/database.ts'
import { unpacked } from '../../platform/db/unpacked.ts'

export interface WrittenContact {
  readonly contactId: string
  readonly text: Comparable
  readonly content: Content
  readonly sender: Sender | undefined
  readonly location: Location | undefined
  readonly category: string | undefined
}

/**
 * Letters of folded texts kept in memory: some 30 MB. A campaign's letters are compared with the
 * same few again and again.
 */
const LETTERS_KEPT = 2_000_000

/** Letters folded before other work may run: at most 50 ms of computing. */
const LETTERS_AT_ONCE = 200_000

/** Cache of recently read texts, folded. The one unused longest is dropped first. */
export class WrittenTexts {
  readonly #kept = new Map<string, WrittenContact>()
  #letters = 0
  readonly #ours: () => ReadonlySet<string>

  /** @param ours current names of our departments and forms, see `ourNames` */
  constructor(ours: () => ReadonlySet<string> = () => new Set()) {
    this.#ours = ours
  }

  /** Texts of those contacts that have an envelope. */
  async read(db: Db, contactIds: readonly string[]): Promise<Map<string, WrittenContact>> {
    const found = new Map<string, WrittenContact>()
    for (const id of contactIds) {
      const known = this.#kept.get(id)
      if (known) found.set(id, known)
    }
    const missing = contactIds.filter((id) => !found.has(id))
    for (const one of await load(db, missing, this.#ours())) found.set(one.contactId, one)
    // Pages of a letter may be corrected after a comparison, so a contact with papers is read again
    // each time.
    for (const one of found.values()) if (one.content.papers.length === 0) this.#keep(one)
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
  channel: Content['channel']
  text: string | null
  new_text: string | null
  text_from: 'documents' | 'transcript' | null
  language: string | null
  subject: string | null
  sender: Sender | null
  location: Location | null
  category: string | null
  answers: Record<string, string> | null
  parties: Party[] | null
  documents: EnvelopeDocument[] | null
  evidence: Record<string, unknown>
}

async function load(
  db: Db,
  contactIds: readonly string[],
  ours: ReadonlySet<string>
): Promise<WrittenContact[]> {
  if (contactIds.length === 0) return []
  const { rows } = await sql<Row>`
    select id, channel, left(letter ->> 'text', ${TEXT_LIMIT + 1}) as text,
      left(letter ->> 'newText', ${TEXT_LIMIT + 1}) as new_text,
      letter ->> 'textFrom' as text_from, letter ->> 'language' as language,
      letter ->> 'subject' as subject,
      letter -> 'sender' as sender, letter -> 'place' as location,
        letter ->> 'category' as category, letter -> 'answers' as answers,
        letter -> 'parties' as parties,
      jsonb_strip_nulls(jsonb_build_object('htmlSha256', letter -> 'evidence' -> 'htmlSha256',
        'htmlIsText', letter -> 'evidence' -> 'htmlIsText', 'drawnSha256',
        letter -> 'evidence' -> 'drawnSha256', 'mediaUrl', letter -> 'evidence' -> 'mediaUrl',
        'mediaHost', letter -> 'evidence' -> 'mediaHost', 'mediaMissing',
          letter -> 'evidence' -> 'mediaMissing')) as evidence,
      (select jsonb_agg(case when document ? 'text' then document || jsonb_build_object('text',
        left(document ->> 'text', ${TEXT_LIMIT + 1})) else document end order by n)
        from jsonb_array_elements(letter -> 'documents')
          with ordinality as given (document, n)) as documents
    from contacts cross join ${unpacked(sql`contacts.envelope`, 'letter')}
      where id = any(${contactIds}::uuid[]) and envelope is not null`.execute(db)
  const written: WrittenContact[] = []
  const breather = new Breather(LETTERS_AT_ONCE)
  for (const row of rows) {
    written.push(toWritten(row, ours))
    await breather.after(
      (row.text?.length ?? 0) +
        (row.documents ?? []).reduce((sum, { text }) => sum + (text?.length ?? 0), 0)
    )
  }
  return written
}

function toWritten(row: Row, ours: ReadonlySet<string>): WrittenContact {
  const [text, subject, documents] = [row.text ?? '', row.subject ?? '', row.documents ?? []]
  return {
    contactId: row.id,
    text: comparable(ownText(row.new_text ?? text, subject)),
    sender: row.sender ?? undefined,
    location: row.location ?? undefined,
    category: row.category ?? undefined,
    content: toContent(
      {
        channel: row.channel,
        language: row.language ?? 'und',
        text,
        subject,
        documents,
        evidence: row.evidence,
        ...(row.text_from ? { textFrom: row.text_from } : {}),
        ...(row.answers ? { answers: row.answers } : {}),
        ...(row.parties ? { parties: row.parties } : {}),
        ...(row.sender ? { sender: row.sender } : {})
      },
      ours
    )
  }
}

/**
 * What the person wrote themselves; quoted lines belong to an earlier mail. If nothing else is
 * left, the subject.
 */
export function ownText(text: string, subject: string): string {
  const own = text.includes('>')
    ? text
        .split('\n')
        .filter((line) => !line.startsWith('>'))
        .join('\n')
    : text
  return own.trim() === '' ? subject : own
}
