/** The review bench: contacts whose person a machine would not decide. Every decision has a reason, is in the ledger by ids, and can be taken back. */
import { sql, type RawBuilder } from 'kysely'
import { anyTables, type Db } from '../db/database.ts'
import type { Sender } from '../envelope.ts'
import { EvenhandError } from '../errors.ts'
import { isId } from '../ids.ts'
import { appendEvents } from '../ledger.ts'
import { requireReason } from '../line/reasons.ts'
import type { Bar } from '../matching/model.ts'
import { mergeWithin, unmergeWithin } from '../matching/people.ts'
import { loadMentions, type Means, type Mention } from './recognise.ts'
import { rootOf, showConstituents, type ShownConstituent } from './view.ts'
import { drawIds, writeConstituents } from './write.ts'

export interface PossibleCandidate {
  readonly linkId: string
  readonly constituent: ShownConstituent
  readonly bits: number
  readonly waterfall: readonly Bar[]
  readonly reason: string
}

/** One person named by one contact, and who it may be, best first. */
export interface PossiblePerson {
  readonly contactId: string
  readonly role: Mention['role']
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly caseId: string | undefined
  readonly department: string | undefined
  /** As the contact gives it. */
  readonly named: Sender
  readonly candidates: readonly PossibleCandidate[]
}

/** What waits for a person, earliest arrival first, and how many in all. */
export async function listPossible(db: Db, limit = 50, departments?: readonly string[]): Promise<{ total: number; people: PossiblePerson[] }> {
  const people = await readPossible(db, sql`true`, limit, departments)
  return { total: people.length < limit ? people.length : await countPossible(db, departments), people }
}

/** One of them, wherever it stands among those that wait; undefined when it waits no more or is another department's. */
export async function findPossible(db: Db, contactId: string, role: string, departments?: readonly string[]): Promise<PossiblePerson | undefined> {
  return isId(contactId) ? (await readPossible(db, sql`link.contact_id = ${contactId} and link.role = ${role}`, 1, departments))[0] : undefined
}

/** How many wait for a person. */
export async function countPossible(db: Db, departments?: readonly string[]): Promise<number> {
  const { rows } = await sql<{ total: string }>`
    select count(*) as total from (${pairs(sql`true`)}) as pair join contacts on contacts.id = pair.contact_id left join cases on cases.id = contacts.case_id where ${within(departments)}`.execute(db)
  return Number(rows[0]!.total)
}

