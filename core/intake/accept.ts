/**
 * accept() is the only way in. The original bytes and the contact's row are on disk before the
 * sender hears "accepted".
 */
import { sql } from 'kysely'
import { INLINE_LIMIT, sha256, unpack, type Blobs } from '../../platform/storage/blob-store.ts'
import type { Accepted, RawContact } from './channel.ts'
import type { Db } from '../../platform/db/database.ts'
import { exactTime } from '../../platform/db/exact-time.ts'
import { mendSequences } from '../../platform/db/sequences.ts'
import type { Log } from '../../platform/logger.ts'
import { storableText, storableValue } from '../../platform/text/storable.ts'
import { asEvenhandError, EvenhandError } from '../../platform/errors.ts'
import { GroupCommit } from '../../platform/group-commit.ts'
import { newId } from '../../platform/ids.ts'
import { acceptedRows } from '../contacts/state.ts'
import { newReceipt } from '../contacts/receipts.ts'
import { contactEvents } from '../ledger/append.ts'

/**
 * Contacts written together: enough to share one fsync, few enough that a slow disk needs well
 * under a second.
 */
const SET_ITEMS = 128
const SET_BYTES = 4 * 1024 ** 2
/**
 * With more contacts than this unanswered, further senders are told to try later. This keeps memory
 * bounded.
 */
const MAX_PENDING = 2_000

interface Incoming {
  readonly id: string
  readonly receipt: string
  readonly raw: RawContact
  readonly externalId: string
  readonly hash: string
  readonly place: BatchPlace | undefined
}

/**
 * The place in line that a batch of letters gives. The arrival is always the batch's own stamp, and
 * the ordinal must be one of the lot's.
 */
export interface BatchPlace {
  readonly batch: string
  /** Number of the lot that the ordinal was drawn from. */
  readonly lot: number
  readonly ordinal: number
}

interface Row {
  id: string
  receipt: string
  arrived_at: Date
  ordinal: string
  channel: string
  source: string
  external_id: string
}

export class ContactAcceptor {
  readonly #db: Db
  readonly #blobs: Blobs
  readonly #log: Log
  readonly #onAccepted: (contactIds: string[]) => void
  readonly #sets: GroupCommit<Incoming, Accepted>

