/** Contacts brought in without a channel: accepted for real, read by hand, settled for real. */
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import type { Accepted, RawContact } from '../../core/intake/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { recordRead } from '../../core/contacts/state.ts'
import { ourNames } from '../../core/duplicates/filler.ts'
import { WrittenTexts } from '../../core/duplicates/texts.ts'
import { openRecognition } from '../../core/people/recognition.ts'
import { signReplyToken } from '../../core/outbox/reply-tokens.ts'
import { Settler, type SettlerOptions } from '../../core/settle/settler.ts'

export interface Mail extends Partial<
  Pick<
    EnvelopeDraft,
    | 'channel'
    | 'subject'
    | 'text'
    | 'textFrom'
    | 'language'
    | 'answers'
    | 'documents'
    | 'parties'
    | 'place'
    | 'category'
    | 'evidence'
  >
> {
  /** Our addresses; the default town routes parks@, water@, streets@ … by them. */
  readonly to?: readonly string[]
  readonly kind?: 'message' | 'auto-reply' | 'bounce'
  readonly tokens?: readonly string[]
  readonly raw?: Partial<RawContact>
  readonly from?: string
  readonly sender?: Partial<EnvelopeDraft['sender']>
}

export const town = (...departments: string[]) =>
  departments.map((department) => `${department}@willowcreek.example`)

/** Accepts a mail and writes the envelope that reading it would have given. */
export async function bringIn(runtime: OpenRuntime, mail: Mail = {}): Promise<Accepted> {
  const { to = town('parks'), channel = 'email', raw = {} } = mail
  const accepted = await runtime.acceptor.accept({
    channel,
    source: 'test',
    bytes: Buffer.from(mail.text ?? randomUUID()),
    mediaType: 'text/plain',
    recipients: to,
    evidence: {},
    ...raw
  })
  if (!accepted.repeated) await readByHand(runtime, accepted.contactId, mail)
  return accepted
}

export async function readByHand(
  runtime: OpenRuntime,
  contactId: string,
  { to = town('parks'), channel = 'email', ...mail }: Mail
): Promise<void> {
  const envelope: EnvelopeDraft = {
    channel,
    sender: { emails: mail.from ? [mail.from] : [], phones: [], addresses: [], ...mail.sender },
    recipients: to,
    text: mail.text ?? '',
    language: mail.language ?? 'en',
    documents: mail.documents ?? [],
    evidence: { ...(mail.from ? { mailFrom: mail.from } : {}), ...mail.evidence },
    ...(mail.parties ? { parties: mail.parties } : {}),
    ...(mail.place ? { place: mail.place } : {}),
    ...(mail.category ? { category: mail.category } : {}),
    ...(mail.subject ? { subject: mail.subject } : {}),
    ...(mail.textFrom ? { textFrom: mail.textFrom } : {}),
    ...(mail.answers ? { answers: mail.answers } : {})
  }
  await writeRead(runtime, contactId, {
    kind: mail.kind ?? 'message',
    tokens: mail.tokens ?? [],
    envelope
  })
}

/**
 * What reading it is to have given, written as the reader writes it; of one that was read before
 * and is not settled, something else is read now.
 */
export async function writeRead(
  runtime: OpenRuntime,
  contactId: string,
  {
    kind,
    tokens = [],
    envelope
  }: {
    readonly kind: 'message' | 'auto-reply' | 'bounce'
    readonly tokens?: readonly string[]
    readonly envelope: object
  }
): Promise<void> {
  const read = await recordRead(runtime.db, [
    { id: contactId, state: 'read', kind, tokens, envelope, unsure: undefined, trail: [] }
  ])
  if (read.length > 0) return
  const { numUpdatedRows } = await runtime.db
    .updateTable('contacts')
    .set({ kind, tokens: [...tokens], envelope: JSON.stringify(envelope), updated_at: sql`now()` })
    .where('id', '=', contactId)
    .where('state', '=', 'read')
    .executeTakeFirst()
  if (numUpdatedRows === 0n)
    throw new Error('it is settled, or waits for its documents or for a person')
}

