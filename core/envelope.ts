/**
 * Words used everywhere below.
 *   contact     one inbound message by one channel: its original bytes, and one envelope
 *   envelope    the canonical, versioned, read-only form of a contact
 *   document    a file that came with a contact
 * arrival (arrivedAt, ordinal): when the agency took custody, by the database's clock, then a
 * unique number
 *   receipt     the unguessable code a resident keeps
 *   evidence    what a sender, provider or scanner claimed: kept, shown, never used for order
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'

export const channelKinds = [
  'email',
  'sms',
  'phone',
  'fax',
  'postal',
  'web',
  'counter',
  'api',
  'open311'
] as const
export type ChannelKind = (typeof channelKinds)[number]

export const ENVELOPE_VERSION = 1

const text = z.string()

export const documentSchema = z
  .object({
    name: text,
    mediaType: text,
    bytes: z.number().int().nonnegative(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    pages: z.number().int().nonnegative(),
    text: text.optional(),
    confidence: z.number().min(0).max(1).optional(),
    /**
     * Source of `text`: the file's own text on every page, or a machine that read at least one page
     * from its picture.
     */
    source: z.enum(['text-layer', 'ocr']).optional(),
    /** Pages that are not blank but gave no words. */
    unreadPages: z.number().int().nonnegative().optional(),
    /**
     * True if it is part of the text itself and not a paper sent along: the HTML of the text, a
     * picture shown in it, its cryptographic signature.
     */
    inline: z.boolean().optional(),
    /** Why no machine could read it; the original stays stored and can be downloaded. */
    withheld: text.optional(),
    /** What of it could not be read or shown, although the rest could. */
    missing: text.optional(),
    /** Name of the document that contained it. */
    within: text.optional()
  })
  .readonly()

export const senderSchema = z
  .object({
    name: text.optional(),
    emails: z.array(text).readonly(),
    phones: z.array(text).readonly(),
    addresses: z.array(text).readonly()
  })
  .readonly()

/**
 * Another person whom a contact is about or for (sender ≠ subject), or who wrote what the sender
 * passes on.
 */
export const partySchema = senderSchema
  .unwrap()
  .extend({ role: z.enum(['subject', 'representative', 'writer']) })
  .readonly()

/** The place that a report is about, in WGS 84 degrees. */
export const placeSchema = z
  .object({ lat: z.number().min(-90).max(90), long: z.number().min(-180).max(180) })
  .readonly()

/**
 * What a channel's `translate` can know: everything except the arrival, which the database sets.
 */
export const draftSchema = z
  .object({
    channel: z.enum(channelKinds),
    sender: senderSchema,
    /** Our own mail addresses, numbers or form id that it was sent to. */
    recipients: z.array(text).readonly(),
    subject: text.optional(),
    text,
    /**
     * What of `text` the writer of a mail wrote now, apart from quoted history, signature, notices
     * and mails passed on. Absent where that is all of it, or nothing. What decides by words looks
     * here (`newWords`); people are shown all of `text`.
     */
    newText: text.optional(),
    /**
     * Origin of the text if it is not the sender's own: from the documents, or typed by a person
     * from paper or a recording.
     */
    textFrom: z.enum(['documents', 'transcript']).optional(),
    /** BCP 47 tag of the text, "und" if unknown. */
    language: text,
    documents: z.array(documentSchema).readonly(),
    /**
     * Answers of a form that routing may see (the form marks them `routing: true`). They never say
     * who the person is.
     */
    answers: z.record(text, text).optional(),
    /** The kind of report, if a form or a 311 service names it. Routing may see it. */
    category: text.optional(),
    place: placeSchema.optional(),
    /** People other than the sender, as the contact names them. Routing never sees them. */
    parties: z.array(partySchema).readonly().optional(),
    evidence: z.record(text, z.unknown())
  })
  .readonly()

export const envelopeSchema = draftSchema
  .unwrap()
  .extend({
    version: z.literal(ENVELOPE_VERSION),
    arrivedAt: z.iso.datetime({ offset: true }),
    ordinal: z.number().int().positive()
  })
  .readonly()

/** The writer's own new words, or all there are. */
export function newWords({ text, newText }: Pick<EnvelopeDraft, 'text' | 'newText'>): string {
  return newText ?? text
}

export type EnvelopeDocument = z.output<typeof documentSchema>

/**
 * The hash of zero bytes: a document that could not be fetched or taken out, or came empty. Its
 * content is unknown, so it equals no other.
 */
export const NO_BYTES = createHash('sha256').digest('hex')
export type Party = z.output<typeof partySchema>
export type Sender = z.output<typeof senderSchema>
export type EnvelopeDraft = z.output<typeof draftSchema>
export type Envelope = z.output<typeof envelopeSchema>

/** JSON Schema of the envelope, published for other systems. */
export function envelopeJsonSchema(): object {
  return z.toJSONSchema(envelopeSchema)
}
