/**
 * What a new look at a contact changes: links made by a machine, and what it recorded about the
 * contact. Everything stays on record and can be taken back.
 */
import type { Protection } from '../matching/protect.ts'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { addToTrail } from '../contacts/state.ts'
import { appendEvents, type LedgerEvent } from '../ledger/append.ts'
import { mergeWithin, unmergeWithin } from '../matching/people.ts'
import { noteOf, POSSIBLE_SHOWN, type Recognition } from './trail-step.ts'
import type { Own, LinkStanding } from './look-standing.ts'
import type { verdictOn } from './recognise-people.ts'
import { ENOUGH } from './sender.ts'
import type { MatchContext, Mention } from './mention.ts'
import {
  drawIds,
  MACHINE,
  rewriteConstituent,
  withdrawConstituent,
  writeLearnt,
  writeRecognised
} from './write.ts'

export type Looked = {
  readonly mention: Mention
  readonly stands: LinkStanding
  readonly verdict: ReturnType<typeof verdictOn>
}

export const LOOKER = 'system:people'

/**
 * Changes the links to match the verdict where they differ. Returns the keys by which people can
 * now be found who could not before.
 */
export async function changeLinks(
  trx: Db,
  looked: Looked,
  because: string,
  context: MatchContext
): Promise<bigint[]> {
  const { mention, stands, verdict } = looked
  const retyped = isRetyped(looked)
  if (staysOwn(looked)) return []
  if (says(looked))
    return retyped
      ? rewriteAll(trx, looked, context)
      : stands.parts.length === 0
        ? writeLearnt(trx, [{ mention, verdict }], context)
        : []
  await endMachineLinks(trx, mention, because)
  const kept = await settleOwn(trx, looked, { retyped, protection: context.protection.kind })
  const recognition = await made(trx, looked, kept)
  const news = await writeRecognised(
    trx,
    kept && verdict.kind === 'new' ? [] : [recognition],
    context
  )
  if (kept && verdict.kind === 'new') await linkOwn(trx, mention, kept)
  await addToTrail(trx, mention.contactId, noteAgain(recognition, because))
  await appendEvents(trx, eventsOf(looked, recognition, because))
  return [...news, ...(kept ? mention.keys : [])]
}

/** Whether the contact says something else than when it was recorded. */
function isRetyped({ mention, stands }: Looked): boolean {
  return [stands.own, ...stands.parts].some((one) => one !== undefined && !sameValues(one, mention))
}

/**
 * True if a machine made a constituent of it. It stays that constituent; similar people found later
 * are no reason to doubt.
 */
export function staysOwn(looked: Looked): boolean {
  return looked.stands.own !== undefined && looked.verdict.kind !== 'linked' && !isRetyped(looked)
}

function sameValues(own: Own, { person }: Mention): boolean {
  return [own.comparable, person]
    .map((one) => JSON.stringify(sorted(one), withoutWritten))
    .every((text, _, [first]) => text === first)
}

// What earlier releases stored in privacy mode lacks this member.
function withoutWritten(key: string, value: unknown): unknown {
  return key === 'written' ? undefined : value
}

// Compared in sorted order, because the database orders an object's members its own way.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)])
  )
}

/** Whether the live links already match the verdict. */
function says({ stands: { links, own }, verdict }: Looked): boolean {
  if (verdict.kind === 'anonymous') return links.length === 0
  if (verdict.kind === 'new') return own !== undefined && !own.used
  const surely = links.filter((link) => link.verdict !== 'possible')
  if (verdict.kind === 'linked')
    return (
      surely.length === 1 &&
      links.length === 1 &&
      surely[0]!.root === verdict.candidate.constituentId
    )
  const wanted = new Set(
    verdict.candidates.slice(0, POSSIBLE_SHOWN).map(({ constituentId }) => constituentId)
  )
  return (
    surely.length === 0 &&
    links.length === wanted.size &&
    links.every(({ root }) => wanted.has(root))
  )
}

