import { expect, test } from '@jest/globals'
import { program, readSources, type Source } from '../helpers/sources.ts'

/**
 * Of each table with one owner, whose files alone may write it; of contacts, the columns that go
 * with a contact's state.
 */
const owners: readonly {
  readonly table: string
  readonly columns?: readonly string[]
  readonly owner: RegExp
}[] = [
  {
    table: 'contacts',
    columns: ['state', 'outcome', 'quarantine_code', 'unsure', 'discarded_at', 'trail'],
    owner: /^core\/contacts\/state\.ts$/
  },
  { table: 'outbound', owner: /^core\/outbox\// },
  { table: 'events', owner: /^core\/ledger\// }
]

/** One line of code with single spaces: how a statement is broken into lines says nothing. */
const flat = (text: string) => text.replace(/\s+/g, ' ')

interface Write {
  readonly table: string
  /**
   * What the statement sets, as it is written; undefined for one that makes or takes away whole
   * rows.
   */
  readonly set?: string
}

const rawWrites =
  /\b(?:(insert into|delete from|merge into|truncate(?: table)?|copy) (?:only )?(?:public\.)?"?(\w+)|update (?:only )?(?:public\.)?"?(\w+)"?(?: (?:as )?\w+)? set (.*?)(?: from | where | returning |`|$))/gi
const builtWrites =
  /\b(insertInto|updateTable|deleteFrom|mergeInto)\( ?['"`](\w+)(?: as \w+)?['"`] ?\)/g

function writesIn(text: string): Write[] {
  const code = flat(text)
  const raw = [...code.matchAll(rawWrites)].map(([, , made, changed, set]): Write =>
    changed ? { table: changed, set: set! } : { table: made! }
  )
  const built = [...code.matchAll(builtWrites)].map((match): Write =>
    match[1] === 'updateTable'
      ? { table: match[2]!, set: argumentsFrom(code, match.index + match[0].length) }
      : { table: match[2]! }
  )
  return [...raw, ...built]
}

/** What stands in the brackets of `.set(…)`, which comes next. */
function argumentsFrom(code: string, from: number): string {
  const start = code.indexOf('.set(', from)
  let depth = 0
  for (let at = start + 4; start >= 0 && at < code.length; at += 1) {
    if (code[at] === '(') depth += 1
    if (code[at] === ')') depth -= 1
    if (depth === 0) return code.slice(start + 5, at)
  }
  return code.slice(from)
}

/** A spread, and a set of values that is made elsewhere, may hold any column. */
function touches(columns: readonly string[] | undefined, set: string | undefined): boolean {
  if (columns === undefined || set === undefined) return true
  return (
    /^\w+$/.test(set.trim()) ||
    /(?:^|[{,(] ?)\.\.\./.test(set) ||
    columns.some((column) =>
      new RegExp(`(?:^|[{,(] ?|')"?${column}(?:"|')?(?: ?[:=,}]|$)`).test(set)
    )
  )
}

function strangers({ path, text }: Source): string[] {
  return writesIn(text).flatMap(({ table, set }) =>
    owners
      .filter((one) => one.table === table && touches(one.columns, set) && !one.owner.test(path))
      .map((one) => `${path}: ${one.table}`)
  )
}

const built = (set: string) =>
  `await trx.updateTable('contacts')\n  .set(${set})\n  .where('id', '=', id)`

test.each([
  ["update contacts\n  set state = 'read' where id = 1", true],
  ["update contacts as c set attempts = 0,\n  trail = c.trail || '[]' where id = 1", true],
  ['with a as (select 1) UPDATE public.contacts SET "outcome" = null', true],
  ["update contacts set attempts = 0 from cases where contacts.state = 'read'", false],
  ['update contacts set case_id = given.case_id, own_case_id = null', false],
  ['insert into contacts (id) select 1', true],
  ['delete from contacts', true],
  ['truncate contacts', true],
  ["db.deleteFrom( 'contacts' )", true],
  [built("{ state: 'read' }"), true],
  [built('{ attempts: 0, unsure }'), true],
  [built("(row) => ({ attempts: row('attempts', '+', 1), discarded_at: null })"), true],
  [built("'state', 'read'"), true],
  [built("{ attempts: 0, ...(held ? { outcome: 'quarantined' } : {}) }"), true],
  [built('values'), true],
  [built("(row) => ({ attempts: row('attempts', '+', 1) })"), false],
  [built('{ own_case_id: null }'), false],
  ["db.insertInto('outbound').values(row)", true],
  ["update outbound set state = 'sent'", true],
  ['insert into\n  events (kind) select kind from news', true],
  ["select state from contacts where state = 'read' for update", false],
  ["db.selectFrom('events').selectAll()", false]
])('%s writes what another owns: %s', (text, found) => {
  expect(strangers({ path: 'core/line/take.ts', text }).length > 0).toBe(found)
})

test("a contact's state, what is owed and what happened each have one writer", () => {
  const sources = readSources(program).filter(
    ({ path }) => !path.startsWith('platform/db/migrations/')
  )
  expect(sources.length).toBeGreaterThan(300)
  expect(sources.flatMap(strangers)).toEqual([])
})

test('each owner does write what it owns', () => {
  for (const { table, owner } of owners)
    expect(
      readSources(['core']).filter(
        ({ path, text }) =>
          owner.test(path) && writesIn(text).some((write) => write.table === table)
      )
    ).not.toEqual([])
})

/** Kysely's `sql`, its builders, or the driver itself. */
const asksTheDatabase =
  /\bfrom 'kysely'|\bfrom 'pg'|\bimport\( ?'(?:kysely|pg)'|\.(?:selectFrom|selectNoFrom|insertInto|updateTable|deleteFrom|mergeInto|replaceInto) ?\(|\bpool ?\.query ?\(/

test.each([
  ["import {\n  sql\n} from 'kysely'", true],
  ["db\n  .selectFrom('cases')", true],
  ["trx.updateTable('cases')", true],
  ["database.pool.query('select 1')", true],
  ["import type { Db } from '../platform/db/database.ts'", false],
  ['await countWaiting(db, departments)', false]
])('%s asks the database itself: %s', (text, found) => {
  expect(asksTheDatabase.test(flat(text))).toBe(found)
})

test('pages, endpoints, channels, commands and workers ask the rooms that own the tables', () => {
  const sources = readSources(['web', 'cli', 'channels', 'workers'])
  expect(sources.length).toBeGreaterThan(100)
  expect(
    sources.filter(({ text }) => asksTheDatabase.test(flat(text))).map(({ path }) => path)
  ).toEqual([])
})
