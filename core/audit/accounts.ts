/**
 * Who may do what, by the tables and by the ledger: staff accounts and the keys of other systems.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'

export async function checkAccounts(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with told as (
      select id, kind, (data ->> 'staff')::uuid as staff, data from events
        where kind in ('staff.invited', 'staff.joined', 'staff.changed', 'staff.disabled',
        'staff.enabled') and data ? 'staff'
    ), roles as (
      select distinct on (staff) staff, data ->> 'role' as role from told where data ? 'role'
        order by staff, id desc
    ), places as (
      select distinct on (staff) staff, data -> 'departments' as departments from told
        where data ? 'departments' order by staff, id desc
    ), doors as (
      select distinct on (staff) staff, kind from told
        where kind in ('staff.invited', 'staff.disabled', 'staff.enabled') order by staff, id desc
    ), marks as (
      select distinct on (staff) staff, data ->> 'mark' as mark from told where data ? 'mark'
        order by staff, id desc
    )
    select 'account ' || staff.id || ' has another name or address than the ledger recorded' as
      problem from staff join marks on marks.staff = staff.id
      where mark is distinct from staff_mark(salt, email, name)
    union all
    select 'account ' || staff.id || ' is ' || staff.role || ', but the ledger says ' ||
      coalesce(roles.role, 'nothing') as problem from staff left
      join roles on roles.staff = staff.id where roles.role is distinct from staff.role
    union all
    select 'account ' || staff.id || ' serves other departments than the ledger says' from staff
      join places on places.staff = staff.id where places.departments
        is distinct from to_jsonb(staff.departments)
    union all
    select 'account ' || staff.id || ' can sign in, but the ledger says that it was disabled'
      from staff join doors on doors.staff = staff.id where doors.kind = 'staff.disabled'
      and disabled_at is null
    union all
    select 'account ' || staff.id || ' is disabled, and the ledger does not say so' from staff left
      join doors on doors.staff = staff.id where doors.kind is distinct from 'staff.disabled'
      and disabled_at is not null
    union all
    select 'account ' || staff.id || ' has a password, and nobody set one by a link' from staff
      where password_hash is not null and not exists (select from told where told.staff = staff.id
      and kind = 'staff.joined')
    union all
    select distinct 'account ' || told.staff || ' is in the ledger and is gone' from told where not
      exists (select from staff where staff.id = told.staff)
    limit ${limit}`.execute(db)
  return [...rows.map(({ problem }) => problem), ...(await checkKeys(db, limit))]
}

async function checkKeys(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ problem: string }>`
    with told as (
      select (data ->> 'key')::uuid as key, kind, data from events
        where kind in ('key.added', 'key.rotated', 'key.disabled') and data ? 'key'
    )
    select 'key ' || api_keys.id || ' is not in the ledger' as problem from api_keys where not
      exists (select from told where told.key = api_keys.id and kind = 'key.added')
    union all
    select 'key ' || api_keys.id || ' may do other things than the ledger says' from api_keys
      join told on told.key = api_keys.id and kind = 'key.added'
      where data -> 'scopes' is distinct from to_jsonb(scopes)
      or (data ->> 'perMinute')::int is distinct from per_minute
    union all
    select 'key ' || api_keys.id || ' has another name than the ledger recorded' from api_keys
      join told on told.key = api_keys.id and kind = 'key.added'
      where data ? 'mark' and data ->> 'mark' is distinct from staff_mark(salt, '', name)
    union all
    select 'key ' || api_keys.id || ' is ' || case
      when disabled_at is null then 'open, but the ledger says that it was disabled'
      else 'disabled, and the ledger does not say so' end from api_keys
    where (disabled_at is null) = exists (select from told where told.key = api_keys.id
      and kind = 'key.disabled')
    union all
    select 'key ' || api_keys.id || ' has more secrets than were made for it' from api_keys
    where (select count(*) from api_key_secrets where key_id = api_keys.id) > (select count(*)
      from told where told.key = api_keys.id and kind in ('key.added', 'key.rotated'))
    union all
    select distinct 'key ' || told.key || ' is in the ledger and is gone' from told where not
      exists (select from api_keys where api_keys.id = told.key)
    limit ${limit}`.execute(db)
  return rows.map(({ problem }) => problem)
}