  /** `onAccepted` is called with the ids of new contacts after their commit. It must not throw. */
  constructor(db: Db, blobs: Blobs, log: Log, onAccepted: (contactIds: string[]) => void) {
    this.#db = db
    this.#blobs = blobs
    this.#log = log
    this.#onAccepted = onAccepted
    this.#sets = new GroupCommit((set) => this.#write(set), {
      maxItems: SET_ITEMS,
      maxBytes: SET_BYTES,
      maxPending: MAX_PENDING,
      sizeOf: ({ raw }) => Math.min(raw.bytes.length, INLINE_LIMIT)
    })
  }

  /**
   * Takes custody of a contact. A delivery that was accepted before gets its first answer again.
   * @throws EvenhandError INTAKE_BUSY, INTAKE_STORE_DOWN: nothing was kept, the sender should try
   * later.
   */
  accept(raw: RawContact): Promise<Accepted> {
    return this.#accept(raw, undefined)
  }

  /**
   * Takes custody of a letter from the mailroom. Only the mailroom calls this: channels get
   * `accept` alone, so that nothing but a logged tray can set an arrival. The database refuses a
   * place that is not the batch's.
   * @throws EvenhandError as `accept`
   */
  acceptLetter(
    raw: RawContact & { readonly externalId: string },
    place: BatchPlace
  ): Promise<Accepted> {
    return this.#accept(raw, place)
  }

  async #accept(raw: RawContact, place: BatchPlace | undefined): Promise<Accepted> {
    if (this.#sets.full) throw new EvenhandError('INTAKE_BUSY')
    const hash = sha256(raw.bytes)
    const clean = storable(raw)
    const incoming = {
      id: newId(),
      receipt: newReceipt(),
      raw: clean,
      externalId: clean.externalId ?? contentId(hash, clean.recipients),
      hash,
      place
    }
    try {
      if (raw.bytes.length > INLINE_LIMIT) await this.#blobs.putFile(raw.bytes, hash)
      return await this.#sets.add(incoming)
    } catch (error) {
      if (error instanceof EvenhandError) throw error
      throw new EvenhandError('INTAKE_STORE_DOWN', undefined, { cause: asEvenhandError(error) })
    }
  }

  /** Resolves when every contact given to `accept` so far has its answer. */
  idle(): Promise<void> {
    return this.#sets.idle()
  }

  async #write(set: Incoming[]): Promise<Accepted[]> {
    const rows = await this.#insert(set).catch((error: unknown) => this.#insertMended(set, error))
    const found = new Map(rows.map((row) => [key(row.channel, row.source, row.external_id), row]))
    const accepted = set.map((incoming) =>
      toAccepted(
        incoming,
        found.get(key(incoming.raw.channel, incoming.raw.source, incoming.externalId))!
      )
    )
    for (const { hash, raw } of set) this.#blobs.remember(hash, raw.bytes)
    const fresh = accepted.filter((one) => !one.repeated).map((one) => one.contactId)
    if (fresh.length > 0) this.#onAccepted(fresh)
    return accepted
  }

  /**
   * Inserts again after a sequence was found behind its table. Without moving the sequence on,
   * every further try would fail the same way.
   */
  async #insertMended(set: Incoming[], error: unknown): Promise<Row[]> {
    if (!isNumberTaken(error) || !(await mendSequences(this.#db, this.#log))) throw error
    return this.#insert(set)
  }

  async #insert(set: Incoming[]): Promise<Row[]> {
    const column = <T>(pick: (incoming: Incoming) => T) => set.map(pick)
    const inline = set.filter(({ raw }) => raw.bytes.length <= INLINE_LIMIT)
    const parts = set.some(({ place }) => place) ? lettersAmong(set) : nothingButContacts
    const { rows } = await sql<Row>`
      with originals as (
        insert into blobs (sha256, content)
        select distinct on (sha256) sha256, content
          from ${unpack(inline.map(({ hash, raw }) => ({ hash, content: raw.bytes })))} as o
          (sha256, content)
        on conflict do nothing
      ), given as (
        select * from unnest(
          ${column(({ id }) => id)}::uuid[], ${column(({ receipt }) => receipt)}::text[],
            ${column(({ raw }) => raw.channel)}::text[],
          ${column(({ raw }) => raw.source)}::text[],
            ${column(({ externalId }) => externalId)}::text[],
            ${column(({ hash }) => hash)}::text[],
          ${column(({ raw }) => raw.bytes.length)}::bigint[],
            ${column(({ raw }) => raw.mediaType)}::text[],
            ${column(({ raw }) => JSON.stringify(raw.recipients ?? []))}::jsonb[],
          ${column(({ raw }) => JSON.stringify({ ...raw.evidence, ...(raw.quarantine ? { quarantine: raw.quarantine } : {}) }))}::jsonb[],
          ${column(({ raw }) => raw.actor ?? `channel:${raw.channel}`)}::text[]
        ) with ordinality as g (id, receipt, channel, source, external_id, raw_sha256, raw_bytes,
          media_type, recipients, evidence, actor, n)
      ), added as (
        ${acceptedRows(parts)}
      ), recorded as (
        ${contactEvents(sql`select 'contact.accepted', added.id, given.actor,
          jsonb_build_object('arrivedAt', ${exactTime('arrived_at')}, 'ordinal', ordinal, 'sha256',
            added.raw_sha256,
            'mark', contact_mark(added.receipt, added.channel, added.source, added.external_id,
              added.recipients),
            'form', said_mark(added.receipt, jsonb_build_array(added.media_type,
              added.raw_bytes)))${parts.recorded}
        from added join given on given.id = added.id`)}
      )
      select id, receipt, arrived_at, ordinal, channel, source, external_id from added`.execute(
      this.#db
    )
    return rows.length === set.length ? rows : [...rows, ...(await this.#findExisting(set, rows))]
  }

  async #findExisting(set: Incoming[], added: Row[]): Promise<Row[]> {
    const known = new Set(added.map((row) => key(row.channel, row.source, row.external_id)))
    const missing = set.filter(
      ({ raw, externalId }) => !known.has(key(raw.channel, raw.source, externalId))
    )
    if (missing.length === 0) return []
    const { rows } = await sql<Row>`
      select id, receipt, arrived_at, ordinal, contacts.channel, contacts.source,
        contacts.external_id from contacts
      join unnest(${missing.map(({ raw }) => raw.channel)}::text[],
        ${missing.map(({ raw }) => raw.source)}::text[],
        ${missing.map(({ externalId }) => externalId)}::text[])
        as given (channel, source, external_id) using (channel, source, external_id)`.execute(
      this.#db
    )
    return rows
  }
}

function isNumberTaken(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string }
  return code === '23505' && (constraint === 'contacts_ordinal_key' || constraint === 'events_pkey')
}

