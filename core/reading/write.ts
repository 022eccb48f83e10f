/** Writes what was read: envelopes, their small documents, and what is set aside, a set at a time. */
import { sql } from 'kysely'
import { unpack } from '../blobs.ts'
import type { Translation } from '../channel.ts'
import type { Db } from '../db/database.ts'
import type { ContactState, TrailStep } from '../db/tables.ts'
import { askForDocuments, type AskedDocument } from '../documents/store.ts'
import type { EnvelopeDraft } from '../envelope.ts'
import { EvenhandError } from '../errors.ts'
import { appendEvents } from '../ledger.ts'

export interface Read {
  readonly id: string
  readonly draft: EnvelopeDraft
  readonly kind: Translation['kind']
  readonly tokens: readonly string[]
  readonly reason: string
  /** Why a person must give the text. */
  readonly unsure: string | undefined
  readonly inline: readonly { hash: string; content: Uint8Array }[]
  /** Documents to be read before it is settled. */
  readonly papers: readonly AskedDocument[]
}

export function sizeOfRead(read: Read): number {
  return read.draft.text.length + read.inline.reduce((sum, { content }) => sum + content.length, 0)
}

/** Answers the state each contact is in now; undefined for one that another worker has read in the meantime. */
export async function writeSet(db: Db, set: Read[]): Promise<(ContactState | undefined)[]> {
  // Plain mail, which is most, is one statement.
  const plain = set.every((read) => stateAfter(read) === 'read')
  const written = new Map(plain ? await write(db, set) : await db.transaction().execute((trx) => writeAndNote(trx, set)))
  // Two readers of one contact may meet in a set: it is handed on once.
  return set.map(({ id }) => {
    const state = written.get(id)
    written.delete(id)
    return state
  })
}

function stateAfter({ papers, unsure }: Read): ContactState {
  if (papers.length > 0) return 'documents'
  return unsure === undefined ? 'read' : 'quarantined'
}

async function writeAndNote(trx: Db, set: Read[]): Promise<[string, ContactState][]> {
  const written = await write(trx, set)
  await askFor(trx, set, new Set(written.map(([id]) => id)))
  const aside = written.filter(([, state]) => state === 'quarantined')
  await appendEvents(trx, aside.map(([contactId]) => ({ kind: 'contact.quarantined', contactId, actor: 'system:read', data: { code: 'TEXT_UNSURE' } })))
  return written
}

async function askFor(trx: Db, set: Read[], written: ReadonlySet<string>): Promise<void> {
  const asked = set.filter(({ id }) => written.has(id)).flatMap(({ id, papers }) => papers.map((paper) => ({ id, paper })))
  if (asked.length === 0) return
  await askForDocuments(trx, asked.map(({ paper }) => paper))
  await trx.insertInto('contact_documents').values(asked.map(({ id, paper }) => ({ contact_id: id, sha256: paper.sha256 }))).onConflict((conflict) => conflict.doNothing()).execute()
}

async function write(db: Db, set: Read[]): Promise<[string, ContactState][]> {
  const states = set.map(stateAfter)
  const { rows } = await sql<{ id: string; state: ContactState }>`
    with contents as (
      insert into blobs (sha256, content)
      select distinct on (sha256) sha256, content from ${unpack(set.flatMap((read) => read.inline))} as d (sha256, content)
      on conflict do nothing
    )
    update contacts set state = given.state, kind = given.kind, tokens = array(select jsonb_array_elements_text(given.tokens)), envelope = given.envelope,
      outcome = case when given.state = 'quarantined' then 'quarantined' end, quarantine_code = case when given.state = 'quarantined' then 'TEXT_UNSURE' end,
      unsure = given.unsure, trail = contacts.trail || given.trail, attempts = 0, updated_at = now()
    from unnest(${set.map((read) => read.id)}::uuid[], ${states}::text[], ${set.map((read) => read.kind)}::text[], ${set.map((read) => JSON.stringify(read.tokens))}::jsonb[],
      ${set.map((read) => JSON.stringify(read.draft))}::jsonb[], ${set.map((read) => read.unsure ?? null)}::text[], ${set.map((read) => JSON.stringify(trailOf(read)))}::jsonb[])
      as given (id, state, kind, tokens, envelope, unsure, trail)
    where contacts.id = given.id and contacts.state = 'accepted'
    returning contacts.id, contacts.state`.execute(db)
  return rows.map(({ id, state }) => [id, state])
}

function trailOf(read: Read): TrailStep[] {
  const step: TrailStep = { step: 'read', verdict: read.kind, reason: read.reason, evidence: { documents: read.draft.documents.length } }
  if (stateAfter(read) !== 'quarantined') return [step]
  const error = new EvenhandError('TEXT_UNSURE', read.unsure)
  return [step, { step: 'read', verdict: 'quarantined', reason: error.message, evidence: { code: error.code } }]
}
