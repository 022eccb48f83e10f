import { z } from 'zod'
import type { Agency } from '../../config/agency.ts'
import type { RawContact } from '../../core/intake/channel.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { inLanguage } from '../../platform/pages/language.ts'
import { MAX_URLENCODED_BYTES } from './limits.ts'
import { snapshotForm } from './snapshot.ts'

const answer = z.union([z.string(), z.number().transform(String)])
const fileSchema = z.strictObject({
  form: z.string(),
  language: z.string().optional(),
  fields: z.record(z.string(), z.union([answer, z.array(answer)]))
})

/**
 * A JSON file `{"form": "contact", "language"?: "en", "fields": {"message": "…"}}`, treated as if
 * the form had been sent without a script.
 * @throws EvenhandError BAD_REQUEST, FORM_UNKNOWN, INTAKE_TOO_LARGE
 */
export function fromFile(name: string, bytes: Uint8Array, agency: Agency): RawContact {
  if (bytes.length > MAX_URLENCODED_BYTES) throw new EvenhandError('INTAKE_TOO_LARGE')
  const file = readJson(name, bytes)
  const form = agency.forms.find((candidate) => candidate.id === file.form)
  if (!form)
    throw new EvenhandError(
      'FORM_UNKNOWN',
      `known: ${agency.forms.map((known) => known.id).join(', ')}`
    )
  const { languages } = agency.departments.agency
  const language =
    file.language && languages.includes(file.language) ? file.language : (languages[0] ?? 'en')
  const body = new URLSearchParams(
    Object.entries(file.fields).flatMap(([field, values]) =>
      [values].flat().map((value): [string, string] => [field, value])
    )
  )
  return {
    channel: 'web',
    source: form.id,
    bytes: new TextEncoder().encode(body.toString()),
    mediaType: 'application/x-www-form-urlencoded',
    evidence: {
      form: snapshotForm(form, (text) => inLanguage(text, language, languages[0] ?? 'en')),
      language
    }
  }
}

function readJson(name: string, bytes: Uint8Array): z.output<typeof fileSchema> {
  const expected = `${name}: a JSON file {"form": "contact", "fields": {…}} is expected`
  try {
    const parsed = fileSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)))
    if (parsed.success) return parsed.data
  } catch (error) {
    throw new EvenhandError('BAD_REQUEST', expected, { cause: error })
  }
  throw new EvenhandError('BAD_REQUEST', expected)
}