/**
 * SQL parts that the insert needs only when letters are in the set. Most sets hold none and use
 * these empty ones.
 */
const nothingButContacts = { columns: sql``, values: sql``, from: sql``, recorded: sql`` }

function lettersAmong(set: Incoming[]): typeof nothingButContacts {
  const column = <T>(pick: (place: BatchPlace) => T) =>
    set.map(({ place }) => (place ? pick(place) : null))
  const places = sql`unnest(${set.map(({ id }) => id)}::uuid[],
      ${column(({ batch }) => batch)}::text[], ${column(({ ordinal }) => ordinal)}::bigint[],
      ${column(({ lot }) => lot)}::int[]) as place (id, batch, ordinal, lot)`
  return {
    columns: sql`, batch_id, arrived_at, ordinal`,
    // An ordinal that is not one of the lot's becomes null, which the column refuses.
    values: sql`, place.batch, case when place.batch is null then clock_timestamp()
        else batches.received_at end,
          case when place.batch is null then nextval('arrivals')
            when place.ordinal = any(batches.ordinals) then place.ordinal end`,
    from: sql` join ${places} on place.id = given.id left join batches on batches.id = place.batch`,
    recorded: sql` || coalesce((select jsonb_build_object('batch', batch, 'lot', lot)
        from ${places} where place.id = added.id and batch is not null), '{}')`
  }
}

/**
 * Identity of a delivery without an id of its own: hash of its bytes and of its recipients. A mail
 * delivered once for each of two departments has the same bytes, but counts as two deliveries.
 */
function contentId(hash: string, recipients: readonly string[] = []): string {
  if (recipients.length === 0) return `sha256:${hash}`
  return `sha256:${hash}:${sha256(
    Buffer.from(
      [...recipients]
        .map((address) => address.toLowerCase())
        .sort()
        .join('\n')
    )
  ).slice(0, 16)}`
}

function toAccepted(incoming: Incoming, row: Row): Accepted {
  return {
    contactId: row.id,
    receipt: row.receipt,
    arrivedAt: row.arrived_at,
    ordinal: Number(row.ordinal),
    repeated: row.id !== incoming.id
  }
}

function key(channel: string, source: string, externalId: string): string {
  return JSON.stringify([channel, source, externalId])
}

const LABEL_LIMIT = 1_000

/**
 * Provider ids and addresses are untrusted text too. They are bounded and cleared of what
 * PostgreSQL cannot store.
 */
function storable(raw: RawContact): RawContact {
  return {
    ...raw,
    source: label(raw.source),
    mediaType: label(raw.mediaType),
    ...(raw.externalId === undefined ? {} : { externalId: providerId(raw.externalId) }),
    ...(raw.actor === undefined ? {} : { actor: label(raw.actor) }),
    recipients: (raw.recipients ?? []).slice(0, 1_000).map(label),
    evidence: storableValue(raw.evidence) as Record<string, unknown>,
    ...(raw.quarantine === undefined ? {} : { quarantine: label(raw.quarantine) })
  }
}

/**
 * A provider's id, bounded: a longer one is replaced by its hash. It can never equal a `contentId`:
 * two deliveries with ids of their own stay two, even with the same bytes.
 */
function providerId(id: string): string {
  if (id.length > LABEL_LIMIT) return `id:${sha256(Buffer.from(id))}`
  return id.startsWith('sha256:') ? `id:${label(id)}` : label(id)
}

function label(text: string): string {
  return storableText(text).slice(0, LABEL_LIMIT).toWellFormed()
}
