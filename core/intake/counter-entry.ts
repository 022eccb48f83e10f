/**
 * What staff take down for a person at the counter or on the phone: its form, its bounds, and how
 * it becomes a contact. It has no field for a time or a priority: a person at the counter stands in
 * line like everybody else.
 */
import { z } from 'zod'
import type { Agency } from '../../config/agency.ts'
import { FRONT_FORM } from '../../config/cross-checks.ts'
import type { FormField } from '../../config/schema.ts'
import type { RawContact } from './channel.ts'
import type { FormLimits } from '../../platform/http-bodies/form.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { sign } from '../../platform/signing.ts'

/** Characters: as many as our own web form takes. */
export const MAX_TEXT = 20_000
/** Characters of a name, a number or an address. */
const MAX_DETAIL = 500
/** Papers handed over and scanned at the counter: a few pages, or one long application. */
export const counterLimits: FormLimits = {
  fields: 100,
  textBytes: 256 * 1024,
  files: 10,
  fileBytes: 25 * 1024 ** 2,
  nameLength: 255
}
/** Bytes: the files in base64, and 512 KB for the rest. */
export const MAX_ENTRY_BYTES = Math.ceil(counterLimits.fileBytes / 3) * 4 + 512 * 1024

const detail = z.string().max(MAX_DETAIL)
const personSchema = z.strictObject({
  name: detail.optional(),
  email: detail.optional(),
  phone: detail.optional(),
  address: detail.optional()
})

const entrySchema = z.strictObject({
  kind: z.enum(['walk-in', 'call']).default('walk-in'),
  text: z.string().max(MAX_TEXT).default(''),
  /** Choices of the front form that routing may see: field → value. */
  answers: z.record(z.string().max(40), z.string().max(200)).optional(),
  /** Language to answer in. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/)
    .optional(),
  /** The person at the counter or on the phone. They need not say who they are. */
  sender: personSchema.optional(),
  /** The person they speak for, if it is somebody else. */
  behalf: personSchema.optional(),
  files: z
    .array(
      z.strictObject({
        name: z.string().max(counterLimits.nameLength),
        mediaType: z.string().max(255),
        content: z.base64()
      })
    )
    .max(counterLimits.files)
    .default([])
})

export type CounterEntry = z.output<typeof entrySchema>
export type CounterPerson = z.output<typeof personSchema>

/** @throws ZodError or SyntaxError if the bytes are no entry */
export function readEntry(bytes: Uint8Array): CounterEntry {
  return entrySchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
}

export type EntryProblem =
  | 'empty'
  | 'text-too-long'
  | 'detail-too-long'
  | 'unknown-choice'
  | 'unknown-language'
  | 'files-too-large'

/** Why an entry cannot be accepted, and which field it is about. */
export function checkEntry(
  agency: Agency,
  entry: z.input<typeof entrySchema>
): { field: string; problem: EntryProblem }[] {
  const { text = '', answers = {}, files = [] } = entry
  const choices = choicesOf(agency)
  const size = files.reduce((sum, { content }) => sum + Buffer.byteLength(content, 'base64'), 0)
  return [
    ...(isBlank(text) && files.length === 0 ? [{ field: 'text', problem: 'empty' } as const] : []),
    ...(text.length > MAX_TEXT ? [{ field: 'text', problem: 'text-too-long' } as const] : []),
    ...(['sender', 'behalf'] as const).flatMap((who) =>
      Object.entries(entry[who] ?? {}).flatMap(([name, value]) =>
        (value?.length ?? 0) > MAX_DETAIL
          ? [{ field: `${who}-${name}`, problem: 'detail-too-long' } as const]
          : []
      )
    ),
    ...Object.entries(answers).flatMap(([id, value]) =>
      choices.some(
        (field) => field.id === id && field.options!.some((option) => option.value === value)
      )
        ? []
        : [{ field: `answer-${id}`, problem: 'unknown-choice' } as const]
    ),
    ...(entry.language === undefined || entrySchema.shape.language.safeParse(entry.language).success
      ? []
      : [{ field: 'language', problem: 'unknown-language' } as const]),
    ...(size > counterLimits.fileBytes
      ? [{ field: 'files', problem: 'files-too-large' } as const]
      : [])
  ]
}

/** The front form's questions that routing may see and that have choices, such as the topic. */
export function choicesOf({ forms }: Agency): FormField[] {
  return (
    forms
      .find(({ id }) => id === FRONT_FORM)
      ?.fields.filter((field) => field.routing && field.options) ?? []
  )
}

export interface TakenDown {
  /** The member of staff, as the ledger names them. */
  readonly actor?: string
  /** Identity of this submission, so that a second click makes no second contact. */
  readonly externalId?: string
}

/** An entry as the contact that `accept` takes. */
export function counterContact(
  entry: z.input<typeof entrySchema>,
  { actor, externalId }: TakenDown = {}
): RawContact {
  const parsed = entrySchema.parse(entry)
  return {
    channel: 'counter',
    source: 'desk',
    ...(actor === undefined ? {} : { actor }),
    bytes: new TextEncoder().encode(JSON.stringify(parsed)),
    mediaType: 'application/json',
    ...(externalId === undefined ? {} : { externalId }),
    evidence: { kind: parsed.kind, ...(actor === undefined ? {} : { takenDownBy: actor }) }
  }
}

/**
 * Identity of one submission: the page it was written on and the text. Going back and sending
 * another text makes another contact. The hash is keyed, so that nobody who reads the id can test
 * guessed texts against it.
 */
export function sendingId(
  secret: Uint8Array,
  page: string,
  { bytes }: Pick<RawContact, 'bytes'>
): string {
  return `${page.slice(0, 64)}.${sign(secret, bytes).toString('base64url')}`
}
