/**
 * What a caller has chosen by keys. It is passed from one step of the call to the next in the URL,
 * and stored with the contact.
 */
import { z } from 'zod'
import type { Agency } from '../../config/agency.ts'
import { plainPhone } from '../../config/phone-schema.ts'

export interface Choice {
  readonly language: string
  /** The menu key, if one was pressed. */
  readonly key: string | undefined
}

/** Read from the URL of a step. Only values that are in the present configuration are accepted. */
export function choiceOf(query: URLSearchParams, agency: Agency): Choice {
  const { languages } = agency.departments.agency
  const key = query.get('k') ?? undefined
  return {
    language: languages.find((one) => one === query.get('l')) ?? languages[0] ?? 'en',
    key: menuOf(agency).find((item) => item.key === key)?.key
  }
}

export function queryOf({ language, key }: Choice): string {
  return `l=${encodeURIComponent(language)}${key ? `&k=${key}` : ''}`
}

function menuOf(agency: Agency) {
  return (agency.phone ?? plainPhone).menu
}

/**
 * Stored with the contact as the answer itself, so that a later change of the menu does not affect
 * it.
 */
export function choiceEvidence({ language, key }: Choice, agency: Agency): Record<string, unknown> {
  return {
    language,
    answers: menuOf(agency).find((item) => item.key === key)?.answer ?? {},
    maxSeconds: (agency.phone ?? plainPhone).maxSeconds
  }
}

const evidenceSchema = z.object({
  language: z.string().max(35),
  answers: z.record(z.string(), z.string()),
  maxSeconds: z.number()
})

export function readChoice(
  evidence: Readonly<Record<string, unknown>>
): z.output<typeof evidenceSchema> {
  const { success, data } = evidenceSchema.safeParse(evidence)
  return success ? data : { language: 'und', answers: {}, maxSeconds: Infinity }
}
