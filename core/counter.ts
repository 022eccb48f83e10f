/**
 * What a member of staff takes down for somebody at the counter or on the phone: its form, its bounds, and how it becomes a contact.
 * There is no place in it for a time or a rank: a person at the counter stands in line like everybody else.
 */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Agency } from '../config/agency.ts'
import { FRONT_FORM } from '../config/cross-checks.ts'
import type { FormField } from '../config/schema.ts'
import type { RawContact } from './channel.ts'
import type { FormLimits } from './form-body.ts'

/** Characters; as much as our own form takes. */
export const MAX_TEXT = 20_000
/** Of a name, a number, an address. */
const MAX_DETAIL = 500
/** Papers handed over and scanned at the counter: a few pages, or one long application. */
export const counterLimits: FormLimits = { fields: 100, textBytes: 256 * 1024, files: 10, fileBytes: 25 * 1024 ** 2, nameLength: 255 }
/** The files in base64, and the rest. */
export const MAX_ENTRY_BYTES = Math.ceil(counterLimits.fileBytes / 3) * 4 + 512 * 1024

const detail = z.string().max(MAX_DETAIL)
const personSchema = z.strictObject({ name: detail.optional(), email: detail.optional(), phone: detail.optional(), address: detail.optional() })

const entrySchema = z.strictObject({
  kind: z.enum(['walk-in', 'call']).default('walk-in'),
  text: z.string().max(MAX_TEXT).default(''),
  /** Choices of the front form that routing may see: field → value. */
  answers: z.record(z.string().max(40), z.string().max(200)).optional(),
  /** To answer in. */
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/).optional(),
  /** Who stands there or calls; nobody has to say. */
  sender: personSchema.optional(),
  /** For whom they speak, where it is somebody else. */
  behalf: personSchema.optional(),
  files: z.array(z.strictObject({ name: z.string().max(counterLimits.nameLength), mediaType: z.string().max(255), content: z.base64() })).max(counterLimits.files).default([])
})

export type CounterEntry = z.output<typeof entrySchema>
export type CounterPerson = z.output<typeof personSchema>

/** @throws ZodError or SyntaxError where it is none */
export function readEntry(bytes: Uint8Array): CounterEntry {
  return entrySchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
}

export type EntryProblem = 'empty' | 'text-too-long' | 'detail-too-long' | 'unknown-choice' | 'unknown-language' | 'files-too-large'

/** What keeps an entry from being accepted, and the field it is about. */
export function checkEntry(agency: Agency, entry: z.input<typeof entrySchema>): { field: string; problem: EntryProblem }[] {
  const { text = '', answers = {}, files = [] } = entry
  const choices = choicesOf(agency)
  const size = files.reduce((sum, { content }) => sum + Buffer.byteLength(content, 'base64'), 0)
  return [
    ...(text.trim() === '' && files.length === 0 ? [{ field: 'text', problem: 'empty' } as const] : []),
    ...(text.length > MAX_TEXT ? [{ field: 'text', problem: 'text-too-long' } as const] : []),
    ...(['sender', 'behalf'] as const).flatMap((who) => Object.entries(entry[who] ?? {}).flatMap(([name, value]) => (value?.length ?? 0) > MAX_DETAIL ? [{ field: `${who}-${name}`, problem: 'detail-too-long' } as const] : [])),
    ...Object.entries(answers).flatMap(([id, value]) => choices.some((field) => field.id === id && field.options!.some((option) => option.value === value)) ? [] : [{ field: `answer-${id}`, problem: 'unknown-choice' } as const]),
    ...(entry.language === undefined || entrySchema.shape.language.safeParse(entry.language).success ? [] : [{ field: 'language', problem: 'unknown-language' } as const]),
    ...(size > counterLimits.fileBytes ? [{ field: 'files', problem: 'files-too-large' } as const] : [])
  ]
}

/** The front form's questions that routing may see and that have choices, such as the topic. */
export function choicesOf({ forms }: Agency): FormField[] {
  return forms.find(({ id }) => id === FRONT_FORM)?.fields.filter((field) => field.routing && field.options) ?? []
}

export interface TakenDown {
  /** Who wrote it down, as the ledger names them. */
  readonly actor?: string
  /** Of this sending, so that a second click is no second contact. */
  readonly externalId?: string
}

/** An entry as the contact that `accept` takes. */
export function counterContact(entry: z.input<typeof entrySchema>, { actor, externalId }: TakenDown = {}): RawContact {
  const parsed = entrySchema.parse(entry)
  return {
    channel: 'counter', source: 'desk', ...(actor === undefined ? {} : { actor }), bytes: new TextEncoder().encode(JSON.stringify(parsed)), mediaType: 'application/json',
    ...(externalId === undefined ? {} : { externalId }), evidence: { kind: parsed.kind, ...(actor === undefined ? {} : { takenDownBy: actor }) }
  }
}

/**
 * The identity of a sending: the page it was written on and what was written. Going back and sending something else is another
 * contact. Keyed, so that nobody who reads the id can try out texts against it.
 */
export function sendingId(secret: Uint8Array, page: string, { bytes }: Pick<RawContact, 'bytes'>): string {
  return `${page.slice(0, 64)}.${createHmac('sha256', secret).update(bytes).digest('base64url')}`
}
