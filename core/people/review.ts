/**
 * The review of people: contacts whose person no machine could decide. Every decision has a reason,
 * is in the ledger by ids, and can be taken back.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import type { Sender } from '../envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { appendEvents } from '../ledger/append.ts'
import { requireReason } from '../line/reasons.ts'
import { askByKeys } from '../matching/looks-due.ts'
import { mergeWithin, unmergeWithin } from '../matching/people.ts'
import { keepMentions, markDecided, markOpen } from './mentions.ts'
import { describe, loadMentions } from './recognise-people.ts'
import type { MatchContext, Mention } from './mention.ts'
import { rootOf } from './view.ts'
import { drawIds, MACHINE, withdrawConstituent, writeConstituents } from './write.ts'

/**
 * A constituent on record; a new one, described here if the contact says too little; or that it
 * cannot be told.
 */
export type PersonDecision =
  | { readonly kind: 'same'; readonly constituentId: string }
  | { readonly kind: 'new'; readonly named?: Sender }
  | { readonly kind: 'nobody' }

/** The mention that the decision is about. */
type Asked = Pick<Mention, 'contactId' | 'role'>

interface By {
  readonly actor: string
  readonly reason: string
}

/** Who does it, and their reason once it is checked. */
interface Checked {
  readonly actor: string
  readonly why: string
}

/**
 * Records a person's decision who it is, for a contact that waits or that a machine or another
 * person has linked. Existing links end. What the contact says beyond what is known becomes a part
 * of the chosen constituent, and no machine looks at the contact any more. Returns the live link,
 * if there is one. @throws REASON_REQUIRED, RECEIPT_UNKNOWN, CONSTITUENT_UNKNOWN; NAME_REQUIRED for
 * a new constituent without any data
 */
export async function decidePossible(
  db: Db,
  context: Pick<MatchContext, 'protection' | 'country'>,
  { contactId, role }: Asked,
  decision: PersonDecision,
  { actor, reason }: By
): Promise<string | undefined> {
  const why = requireReason(reason)
  const chosen = decision.kind === 'same' ? await rootOf(db, decision.constituentId) : undefined
  return db.transaction().execute(async (trx) => {
    const [mention] = (await loadMentions(trx, isId(contactId) ? [contactId] : [], context)).filter(
      (one) => one.role === role
    )
    if (!mention) throw new EvenhandError('RECEIPT_UNKNOWN')
    const person =
      decision.kind === 'new' && decision.named
        ? { ...mention, ...describe(decision.named, context) }
        : mention
    if (decision.kind === 'new' && person.keys.length === 0 && person.shown.names.length === 0)
      throw new EvenhandError('NAME_REQUIRED')
    await endLinks(trx, { contactId, role }, { actor, why }, chosen)
    await markDecided(trx, contactId, role, actor)
    if (decision.kind === 'nobody') {
      await appendEvents(trx, [
        { kind: 'constituent.unlinked', contactId, actor, data: { role, reason: why } }
      ])
      return undefined
    }
    const constituentId = chosen ?? (await makeConstituent(trx, person, context))
    const linkId = await writeLink(trx, {
      contactId,
      role,
      constituentId,
      verdict: chosen ? 'linked' : 'new',
      actor,
      why
    })
    if (chosen) await addPart(trx, mention, chosen, context, actor)
    await appendEvents(trx, [
      {
        kind: 'constituent.linked',
        contactId,
        actor,
        data: { role, constituent: constituentId, reason: why }
      }
    ])
    await askByKeys(trx, person.keys, 'more is known of somebody on record')
    return linkId
  })
}

