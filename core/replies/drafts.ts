/**
 * What somebody is writing on a case, kept on the server as it is typed: one reply and one note per
 * case and person. Two windows of the same person lose nothing to each other, and no words that
 * were sent come back as unsent.
 */
import { sql } from 'kysely'
import type { Db } from '../../platform/db/database.ts'
import { storableText } from '../../platform/text/storable.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { draftFiles, dropDraftFiles, type DraftFile } from './draft-files.ts'

export type DraftKind = 'reply' | 'note'

/** Fields of the form by their names, as typed. */
export type DraftFields = Readonly<Record<string, string>>

export interface Draft {
  /** Grows with each change; a window that has seen an older one does not overwrite. */
  readonly version: number
  readonly fields: DraftFields
  /** When another window kept these words, where they stand in for what was sent; until changed. */
  readonly keptFrom: Date | undefined
  /** Words of other windows, that this one has not seen; earliest first. */
  readonly other: readonly OtherWords[]
  readonly files: readonly DraftFile[]
  /** When there is something to keep: the latest change. */
  readonly updatedAt: Date | undefined
}

export interface OtherWords {
  readonly text: string
  /** When they were kept; undefined in older rows. */
  readonly at: Date | undefined
}

/** A draft is one person's, of one kind, on one case. */
export interface DraftKey {
  readonly caseId: string
  readonly author: string
  readonly kind: DraftKind
}

/** What one window holds. */
export interface WindowWords {
  /** The reply or note that it becomes, which no other window does; null in older rows. */
  readonly becomes: string | null
  /** Of the draft when they were laid beside it. */
  readonly version: number
  readonly fields: DraftFields
  /** When they were kept, in ISO 8601; missing in older rows. */
  readonly at?: string | undefined
}

/** A reply or note that went out, and the version of the draft from which it is there no more. */
export interface SentWords {
  readonly becomes: string
  readonly version: number
}

export interface KeptDraft extends DraftKey {
  /** The version that the window has seen; 0 if it saw none. */
  readonly version: number
  readonly fields: DraftFields
  /** Id of the reply or note it becomes: after that was sent, nothing more is kept of it. */
  readonly becomes: string
  /** Its box was only sent along, because a button of the other one was pressed. */
  readonly aside?: boolean | undefined
}

interface DraftRow extends WindowWords {
  readonly kept_from: Date | null
  readonly updated_at: Date
  readonly other: readonly WindowWords[]
  readonly sent: readonly SentWords[]
}

/** Windows whose words are laid beside a draft; beyond that the earliest are let go. */
const WINDOWS = 20

export async function readDraft(db: Db, key: DraftKey): Promise<Draft> {
  const row = await rowOf(db, key)
    .select(['version', 'fields', 'kept_from', 'other', 'updated_at'])
    .executeTakeFirst()
  const files = key.kind === 'reply' ? await draftFiles(db, key.caseId, key.author) : []
  if (!row)
    return { version: 0, fields: {}, keptFrom: undefined, other: [], files, updatedAt: undefined }
  return {
    version: row.version,
    fields: row.fields,
    keptFrom: row.kept_from ?? undefined,
    other: row.other.map((one) => ({
      text: textOf(one),
      at: one.at ? new Date(one.at) : undefined
    })),
    files,
    updatedAt: isEmpty(row) ? undefined : row.updated_at
  }
}

function rowOf(db: Db, { caseId, author, kind }: DraftKey) {
  return db
    .selectFrom('drafts')
    .where('case_id', '=', caseId)
    .where('author', '=', author)
    .where('kind', '=', kind)
}

/**
 * Keeps what a window holds. Other words kept since by another window are not overwritten, but laid
 * beside it.
 * @returns the draft as it is kept now, and whether another window has sent these words meanwhile:
 * then they are not kept again
 */
export async function keepDraft(
  db: Db,
  draft: KeptDraft
): Promise<Draft & { readonly sent: boolean }> {
  const sent = await db.transaction().execute(async (trx) => {
    if (!isEmpty(draft)) await openDraft(trx, draft)
    const before = await lockDraft(trx, draft)
    if (!before || (isEmpty(draft) && isEmpty(before))) return false
    // Asked once the row is locked, which who sends also holds.
    if ((await sentTexts(trx, draft.kind, [draft.becomes])).length > 0) return false
    if (await sentElsewhere(trx, draft, before)) return true
    const unseen = unseenIn(before, draft)
    if (!unseen || !isBlank(textOf(draft))) await lay(trx, draft, before, unseen)
    return false
  })
  return { ...(await readDraft(db, draft)), sent }
}

const isEmpty = ({ fields }: Pick<WindowWords, 'fields'>) => Object.keys(fields).length === 0

