/** How far the ledger reaches, so that nobody takes silence about the rest for a proof. */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { countUnmarked } from './unmarked.ts'

export interface NotCovered {
  /**
   * Events of before the numbering: one that is missing among them is seen by their count alone,
   * one that was changed is not seen.
   */
  readonly events: number
  /**
   * Contacts of which the ledger holds no mark: another sender or receipt in their row would not
   * show.
   */
  readonly contacts: number
  /** Settled contacts of whose words the ledger holds no mark. */
  readonly texts: number
  /**
   * Accounts of which the ledger holds no mark: another name or address in their row would not
   * show.
   */
  readonly accounts: number
  /** Contacts of whose original's type and length the ledger holds no mark. */
  readonly forms: number
  /** Links between contacts of before their making was an event. */
  readonly links: number
  /** Messages of whose end the ledger has no event, and addressees it has no mark of. */
  readonly messages: number
  /** Keys of other systems of whose name the ledger holds no mark. */
  readonly keys: number
  /** Contacts that joined a case before the reason was written into the ledger. */
  readonly reasons: number
}

export async function findNotCovered(db: Db): Promise<NotCovered> {
  const {
    rows: [found]
  } = await sql<
    Record<'events' | 'contacts' | 'texts' | 'accounts' | 'forms' | 'keys' | 'reasons', string>
  >`
    select (select count(*) from events where run is null) as events,
      (select count(*) from contacts join events on events.contact_id = contacts.id
        and events.kind = 'contact.accepted' where not data ? 'mark') as contacts,
      (select count(*) from contacts where state = 'settled' and outcome <> 'batch' and not
        exists (select from events where events.contact_id = contacts.id
        and data ? 'said')) as texts,
      (select count(*) from staff where not exists (select from events where kind like 'staff.%'
        and data ->> 'staff' = staff.id::text and data ? 'mark')) as accounts,
      (select count(*) from events where kind = 'contact.accepted' and not data ? 'form') as forms,
      (select count(*) from events where kind = 'key.added' and not data ? 'mark') as keys,
      (select count(*) from events where kind = 'contact.joined'
        and not data ? 'reason') as reasons`.execute(db)
  const { links, messages, addressees } = await countUnmarked(db)
  return {
    events: Number(found!.events),
    contacts: Number(found!.contacts),
    texts: Number(found!.texts),
    accounts: Number(found!.accounts),
    forms: Number(found!.forms),
    keys: Number(found!.keys),
    reasons: Number(found!.reasons),
    links,
    messages: messages + addressees
  }
}

/** What no comparison of tables with events can show; the sealed ledger will. */
export const notProved: readonly string[] = [
  'Whoever owns the database and changes tables and events alike, with their numbers, is not seen: nothing outside it holds a copy yet.',
  'The words on single pages of documents, who was recognised as whom and what was delivered are in the ledger as events, without a mark of their content.',
  'What a contact says before it is settled, how far on its way it is until then, and its trail, evidence and reply tokens at any time, have no mark.',
  'That a contact is shown at the case its own was joined into is compared for a contact with a single case of its own, not for others.',
  'When links between contacts were made and decided, and links of before that was written down beyond their decision, have no mark; nor has who may be asked whether a text is about an earlier case.',
  'Of messages it is compared whether they are owed, were sent or not sent, and for what reason; when and how often they were tried, the id and later word of a carrier, and that a question about an earlier text was owed, stand in their rows alone.',
  'The register of people, whom contacts mention, the keys they are found by, campaigns and their members, the text of answers to a campaign, and the models that recognise people stand in their tables alone: deleted or changed there, they do not show.',
  'Of replies and notes it is compared who wrote what, to whom and by which way, and that a letter or call was owed and settled; the files that went along, words about how a duty was settled, who was named in a note and has read it, who approved a reply, when any of it was written, and what is still being written stand in their rows alone.',
  'Of trays it is compared when they were stamped and logged and by whom, seal, seed and numbers of the lot, whether they were released, which scans belong to them, and which number each letter drew. What else staff noted about letters, sheets, enclosures and batches (kinds and turns of sheets, where letters begin and which were joined, remarks, names of scans, descriptions) has events without content or none; nor is it compared whether a tray that was not released is read or held, or which sheet that is no letter drew which number.',
  'Documents, their pages (of scans too) and the files inside them, files fetched from providers, and transcripts of calls are not compared.',
  'The master secret, from which reply tokens and marks of delivery are derived, is not compared: deleted, a new one is made, and tokens of before no longer fit.',
  'What only carries work along (webhook positions and failures, requests that may be repeated, budgets, failed sign-ins, how often somebody asked, work due, what was taken from mailboxes) has no mark.',
  'When rows were made or last changed is not compared where the ledger has a time of its own.',
  'Passwords, sessions and secrets of keys are counted, not compared; sessions, set-up links and one-time tokens of providers are not in the ledger.',
  'Which part of its contact a split case is has no mark beyond being the first or not.',
  'When a case was taken and until when it is held, and the kind of a contact (message, automatic answer, bounce), stand in their rows alone: changed there, they do not show.',
  'Codes sent to addresses, and addresses that get updates, stand in their rows alone: that one was confirmed, opened an answer or was stopped is an event, which no row is compared with.',
  'The access log has no numbers and no marks: rows taken out of it, changed or added are not seen.',
  'That the triggers which keep the ledger are there and at work is looked at as it is now: that they were off for a while, or went around by session_replication_role, is not seen, and what their functions do is not compared.',
  'The lists in which later contacts find earlier ones that say the same, and in which staff search, are made again from contacts, and are not compared: what is missing there is not found.',
  'Originals over 64 KB are files outside the database and are not read here; that attached files are there is not looked at.'
]
