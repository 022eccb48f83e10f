/**
 * A contact as the page "this is from …" shows it: what it says of the person, where it stands, and
 * who it is thought to be from.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Sender } from '../envelope.ts'
import { isId } from '../../platform/ids.ts'
import { FIRST_WORDS } from './view.ts'
import type { Mention } from './mention.ts'

export interface NamedContact {
  readonly contactId: string
  readonly role: Mention['role']
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  /** Its subject, or else its first words. */
  readonly about: string
  /** As the contact gives them. */
  readonly named: Sender
  /** Cases it belongs to, its own first. */
  readonly cases: readonly {
    readonly caseId: string
    readonly department: string
    readonly heldBy: string | null
  }[]
  readonly letter: { readonly batchId: string; readonly letterId: string } | undefined
  /** True if it waits for somebody to type what it says. */
  readonly unread: boolean
  readonly quarantined: boolean
}

const empty: Sender = { emails: [], phones: [], addresses: [] }

/** Undefined if there is no such contact, it is still being read, or it has nobody in that role. */
export async function findNamedContact(
  db: Db,
  contactId: string,
  role: string
): Promise<NamedContact | undefined> {
  if (!isId(contactId)) return undefined
  const {
    rows: [row]
  } = await sql<Row>`
    select contacts.id as "contactId", contacts.receipt, contacts.channel,
      contacts.arrived_at as "arrivedAt", envelope -> 'sender' as sender,
      envelope -> 'parties' as parties,
      coalesce(nullif(envelope ->> 'subject', ''), left(envelope ->> 'text',
        ${FIRST_WORDS})) as about, state = 'quarantined' as quarantined, quarantine_code as code,
      (select jsonb_build_object('batchId', batch_id, 'letterId', id) from letters
        where contact_id = contacts.id limit 1) as letter,
      (select coalesce(jsonb_agg(jsonb_build_object('caseId', cases.id, 'department',
        cases.department, 'heldBy', cases.taken_by)
        order by cases.id = contacts.case_id desc, cases.id), '[]')
        from case_contacts join cases on cases.id = case_contacts.case_id
          where case_contacts.contact_id = contacts.id) as cases
    from contacts where contacts.id = ${contactId} and envelope is not null`.execute(db)
  if (!row) return undefined
  const { sender, parties, letter, code, about, ...rest } = row
  const named =
    role === 'sender' ? (sender ?? empty) : (parties ?? []).find((party) => party.role === role)
  return (
    named && {
      ...rest,
      role: role as Mention['role'],
      about: about ?? '',
      named,
      letter: letter ?? undefined,
      unread: rest.quarantined && code === 'TEXT_UNSURE'
    }
  )
}

interface Row extends Omit<NamedContact, 'role' | 'named' | 'letter' | 'unread' | 'about'> {
  readonly sender: Sender | null
  readonly parties: (Sender & { role: string })[] | null
  readonly letter: { batchId: string; letterId: string } | null
  readonly code: string | null
  readonly about: string | null
}
