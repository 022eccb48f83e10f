/**
 * Writes what was read, a set at a time: envelopes, their small documents, and contacts that are
 * set aside.
 */
import { sql } from 'kysely'
import { unpack } from '../../platform/storage/blob-store.ts'
import type { Translation } from '../intake/channel.ts'
import type { Db } from '../../platform/db/database.ts'
import { recordRead, type StateOnceRead } from '../contacts/state.ts'
import type { TrailStep } from '../contacts/tables.ts'
import { askForDocuments, type AskedDocument } from '../documents/store.ts'
import { doubtMark } from '../contacts/quarantine.ts'
import { enqueueEarlyReceipt } from '../outbox/early-receipts.ts'
import type { EnvelopeDraft } from '../envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { appendEvents } from '../ledger/append.ts'

export interface ReadContact {
  readonly id: string
  readonly draft: EnvelopeDraft
  readonly kind: Translation['kind']
  readonly tokens: readonly string[]
  readonly reason: string
  /** Why a person must supply the text. */
  readonly unsure: string | undefined
  readonly inline: readonly { hash: string; content: Uint8Array }[]
  /** Documents that must be read before it is settled. */
  readonly papers: readonly AskedDocument[]
}

export function sizeOfRead(read: ReadContact): number {
  return read.draft.text.length + read.inline.reduce((sum, { content }) => sum + content.length, 0)
}

/**
 * Returns the state each contact is in now; undefined if another worker has read it in the
 * meantime.
 */
export async function writeSet(db: Db, set: ReadContact[]): Promise<(StateOnceRead | undefined)[]> {
  // Most sets are plain mail only, which one statement writes.
  const plain = set.every((read) => stateAfter(read) === 'read')
  const written = new Map(
    plain ? await write(db, set) : await db.transaction().execute((trx) => writeAndNote(trx, set))
  )
  // A contact may appear in a set twice, read by two readers. It is passed on once.
  return set.map(({ id }) => {
    const state = written.get(id)
    written.delete(id)
    return state
  })
}

function stateAfter({ papers, unsure }: ReadContact): StateOnceRead {
  if (papers.length > 0) return 'documents'
  return unsure === undefined ? 'read' : 'quarantined'
}

async function writeAndNote(trx: Db, set: ReadContact[]): Promise<[string, StateOnceRead][]> {
  const written = await write(trx, set)
  await askFor(trx, set, new Set(written.map(([id]) => id)))
  await enqueueEarlyReceipt(
    trx,
    written.filter(([, state]) => state !== 'read').map(([id]) => id)
  )
  const aside = written.filter(([, state]) => state === 'quarantined')
  const doubts = await trx
    .selectFrom('contacts')
    .select(['id', doubtMark])
    .where(
      'id',
      'in',
      aside.map(([id]) => id)
    )
    .execute()
  await appendEvents(
    trx,
    doubts.map(({ id: contactId, doubt }) => ({
      kind: 'contact.quarantined',
      contactId,
      actor: 'system:read',
      data: { code: 'TEXT_UNSURE', doubt }
    }))
  )
  return written
}

async function askFor(trx: Db, set: ReadContact[], written: ReadonlySet<string>): Promise<void> {
  const asked = set
    .filter(({ id }) => written.has(id))
    .flatMap(({ id, papers }) => papers.map((paper) => ({ id, paper })))
  if (asked.length === 0) return
  await askForDocuments(
    trx,
    asked.map(({ paper }) => paper)
  )
  await trx
    .insertInto('contact_documents')
    .values(asked.map(({ id, paper }) => ({ contact_id: id, sha256: paper.sha256 })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function write(db: Db, set: ReadContact[]): Promise<[string, StateOnceRead][]> {
  const contents = sql`
    with contents as (
      insert into blobs (sha256, content)
      select distinct on (sha256) sha256, content
        from ${unpack(set.flatMap((read) => read.inline))} as d (sha256, content)
      on conflict do nothing
    )`
  return recordRead(
    db,
    set.map((read) => ({
      id: read.id,
      state: stateAfter(read),
      kind: read.kind,
      tokens: read.tokens,
      envelope: read.draft,
      unsure: read.unsure,
      trail: trailOf(read)
    })),
    contents
  )
}

function trailOf(read: ReadContact): TrailStep[] {
  const step: TrailStep = {
    step: 'read',
    verdict: read.kind,
    reason: read.reason,
    evidence: { documents: read.draft.documents.length }
  }
  if (stateAfter(read) !== 'quarantined') return [step]
  const error = new EvenhandError('TEXT_UNSURE', read.unsure)
  return [
    step,
    { step: 'read', verdict: 'quarantined', reason: error.message, evidence: { code: error.code } }
  ]
}
