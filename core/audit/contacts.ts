/**
 * Contacts, by the tables and by the ledger: that they are there, what they are, what they say, and
 * what became of them.
 */
import { sql } from 'kysely'
import { INLINE_LIMIT } from '../../platform/storage/blob-store.ts'
import type { Db } from '../../platform/db/database.ts'
import { findProblems } from './problems.ts'

const views = sql`
  with accepted as (
    select contact_id, data, count(*) over (partition by contact_id) as times from events
      where kind = 'contact.accepted'
  ), said as (
    select distinct on (contact_id) contact_id, data ->> 'said' as mark from events
      where contact_id is not null and data ? 'said' order by contact_id, id desc
  ), named as (
    select distinct on (contact_id) contact_id, data ->> 'mark' as mark from events
      where kind in ('contact.accepted', 'contact.named') and data ? 'mark'
      order by contact_id, id desc
  ), held as (
    select distinct on (contact_id) contact_id, data ->> 'code' as code,
      data ->> 'doubt' as doubt from events where kind = 'contact.quarantined'
      order by contact_id, id desc
  ), became as (
    select distinct on (contact_id) contact_id, case kind when 'case.entered' then 'case'
      when 'contact.quarantined' then 'quarantined'
      when 'contact.joined' then data ->> 'as'
        when 'contact.set-aside' then data ->> 'as' end as outcome from events
    where kind in ('contact.accepted', 'contact.quarantined', 'contact.released',
      'contact.transcribed', 'contact.set-aside')
      or (kind = 'case.entered' and not data ? 'splitFrom')
      or (kind = 'contact.joined' and data ? 'as' and not data ? 'case')
    order by contact_id, id desc
  )`

const faults = {
  neverAccepted: sql`
    select 'contact ' || contacts.id || ' has no event of its acceptance' as problem from contacts
      where not exists (select from accepted where accepted.contact_id = contacts.id)`,
  gone: sql`
    select 'contact ' || contact_id || ' was accepted and is gone' from accepted where not
      exists (select from contacts where contacts.id = contact_id)`,
  acceptedTwice: sql`
    select distinct 'contact ' || contact_id || ' was accepted ' || times || ' times' from accepted
      where times > 1`,
  originalDiffers: sql`
    select 'contact ' || contacts.id || ' has another original than the ledger recorded'
      from contacts join accepted on accepted.contact_id = contacts.id
      where data ->> 'sha256' is distinct from raw_sha256`,
  markDiffers: sql`
    select 'contact ' || contacts.id ||
      ' has another receipt, source or recipient than the ledger recorded' from contacts
      join named on named.contact_id = contacts.id
    where mark is distinct from contact_mark(receipt, channel, source, external_id, recipients)`,
  formDiffers: sql`
    select 'contact ' || contacts.id ||
      ' has an original of another type or length than the ledger recorded' from contacts
      join accepted on accepted.contact_id = contacts.id
    where data ? 'form' and data ->> 'form' is distinct from said_mark(receipt,
      jsonb_build_array(media_type, raw_bytes))`,
  holdReasonDiffers: sql`
    select 'contact ' || contacts.id ||
      ' waits in quarantine for another reason than the ledger recorded' from contacts
      join held on held.contact_id = contacts.id
    where state = 'quarantined' and ((held.code is not null
      and quarantine_code is distinct from held.code) or (held.doubt is not null
      and held.doubt is distinct from said_mark(receipt, jsonb_build_array(unsure))))`,
  holdReasonLeft: sql`
    select 'contact ' || id || ' has a reason to wait in quarantine, and does not stand there'
      from contacts where state <> 'quarantined' and quarantine_code is not null`,
  wordsDiffer: sql`
    select 'contact ' || contacts.id || ' says something else than the ledger recorded'
      from contacts join said on said.contact_id = contacts.id
    join became on became.contact_id = contacts.id where became.outcome is distinct
      from 'quarantined'
      and became.outcome is not null and mark is distinct from said_mark(receipt, envelope)`,
  outcomeDiffers: sql`
    select 'contact ' || contacts.id || ' is ' || state || coalesce(' as ' || contacts.outcome,
      '') || ', but the ledger says ' || coalesce(became.outcome, 'that it is on its way')
      from contacts join became on became.contact_id = contacts.id
    where became.outcome is distinct from contacts.outcome or case
      when became.outcome is null then state in ('settled', 'quarantined')
      when became.outcome = 'quarantined' then state <> 'quarantined' else state <> 'settled' end`
}

export async function checkContacts(db: Db, limit: number): Promise<string[]> {
  return [
    ...(await findProblems(db, { views, faults }, limit)),
    ...(await checkOriginals(db, limit))
  ]
}

/** Originals kept in the database are there, and are read and hashed. Larger ones are files. */
async function checkOriginals(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    select 'what is stored as ' || sha256 || ' has been changed' as problem from blobs
      where encode(sha256(content), 'hex') <> sha256
    union all
    select 'contact ' || id || ' has lost its original' from contacts
      where raw_bytes <= ${INLINE_LIMIT} and not exists (select from blobs
      where sha256 = raw_sha256)
    union all
    select 'contact ' || id || ' has an original of another length' from contacts
      join blobs on sha256 = raw_sha256 where length(content) is distinct from raw_bytes
        limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
