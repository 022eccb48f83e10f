/** Contacts brought in without a channel: accepted for real, read by hand, settled for real. */
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import type { Accepted, RawContact } from '../../core/channel.ts'
import type { EnvelopeDraft } from '../../core/envelope.ts'
import type { Ground } from '../../core/ground.ts'
import { WrittenTexts } from '../../core/duplicates/texts.ts'
import { openRecognition } from '../../core/people/recognition.ts'
import { signReplyToken } from '../../core/reply-tokens.ts'
import { Settler, type SettlerOptions } from '../../core/settle/settler.ts'

export interface Mail extends Partial<Pick<EnvelopeDraft, 'channel' | 'subject' | 'text' | 'language' | 'answers' | 'documents' | 'parties' | 'place' | 'category' | 'evidence'>> {
  /** Our addresses; the default town routes parks@, water@, streets@ … by them. */
  readonly to?: readonly string[]
  readonly kind?: 'message' | 'auto-reply' | 'bounce'
  readonly tokens?: readonly string[]
  readonly raw?: Partial<RawContact>
  readonly from?: string
  readonly sender?: Partial<EnvelopeDraft['sender']>
}

export const town = (...departments: string[]) => departments.map((department) => `${department}@willowcreek.example`)

/** Accepts a mail and writes the envelope that reading it would have given. */
export async function bringIn(ground: Ground, mail: Mail = {}): Promise<Accepted> {
  const { to = town('parks'), channel = 'email', raw = {} } = mail
  const accepted = await ground.intake.accept({
    channel, source: 'test', bytes: Buffer.from(mail.text ?? randomUUID()), mediaType: 'text/plain', recipients: to, evidence: {}, ...raw
  })
  if (!accepted.repeated) await readByHand(ground, accepted.contactId, mail)
  return accepted
}

export async function readByHand(ground: Ground, contactId: string, { to = town('parks'), channel = 'email', ...mail }: Mail): Promise<void> {
  const envelope: EnvelopeDraft = {
    channel, sender: { emails: mail.from ? [mail.from] : [], phones: [], addresses: [], ...mail.sender }, recipients: to, text: mail.text ?? '', language: mail.language ?? 'en', documents: mail.documents ?? [],
    evidence: { ...mail.from ? { mailFrom: mail.from } : {}, ...mail.evidence }, ...(mail.parties ? { parties: mail.parties } : {}), ...(mail.place ? { place: mail.place } : {}), ...(mail.category ? { category: mail.category } : {}),
    ...(mail.subject ? { subject: mail.subject } : {}), ...(mail.answers ? { answers: mail.answers } : {})
  }
  await ground.db.updateTable('contacts')
    .set({ state: 'read', kind: mail.kind ?? 'message', tokens: [...mail.tokens ?? []], envelope: JSON.stringify(envelope), updated_at: sql`now()` }).where('id', '=', contactId).execute()
}

export function settlerOf(ground: Ground, options: Partial<SettlerOptions> = {}): Settler {
  return new Settler({ db: ground.db, log: ground.log, router: ground.router, replySecret: ground.secret('reply'), recognition: openRecognition(ground), texts: new WrittenTexts(), onSettled: () => undefined, ...options })
}

export interface Stood {
  readonly contactId: string
  readonly receipt: string
  /** Of the first department addressed. */
  readonly caseId: string
}

/** Brings a mail all the way into its lines. */
export async function stand(ground: Ground, mail: Mail = {}): Promise<Stood> {
  const { contactId, receipt } = await bringIn(ground, mail)
  await settlerOf(ground).settle([contactId])
  const { case_id: caseId } = await ground.db.selectFrom('contacts').select('case_id').where('id', '=', contactId).executeTakeFirstOrThrow()
  return { contactId, receipt, caseId: caseId! }
}

/** Brings in so many mails for one department, in this order of arrival, and answers with their cases. */
export async function standMany(ground: Ground, count: number, department = 'parks'): Promise<string[]> {
  const accepted = await Promise.all(Array.from({ length: count }, () => bringIn(ground, { to: town(department) })))
  const ids = accepted.toSorted((a, b) => a.ordinal - b.ordinal).map(({ contactId }) => contactId)
  await settlerOf(ground).settle(ids)
  const rows = await ground.db.selectFrom('cases').select('id').where('contact_id', 'in', ids).orderBy('arrived_at').orderBy('ordinal').execute()
  return rows.map(({ id }) => id)
}

export async function contactRow(ground: Ground, contactId: string) {
  return ground.db.selectFrom('contacts').selectAll().where('id', '=', contactId).executeTakeFirstOrThrow()
}

export async function casesOf(ground: Ground, contactId: string) {
  return ground.db.selectFrom('cases').selectAll().where('contact_id', '=', contactId).orderBy('department').execute()
}

/** Case ids in a department's line, next first. */
export async function lineOf(ground: Ground, department = 'parks'): Promise<string[]> {
  const rows = await ground.db.selectFrom('cases').select('id').where('department', '=', department).where('state', '=', 'waiting').orderBy('arrived_at').orderBy('ordinal').execute()
  return rows.map(({ id }) => id)
}

export function tokenFor(ground: Ground, receipt: string): string {
  return signReplyToken(receipt, ground.secret('reply'))
}

export function take(ground: Ground, actor = 'staff:ann', department = 'parks') {
  return ground.line.takeNext({ department, actor, leaseSeconds: 3600 })
}

/** Ends every case that waits or is held, so that each test starts on an empty line. */
export async function emptyLine(ground: Ground, department = 'parks'): Promise<void> {
  const held = await ground.db.selectFrom('cases').select(['id', 'taken_by']).where('department', '=', department).where('state', '=', 'taken').execute()
  for (const one of held) await ground.line.close(one.id, one.taken_by!, 'test over')
  for (let next = await take(ground, 'staff:sweeper', department); next; next = await take(ground, 'staff:sweeper', department)) await ground.line.close(next.caseId, 'staff:sweeper', 'test over')
}