/** The links stay, but what the contact says was entered anew. */
async function rewriteAll(
  trx: Db,
  { mention, stands }: Looked,
  context: MatchContext
): Promise<bigint[]> {
  for (const one of [stands.own, ...stands.parts])
    if (one) await rewriteConstituent(trx, one.id, mention, context.protection.kind)
  return [...mention.keys]
}

async function endMachineLinks(
  trx: Db,
  { contactId, role }: Mention,
  because: string
): Promise<void> {
  await sql`
    update constituent_links set unlinked_at = now(), unlinked_by = ${MACHINE},
      unlink_reason = ${`looked at again: ${because}`}
    where contact_id = ${contactId} and role = ${role} and unlinked_at is null
      and linked_by = ${MACHINE}`.execute(trx)
}

/**
 * Handles the constituent that a machine had made of the contact: it becomes a part of whom the
 * contact is now linked to, is reused for somebody new, or is emptied. If other contacts are linked
 * to it, it stays a person of its own.
 */
async function settleOwn(
  trx: Db,
  { mention, stands: { own, parts }, verdict }: Looked,
  { retyped, protection }: { readonly retyped: boolean; readonly protection: Protection['kind'] }
): Promise<Own | undefined> {
  for (const part of parts) await takeOut(trx, part.id)
  const [first, ...rest] = [
    ...(own && !(own.used && retyped) ? [own] : []),
    ...parts.filter(({ used }) => !used)
  ]
  for (const one of rest) await withdrawConstituent(trx, one.id)
  if (!first) return undefined
  const sure =
    verdict.kind === 'new' || (verdict.kind === 'linked' && mention.identifiers >= ENOUGH)
  if (!sure) {
    if (!first.used) await withdrawConstituent(trx, first.id)
    return undefined
  }
  if (retyped) await rewriteConstituent(trx, first.id, mention, protection)
  if (verdict.kind === 'linked')
    await mergeWithin(trx, verdict.candidate.constituentId, first.id, {
      by: MACHINE,
      reason: 'what a machine had made of the contact'
    })
  return first
}

async function takeOut(trx: Db, partId: string): Promise<void> {
  const { rows } = await sql<{
    id: string
  }>`select id::text from constituent_merges where gone = ${partId}
      and unmerged_at is null`.execute(trx)
  for (const { id } of rows)
    await unmergeWithin(trx, id, { by: MACHINE, reason: 'the contact was looked at again' })
}

async function made(
  trx: Db,
  { mention, verdict }: Looked,
  kept: Own | undefined
): Promise<Recognition> {
  if (verdict.kind !== 'new') return { mention, verdict }
  return { mention, verdict, madeId: kept?.id ?? (await drawIds(trx, 1))[0]! }
}

async function linkOwn(trx: Db, { contactId, role }: Mention, { id }: Own): Promise<void> {
  await sql`
    insert into constituent_links (contact_id, constituent_id, role, verdict, linked_by, reason)
      values (${contactId}, ${id}, ${role}, 'new', ${MACHINE}, 'nobody on record fits')`.execute(
    trx
  )
}

function noteAgain(recognition: Recognition, because: string) {
  const note = noteOf(recognition)
  return { ...note, reason: `${note.reason} (looked at again: ${because})` }
}

function eventsOf(
  { mention: { contactId, role }, stands: { links } }: Looked,
  { verdict, madeId }: Recognition,
  because: string
): LedgerEvent[] {
  const event = (kind: LedgerEvent['kind'], data: Record<string, unknown>): LedgerEvent => ({
    kind,
    contactId,
    actor: LOOKER,
    data: { role, ...data, because }
  })
  const ended = links
    .filter((link) => link.verdict !== 'possible')
    .map(({ root }) => event('constituent.unlinked', { constituent: root }))
  if (verdict.kind === 'linked')
    return [...ended, event('constituent.linked', { constituent: verdict.candidate.constituentId })]
  if (verdict.kind === 'new')
    return [...ended, event('constituent.linked', { constituent: madeId })]
  if (verdict.kind === 'possible')
    return [
      ...ended,
      event('constituent.suggested', {
        constituents: verdict.candidates
          .slice(0, POSSIBLE_SHOWN)
          .map(({ constituentId }) => constituentId)
      })
    ]
  return ended
}