async function lay(
  trx: Db,
  draft: KeptDraft,
  before: DraftRow,
  unseen: DraftRow | undefined
): Promise<void> {
  const { becomes, fields } = draft
  const version = before.version + 1
  const others = before.other.filter((one) => one.becomes !== becomes)
  const laid = unseen ? [{ ...wordsOf(unseen), version }] : []
  const other = [...others, ...laid].slice(-WINDOWS)
  const isOwn = before.becomes === becomes || textOf(before) !== textOf(draft)
  const keptFrom = isOwn ? null : before.kept_from
  await writeDraft(trx, draft, {
    ...before,
    version,
    becomes,
    fields,
    kept_from: keptFrom,
    other
  })
}

/** What a draft holds, to be laid beside another one. */
function wordsOf({ becomes, version, fields, updated_at: at }: DraftRow): WindowWords {
  return { becomes, version, fields, at: at.toISOString() }
}

async function openDraft(trx: Db, { caseId, author, kind }: DraftKey): Promise<void> {
  await trx
    .insertInto('drafts')
    .values({ case_id: caseId, author, kind, version: 0, fields: '{}' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function lockDraft(trx: Db, key: DraftKey): Promise<DraftRow | undefined> {
  return rowOf(trx, key)
    .select(['version', 'becomes', 'fields', 'kept_from', 'other', 'sent', 'updated_at'])
    .forUpdate()
    .executeTakeFirst()
}

/** What another window kept since this one was made, unless both hold the same. */
function unseenIn(before: DraftRow, draft: KeptDraft): DraftRow | undefined {
  const seen = before.version === draft.version || before.becomes === draft.becomes
  const words = textOf(before)
  return seen || isBlank(words) || textOf(draft) === words ? undefined : before
}

function textOf({ fields }: Pick<WindowWords, 'fields'>): string {
  return storableText(fields['text'] ?? '')
    .replaceAll('\r\n', '\n')
    .trim()
}

async function sentTexts(trx: Db, kind: DraftKind, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ text: string }>`
    select text from ${kind === 'note' ? sql`notes` : sql`answers`} as written
    where id = any(${ids}::uuid[])`.execute(trx)
  return rows.map(({ text }) => text)
}

/** A window made before words were sent by another one still shows them: they are not new. */
async function sentElsewhere(
  trx: Db,
  draft: KeptDraft,
  { becomes, sent }: DraftRow
): Promise<boolean> {
  const words = textOf(draft)
  if (draft.version === 0 || becomes === draft.becomes || isBlank(words)) return false
  const since = sent.filter(({ version }) => version > draft.version)
  const texts = await sentTexts(
    trx,
    draft.kind,
    since.map((one) => one.becomes)
  )
  return texts.some((text) => (draft.aside ? text.includes(words) : text === words))
}

async function writeDraft(
  trx: Db,
  key: DraftKey,
  row: Omit<DraftRow, 'updated_at'>
): Promise<void> {
  await trx
    .updateTable('drafts')
    .set({
      version: row.version,
      becomes: row.becomes,
      fields: JSON.stringify(row.fields),
      kept_from: row.kept_from,
      other: JSON.stringify(row.other),
      sent: JSON.stringify(row.sent),
      updated_at: sql`now()`
    })
    .where('case_id', '=', key.caseId)
    .where('author', '=', key.author)
    .where('kind', '=', key.kind)
    .execute()
}

/** Takes other windows' words off, once their writer has seen them: those of this version. */
export async function dropOther(db: Db, key: DraftKey, seen: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const before = await lockDraft(trx, key)
    if (!before) return
    const other = before.other.filter(({ version }) => version > seen)
    await writeDraft(trx, key, { ...before, other })
  })
}

/** Empties a draft whose words nobody wants; what other windows kept stays beside it. */
export async function discardDraft(db: Db, key: DraftKey): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const before = await lockDraft(trx, key)
    if (before) await writeDraft(trx, key, { ...before, ...emptyAfter(before) })
  })
}

const emptyAfter = ({ version }: DraftRow) => ({
  version: version + 1,
  becomes: null,
  fields: {},
  kept_from: null
})

/**
 * Removes from a draft what went out as this reply or note. Words of another window stay: the
 * latest of them are the draft from now on.
 */
export async function dropDraft(trx: Db, key: DraftKey, becomes: string): Promise<void> {
  const before = await lockDraft(trx, key)
  if (before) {
    const [text = ''] = await sentTexts(trx, key.kind, [becomes])
    const left = [...before.other, wordsOf(before)].filter(
      (one) => one.becomes !== becomes && !isBlank(textOf(one)) && textOf(one) !== text
    )
    const empty = emptyAfter(before)
    const { version } = empty
    await writeDraft(trx, key, {
      ...empty,
      ...standingIn(left.at(-1), before),
      other: left.slice(0, -1).map((one) => ({ ...one, version })),
      sent: [...before.sent, { becomes, version }]
    })
  }
  if (key.kind === 'reply') await dropDraftFiles(trx, key.caseId, key.author)
}

/** The words of another window as the draft. */
function standingIn(words: WindowWords | undefined, { updated_at: latest }: DraftRow) {
  if (!words) return {}
  const { becomes, fields, at } = words
  return { becomes, fields, kept_from: at ? new Date(at) : latest }
}
