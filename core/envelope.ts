/**
 * Words used everywhere below.
 *   contact     one inbound message by one channel: its original bytes, and one envelope
 *   envelope    the canonical, versioned, read-only form of a contact
 *   document    a file that came with a contact
 *   arrival     (arrivedAt, ordinal): when the agency took custody, by the database's clock, then a unique number
 *   receipt     the unguessable code a resident keeps
 *   evidence    what a sender, provider or scanner claimed: kept, shown, never used for order
 */
import { z } from 'zod'

export const channelKinds = ['email', 'sms', 'phone', 'fax', 'postal', 'web', 'counter', 'api', 'open311'] as const
export type ChannelKind = (typeof channelKinds)[number]

export const ENVELOPE_VERSION = 1

const text = z.string()

export const documentSchema = z.object({
  name: text,
  mediaType: text,
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  pages: z.number().int().nonnegative(),
  text: text.optional(),
  confidence: z.number().min(0).max(1).optional(),
  /** Part of the text's own look, such as a logo in a signature, rather than a paper sent along. */
  inline: z.boolean().optional(),
  /** Why no machine could read it; the original stays stored and can be downloaded. */
  withheld: text.optional()
}).readonly()

export const senderSchema = z.object({
  name: text.optional(),
  emails: z.array(text).readonly(),
  phones: z.array(text).readonly(),
  addresses: z.array(text).readonly()
}).readonly()

/** Somebody else a contact speaks about or for: sender ≠ subject. */
export const partySchema = senderSchema.unwrap().extend({ role: z.enum(['subject', 'representative']) }).readonly()

/** Where a report says that something is, WGS 84 degrees. */
export const placeSchema = z.object({ lat: z.number().min(-90).max(90), long: z.number().min(-180).max(180) }).readonly()

/** What a channel's `translate` can know: everything but the arrival, which belongs to the database. */
export const draftSchema = z.object({
  channel: z.enum(channelKinds),
  sender: senderSchema,
  /** Where it was addressed to at our end: our mail addresses, numbers, or form id. */
  recipients: z.array(text).readonly(),
  subject: text.optional(),
  text,
  /** BCP 47 tag of the text, "und" where it cannot be told. */
  language: text,
  documents: z.array(documentSchema).readonly(),
  /** Answers of a form that routing may see (the form marks them `routing: true`; never who the person is). */
  answers: z.record(text, text).optional(),
  /** The kind of report where a form or a 311 service names it; routing may see it. */
  category: text.optional(),
  place: placeSchema.optional(),
  /** Others than the sender, as the contact names them; routing never sees them. */
  parties: z.array(partySchema).readonly().optional(),
  evidence: z.record(text, z.unknown())
}).readonly()

export const envelopeSchema = draftSchema.unwrap().extend({
  version: z.literal(ENVELOPE_VERSION),
  arrivedAt: z.iso.datetime({ offset: true }),
  ordinal: z.number().int().positive()
}).readonly()

export type EnvelopeDocument = z.output<typeof documentSchema>
export type Party = z.output<typeof partySchema>
export type Place = z.output<typeof placeSchema>
export type Sender = z.output<typeof senderSchema>
export type EnvelopeDraft = z.output<typeof draftSchema>
export type Envelope = z.output<typeof envelopeSchema>

/** JSON Schema of the envelope, as published to other systems. */
export function envelopeJsonSchema(): object {
  return z.toJSONSchema(envelopeSchema)
}

/**
 * Text as PostgreSQL and JSON can hold it: no NUL (U+0000 cannot be stored in text or jsonb) and no lone surrogates
 * (jsonb refuses them); both become U+FFFD so that nothing is silently shortened.
 */
export function storableText(value: string): string {
  return value.toWellFormed().replaceAll('\u0000', '\uFFFD')
}

/** Deepest nesting of a claim that is kept; a provider's own notes have three or four levels. */
const DEPTH_LIMIT = 32

/** A value as jsonb can hold it: every text in it, keys too, made storable; what is nested deeper than 32 levels is cut off. */
export function storableValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storableText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_LIMIT) return '\u2026'
  if (Array.isArray(value)) return value.map((entry) => storableValue(entry, depth + 1))
  if ('toJSON' in value && typeof value.toJSON === 'function') return storableValue(value.toJSON(), depth + 1)
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [storableText(key), storableValue(entry, depth + 1)]))
}