async function writeLink(
  trx: Db,
  {
    contactId,
    role,
    constituentId,
    verdict,
    actor,
    why
  }: {
    contactId: string
    role: string
    constituentId: string
    verdict: string
    actor: string
    why: string
  }
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into constituent_links (contact_id, constituent_id, role, verdict, linked_by, reason)
      values (${contactId}, ${constituentId}, ${role}, ${verdict}, ${actor}, ${why})
    returning id::text`.execute(trx)
  return rows[0]!.id
}

/**
 * Takes back a link made by a machine or a person. What the contact had added to the constituent is
 * removed with it, and what a machine had suggested waits again. Later looks will not link it to
 * that constituent. @throws REASON_REQUIRED, LINK_UNKNOWN
 */
export async function undoPersonLink(
  db: Db,
  context: Pick<MatchContext, 'protection' | 'country'>,
  linkId: string,
  actor: string,
  reason: string
): Promise<void> {
  const why = requireReason(reason)
  await db.transaction().execute(async (trx) => {
    const { rows } = /^\d{1,18}$/.test(linkId)
      ? await sql<{ contact_id: string; role: Mention['role']; constituent_id: string }>`
      update constituent_links set unlinked_at = now(), unlinked_by = ${actor},
        unlink_reason = ${why} where id = ${linkId} and unlinked_at is null
        and verdict <> 'possible'
      returning contact_id, role, constituent_id::text`.execute(trx)
      : { rows: [] }
    const link = rows[0]
    if (!link) throw new EvenhandError('LINK_UNKNOWN')
    const added = { contactId: link.contact_id, constituentId: link.constituent_id }
    await takeBackParts(trx, added, { actor, why })
    await markOpen(trx, link.contact_id, link.role)
    await keepMentions(
      trx,
      (await loadMentions(trx, [link.contact_id], context)).filter(
        ({ role }) => role === link.role
      ),
      [],
      context.protection.kind
    )
    await sql`
      insert into constituent_links (contact_id, constituent_id, role, verdict, bits, waterfall,
        linked_by, reason)
      select distinct on (constituent_id) contact_id, constituent_id, role, 'possible', bits,
        waterfall, linked_by, reason from constituent_links
      where contact_id = ${link.contact_id} and role = ${link.role} and verdict = 'possible'
        order by constituent_id, id desc on conflict do nothing`.execute(trx)
    await appendEvents(trx, [
      {
        kind: 'constituent.unlinked',
        contactId: link.contact_id,
        actor,
        data: { role: link.role, constituent: link.constituent_id, reason: why }
      }
    ])
  })
}

/**
 * Merges two constituents into one. @throws REASON_REQUIRED, CONSTITUENT_UNKNOWN,
 * CONSTITUENT_MERGED
 */
export async function mergePeople(
  db: Db,
  kept: string,
  gone: string,
  actor: string,
  reason: string
): Promise<string> {
  const why = requireReason(reason)
  const [into, from] = [await rootOf(db, kept), await rootOf(db, gone)]
  return db.transaction().execute(async (trx) => {
    const mergeId = await mergeWithin(trx, into, from, { by: actor, reason: why })
    await appendEvents(trx, [
      {
        kind: 'constituent.merged',
        actor,
        data: { merge: mergeId, kept: into, gone: from, reason: why }
      }
    ])
    await askAbout(trx, [into, from])
    return mergeId
  })
}

/**
 * Undoes a merge; both constituents are as they were before. @throws REASON_REQUIRED,
 * CONSTITUENT_UNKNOWN
 */
export async function unmergePeople(
  db: Db,
  mergeId: string,
  actor: string,
  reason: string
): Promise<void> {
  const why = requireReason(reason)
  if (!/^\d{1,18}$/.test(mergeId)) throw new EvenhandError('CONSTITUENT_UNKNOWN')
  await db.transaction().execute(async (trx) => {
    await unmergeWithin(trx, mergeId, { by: actor, reason: why })
    await appendEvents(trx, [
      { kind: 'constituent.unmerged', actor, data: { merge: mergeId, reason: why } }
    ])
    const {
      rows: [merge]
    } = await sql<{
      kept: string
      gone: string
    }>`select kept::text, gone::text from constituent_merges where id = ${mergeId}`.execute(trx)
    await askAbout(trx, [merge!.kept, merge!.gone])
    await askLinkedSince(trx, merge!.kept, mergeId)
  })
}

/**
 * Constituents and contacts looked at again after a merge or its undoing; a person has a few dozen
 * of each.
 */
const ASKED_ABOUT = 200

async function askAbout(trx: Db, constituentIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ key: string }>`
    select distinct key::text from (select keys from constituents
      where id = any(${constituentIds}::bigint[]) or merged_into = any(${constituentIds}::bigint[])
      limit ${ASKED_ABOUT}) as held, unnest(keys) as key`.execute(trx)
  await askByKeys(
    trx,
    rows.map(({ key }) => BigInt(key)),
    MERGED
  )
}

/**
 * Looks again at contacts linked to the kept constituent since the merge, because a machine may
 * have linked them by what only the other one says.
 */
async function askLinkedSince(trx: Db, kept: string, mergeId: string): Promise<void> {
  await sql`
    insert into looks_due (contact_id, because)
    select distinct link.contact_id, ${MERGED} from constituent_links link
      join constituent_merges merge on merge.id = ${mergeId}
    where link.constituent_id = ${kept} and link.linked_at >= merge.merged_at
      and link.unlinked_at is null and link.linked_by = ${MACHINE} and exists (select from contacts
      where id = link.contact_id)
    order by 1 limit ${ASKED_ABOUT} on conflict do nothing`.execute(trx)
}

const MERGED = 'people on record were merged or taken apart'

/**
 * Ends all links. What the contact had added to constituents is removed with them, except for the
 * chosen one.
 */
async function endLinks(
  trx: Db,
  { contactId, role }: Asked,
  by: Checked,
  chosen: string | undefined
): Promise<void> {
  const { rows } = await sql<{ constituent_id: string; verdict: string }>`
    update constituent_links set unlinked_at = now(), unlinked_by = ${by.actor},
      unlink_reason = ${by.why} where contact_id = ${contactId} and role = ${role}
      and unlinked_at is null
    returning constituent_id::text, verdict`.execute(trx)
  for (const { constituent_id: constituentId, verdict } of rows)
    if (verdict !== 'possible') await takeBackParts(trx, { contactId, constituentId, chosen }, by)
}

interface Added {
  readonly contactId: string
  readonly constituentId: string
  /** A constituent that stays on record, whoever added it. */
  readonly chosen?: string | undefined
}

async function takeBackParts(
  trx: Db,
  { contactId, constituentId, chosen }: Added,
  { actor, why }: Checked
): Promise<void> {
  for (const mergeId of await partsBroughtBy(trx, contactId, constituentId))
    await unmergeWithin(trx, mergeId, { by: actor, reason: why })
  const { rows } = await sql<{ id: string }>`
    select id::text from constituents made where made_from = ${contactId} and merged_into is null
      and id is distinct from ${chosen ?? null}::bigint
      and not exists (select from constituent_links where constituent_id = made.id
        and unlinked_at is null) and not exists (select from constituents
        where merged_into = made.id)`.execute(trx)
  for (const { id } of rows) await withdrawConstituent(trx, id)
}

async function makeConstituent(
  trx: Db,
  mention: Mention,
  { protection }: Pick<MatchContext, 'protection'>
): Promise<string> {
  const [id] = await drawIds(trx, 1)
  await writeConstituents(trx, [{ id: id!, mention, root: undefined }], protection.kind)
  return id!
}

async function addPart(
  trx: Db,
  mention: Mention,
  root: string,
  { protection }: Pick<MatchContext, 'protection'>,
  actor: string
): Promise<void> {
  const {
    rows: [own]
  } = await sql`select from constituents where id = ${root}
        and made_from = ${mention.contactId}`.execute(trx)
  if (mention.keys.length === 0 || own) return
  const [id] = await drawIds(trx, 1)
  await writeConstituents(trx, [{ id: id!, mention, root }], protection.kind)
  await sql`insert into constituent_merges (kept, gone, merged_by, reason)
      values (${root}, ${id}, ${actor}, 'values of a contact that a person linked')`.execute(trx)
}

/** Merges in force whose parts were made from this contact. */
async function partsBroughtBy(
  trx: Db,
  contactId: string,
  constituentId: string
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select merge.id::text from constituent_merges merge
      join constituents part on part.id = merge.gone
    where merge.unmerged_at is null and part.made_from = ${contactId}
      and part.merged_into = (select coalesce(merged_into, id) from constituents
      where id = ${constituentId})`.execute(trx)
  return rows.map(({ id }) => id)
}
