/** A case as a conversation: what came in, what went out, and what staff said to each other. */
import type { Db } from '../../platform/db/database.ts'
import { traitsOf } from '../intake/traits.ts'
import { dutiesOf, type Duty } from '../outbox/duties.ts'
import { notesOf, type Note } from '../replies/notes.ts'
import { gatheredCases, repliesOf, type Reply } from '../replies/view.ts'
import { partText } from '../../platform/new-text/new-text.ts'
import type { CaseContact, CaseView } from './types.ts'

export type ThreadItem = { readonly at: Date } & (
  | { readonly kind: 'contact'; readonly contact: CaseContact; readonly said: Said }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'note'; readonly note: Note }
)

/** What a contact says now, and what it repeats of earlier mails, with signatures and notices. */
export interface Said {
  readonly own: string
  readonly quoted: string
}

export interface CaseThread {
  /** Oldest first. */
  readonly items: readonly ThreadItem[]
  readonly duties: readonly Duty[]
  /** This case and those joined into it. */
  readonly caseIds: readonly string[]
}

export async function viewThread(db: Db, view: CaseView): Promise<CaseThread> {
  const caseIds = await gatheredCases(db, view.caseId)
  const [replies, notes, duties] = await Promise.all([
    repliesOf(
      db,
      caseIds,
      view.contacts.map(({ contactId }) => contactId)
    ),
    notesOf(db, caseIds),
    dutiesOf(db, caseIds)
  ])
  return { items: threadOf(view.contacts, replies, notes), duties, caseIds }
}

export function threadOf(
  contacts: readonly CaseContact[],
  replies: readonly Reply[],
  notes: readonly Note[]
): ThreadItem[] {
  const items: ThreadItem[] = [
    ...contacts.map((contact): ThreadItem => ({
      kind: 'contact',
      at: contact.arrivedAt,
      contact,
      said: saidIn(contact)
    })),
    ...replies.map((reply): ThreadItem => ({ kind: 'reply', at: reply.at, reply })),
    ...notes.map((note): ThreadItem => ({ kind: 'note', at: note.at, note }))
  ]
  return items.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

/** Only a mail quotes what came before; a first contact is shown whole, as is one without new words. */
function saidIn({ channel, role, envelope }: CaseContact): Said {
  const text = envelope?.text ?? ''
  const whole = { own: text, quoted: '' }
  if (role === 'first' || traitsOf(channel).carries !== 'email') return whole
  const { newText, rest } = partText(text)
  return newText === '' ? whole : { own: newText, quoted: rest }
}