function pairs(which: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select distinct contact_id, role from constituent_links link where verdict = 'possible' and unlinked_at is null and ${which}`
}

function within(departments: readonly string[] | undefined): RawBuilder<unknown> {
  return departments ? sql`cases.department = any(${departments}::text[])` : sql`true`
}

// Ordered and cut before anything is gathered: the evidence of thousands that wait is not read to show one.
async function readPossible(db: Db, which: RawBuilder<unknown>, limit: number, departments: readonly string[] | undefined): Promise<PossiblePerson[]> {
  const { rows } = await sql<PossibleRow>`
    with page as (
      select contacts.id, pair.role, contacts.receipt, contacts.channel, contacts.arrived_at, contacts.ordinal, contacts.case_id, cases.department, contacts.envelope -> 'sender' as sender, contacts.envelope -> 'parties' as parties
      from (${pairs(which)}) as pair join contacts on contacts.id = pair.contact_id left join cases on cases.id = contacts.case_id
      where ${within(departments)} order by contacts.arrived_at, contacts.ordinal, pair.role limit ${limit}
    )
    select page.id as "contactId", page.role, receipt, channel, arrived_at as "arrivedAt", case_id as "caseId", department, sender, parties, gathered.candidates
    from page cross join lateral (
      select jsonb_agg(jsonb_build_object('linkId', link.id::text, 'root', coalesce(c.merged_into, c.id)::text, 'bits', bits, 'waterfall', waterfall, 'reason', reason) order by bits desc, link.id) as candidates
      from constituent_links link join constituents c on c.id = link.constituent_id where link.contact_id = page.id and link.role = page.role and verdict = 'possible' and unlinked_at is null
    ) as gathered
    order by arrived_at, ordinal, page.role`.execute(db)
  const shown = new Map((await showConstituents(db, [...new Set(rows.flatMap(({ candidates }) => candidates.map(({ root }) => root)))])).map((one) => [one.constituentId, one]))
  return rows.map(({ contactId, role, receipt, channel, arrivedAt, caseId, department, sender, parties, candidates }) => ({
    contactId, role, receipt, channel, arrivedAt, caseId: caseId ?? undefined, department: department ?? undefined,
    named: (role === 'sender' ? sender : parties?.find((party) => party.role === role)) ?? { emails: [], phones: [], addresses: [] },
    candidates: candidates.map(({ root, ...one }) => ({ ...one, constituent: shown.get(root)! }))
  }))
}

interface PossibleRow {
  readonly contactId: string
  readonly role: Mention['role']
  readonly receipt: string
  readonly channel: string
  readonly arrivedAt: Date
  readonly caseId: string | null
  readonly department: string | null
  readonly sender: Sender | null
  readonly parties: (Sender & { role: Mention['role'] })[] | null
  readonly candidates: readonly { linkId: string; root: string; bits: number; waterfall: Bar[]; reason: string }[]
}

/** Somebody on record; somebody new; or nobody that can be told. */
export type Decision = { readonly kind: 'same'; readonly constituentId: string } | { readonly kind: 'new' } | { readonly kind: 'nobody' }

/**
 * A person says who it is. The links a machine suggested end; what the contact says beyond what is known becomes a part of the chosen
 * constituent. Answers the live link, if there is one. @throws REASON_REQUIRED, RECEIPT_UNKNOWN, CONSTITUENT_UNKNOWN
 */
export async function decidePossible(db: Db, means: Pick<Means, 'protection' | 'country'>, contactId: string, role: Mention['role'], decision: Decision, actor: string, reason: string): Promise<string | undefined> {
  const why = requireReason(reason)
  const chosen = decision.kind === 'same' ? await rootOf(db, decision.constituentId) : undefined
  return db.transaction().execute(async (trx) => {
    const [mention] = (await loadMentions(trx, isId(contactId) ? [contactId] : [], means)).filter((one) => one.role === role)
    if (!mention) throw new EvenhandError('RECEIPT_UNKNOWN')
    await endLinks(trx, contactId, role, actor, why)
    if (decision.kind === 'nobody') {
      await appendEvents(trx, [{ kind: 'constituent.unlinked', contactId, actor, data: { role, reason: why } }])
      return undefined
    }
    const constituentId = chosen ?? await makeConstituent(trx, mention, means)
    const { rows } = await sql<{ id: string }>`
      insert into constituent_links (contact_id, constituent_id, role, verdict, linked_by, reason) values (${contactId}, ${constituentId}, ${role}, ${chosen ? 'linked' : 'new'}, ${actor}, ${why})
      returning id::text`.execute(trx)
    if (chosen) await addPart(trx, mention, chosen, means, actor)
    await appendEvents(trx, [{ kind: 'constituent.linked', contactId, actor, data: { role, constituent: constituentId, reason: why } }])
    return rows[0]!.id
  })
}

/**
 * Takes a link back, made by a machine or a person: what the contact had added to the constituent goes with it, and what a machine had
 * suggested waits again. @throws REASON_REQUIRED, LINK_UNKNOWN
 */
export async function undoPersonLink(db: Db, linkId: string, actor: string, reason: string): Promise<void> {
  const why = requireReason(reason)
  await db.transaction().execute(async (trx) => {
    const { rows } = /^\d{1,18}$/.test(linkId) ? await sql<{ contact_id: string; role: Mention['role']; constituent_id: string }>`
      update constituent_links set unlinked_at = now(), unlinked_by = ${actor}, unlink_reason = ${why} where id = ${linkId} and unlinked_at is null and verdict <> 'possible'
      returning contact_id, role, constituent_id::text`.execute(trx) : { rows: [] }
    const link = rows[0]
    if (!link) throw new EvenhandError('LINK_UNKNOWN')
    for (const mergeId of await partsBroughtBy(trx, link.contact_id, link.constituent_id)) await unmergeWithin(anyTables(trx), mergeId, { by: actor, reason: why })
    await sql`
      insert into constituent_links (contact_id, constituent_id, role, verdict, bits, waterfall, linked_by, reason)
      select distinct on (constituent_id) contact_id, constituent_id, role, 'possible', bits, waterfall, linked_by, reason from constituent_links
      where contact_id = ${link.contact_id} and role = ${link.role} and verdict = 'possible' order by constituent_id, id desc on conflict do nothing`.execute(trx)
    await appendEvents(trx, [{ kind: 'constituent.unlinked', contactId: link.contact_id, actor, data: { role: link.role, constituent: link.constituent_id, reason: why } }])
  })
}

/** Makes one constituent of two. @throws REASON_REQUIRED, CONSTITUENT_UNKNOWN, CONSTITUENT_MERGED */
export async function mergePeople(db: Db, kept: string, gone: string, actor: string, reason: string): Promise<string> {
  const why = requireReason(reason)
  const [into, from] = [await rootOf(db, kept), await rootOf(db, gone)]
  return db.transaction().execute(async (trx) => {
    const mergeId = await mergeWithin(anyTables(trx), into, from, { by: actor, reason: why })
    await appendEvents(trx, [{ kind: 'constituent.merged', actor, data: { merge: mergeId, kept: into, gone: from, reason: why } }])
    return mergeId
  })
}

/** Takes a merge back; both stand as they stood. @throws REASON_REQUIRED, CONSTITUENT_UNKNOWN */
export async function unmergePeople(db: Db, mergeId: string, actor: string, reason: string): Promise<void> {
  const why = requireReason(reason)
  if (!/^\d{1,18}$/.test(mergeId)) throw new EvenhandError('CONSTITUENT_UNKNOWN')
  await db.transaction().execute(async (trx) => {
    await unmergeWithin(anyTables(trx), mergeId, { by: actor, reason: why })
    await appendEvents(trx, [{ kind: 'constituent.unmerged', actor, data: { merge: mergeId, reason: why } }])
  })
}

async function endLinks(trx: Db, contactId: string, role: Mention['role'], actor: string, why: string): Promise<void> {
  await sql`
    update constituent_links set unlinked_at = now(), unlinked_by = ${actor}, unlink_reason = ${why} where contact_id = ${contactId} and role = ${role} and unlinked_at is null`.execute(trx)
}

async function makeConstituent(trx: Db, mention: Mention, { protection }: Pick<Means, 'protection'>): Promise<string> {
  const [id] = await drawIds(trx, 1)
  await writeConstituents(trx, [{ id: id!, mention, root: undefined }], protection.kind === 'hashed')
  return id!
}

async function addPart(trx: Db, mention: Mention, root: string, { protection }: Pick<Means, 'protection'>, actor: string): Promise<void> {
  if (mention.keys.length === 0) return
  const [id] = await drawIds(trx, 1)
  await writeConstituents(trx, [{ id: id!, mention, root }], protection.kind === 'hashed')
  await sql`insert into constituent_merges (kept, gone, merged_by, reason) values (${root}, ${id}, ${actor}, 'values of a contact that a person linked')`.execute(trx)
}

/** Merges in force of parts that were made from this contact. */
async function partsBroughtBy(trx: Db, contactId: string, constituentId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select merge.id::text from constituent_merges merge join constituents part on part.id = merge.gone
    where merge.unmerged_at is null and part.made_from = ${contactId} and part.merged_into = (select coalesce(merged_into, id) from constituents where id = ${constituentId})`.execute(trx)
  return rows.map(({ id }) => id)
}