export function settlerOf(runtime: OpenRuntime, options: Partial<SettlerOptions> = {}): Settler {
  return new Settler({
    db: runtime.db,
    log: runtime.log,
    router: runtime.router,
    replySecret: runtime.secret('reply'),
    recognition: openRecognition(runtime),
    texts: new WrittenTexts(() => ourNames(runtime.agency())),
    onSettled: () => undefined,
    ...options
  })
}

export interface Stood {
  readonly contactId: string
  readonly receipt: string
  /** Of the first department addressed. */
  readonly caseId: string
}

/** Brings a mail all the way into its lines. */
export async function stand(runtime: OpenRuntime, mail: Mail = {}): Promise<Stood> {
  const { contactId, receipt } = await bringIn(runtime, mail)
  await settlerOf(runtime).settle([contactId])
  const { case_id: caseId } = await runtime.db
    .selectFrom('contacts')
    .select('case_id')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  return { contactId, receipt, caseId: caseId! }
}

/**
 * Brings in so many mails for one department, in this order of arrival, and answers with their
 * cases.
 */
export async function standMany(
  runtime: OpenRuntime,
  count: number,
  department = 'parks'
): Promise<string[]> {
  const accepted = await Promise.all(
    Array.from({ length: count }, () => bringIn(runtime, { to: town(department) }))
  )
  const ids = accepted.toSorted((a, b) => a.ordinal - b.ordinal).map(({ contactId }) => contactId)
  await settlerOf(runtime).settle(ids)
  const rows = await runtime.db
    .selectFrom('cases')
    .select('id')
    .where('contact_id', 'in', ids)
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .execute()
  return rows.map(({ id }) => id)
}

export async function contactRow(runtime: OpenRuntime, contactId: string) {
  return runtime.db
    .selectFrom('contacts')
    .selectAll()
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
}

export async function casesOf(runtime: OpenRuntime, contactId: string) {
  return runtime.db
    .selectFrom('cases')
    .selectAll()
    .where('contact_id', '=', contactId)
    .orderBy('department')
    .execute()
}

/** Case ids in a department's line, next first. */
export async function lineOf(runtime: OpenRuntime, department = 'parks'): Promise<string[]> {
  const rows = await runtime.db
    .selectFrom('cases')
    .select('id')
    .where('department', '=', department)
    .where('state', '=', 'waiting')
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

export function tokenFor(runtime: OpenRuntime, receipt: string): string {
  return signReplyToken(receipt, runtime.secret('reply'))
}

export function take(runtime: OpenRuntime, actor = 'staff:ann', department = 'parks') {
  return runtime.line.takeNext({ department, actor, leaseSeconds: 3600, mostHeld: 1_000 })
}

/** Ends a case that waits: whoever stands before it is taken too, and given back. */
export async function endCase(
  runtime: OpenRuntime,
  caseId: string,
  actor = 'staff:closer'
): Promise<void> {
  const { department } = await runtime.db
    .selectFrom('cases')
    .select('department')
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow()
  const before: string[] = []
  for (
    let next = await take(runtime, actor, department);
    next?.caseId !== caseId;
    next = await take(runtime, actor, department)
  ) {
    if (!next) throw new Error('it does not wait')
    before.push(next.caseId)
  }
  await runtime.line.close(caseId, actor, 'answered')
  for (const id of before) await runtime.line.giveBack(id, actor, 'only looked at')
}

/** Ends every case that waits or is held, so that each test starts on an empty line. */
export async function emptyLine(runtime: OpenRuntime, department = 'parks'): Promise<void> {
  const held = await runtime.db
    .selectFrom('cases')
    .select(['id', 'taken_by'])
    .where('department', '=', department)
    .where('state', '=', 'taken')
    .execute()
  for (const one of held) await runtime.line.close(one.id, one.taken_by!, 'test over')
  for (
    let next = await take(runtime, 'staff:sweeper', department);
    next;
    next = await take(runtime, 'staff:sweeper', department)
  )
    await runtime.line.close(next.caseId, 'staff:sweeper', 'test over')
}
