/** What a list says of a case or a contact: parts of a statement, of a row `contacts`. */
import { sql } from 'kysely'

/** Characters of a subject, or of the first words without one. */
const SUBJECT_SHOWN = 120

/** A contact's subject, or else its first words; empty where it has neither. */
export const subjectOf = sql<string>`left(coalesce(nullif(contacts.envelope ->> 'subject', ''),
  contacts.envelope ->> 'newText', contacts.envelope ->> 'text', ''), ${sql.lit(SUBJECT_SHOWN)})`

/** Its sender's name, or else an address or number; null for an anonymous one. */
export const senderOf = sql<string | null>`coalesce(
  nullif(contacts.envelope #>> '{sender,name}', ''), contacts.envelope #>> '{sender,emails,0}',
  contacts.envelope #>> '{sender,phones,0}')`

/** What a case is about, as whoever split it off said, of a row `cases`; null for any other. */
export const aboutOf = sql<string | null>`case when cases.part > 1 then (
  select left(split.data ->> 'reason', ${sql.lit(SUBJECT_SHOWN)}) from events split
  where split.case_id = cases.id and split.kind = 'case.entered' and split.data ? 'splitFrom'
  limit 1) end`

/** What a case is about, of rows `cases` and `contacts`: else as its first contact. */
export const caseSubjectOf = sql<string>`coalesce(${aboutOf}, ${subjectOf})`
