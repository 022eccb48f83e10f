/** Texts by language, as every YAML file of the agency gives them. */
import { z } from 'zod'

export const languageTag = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language tag such as "en" or "es"')

/** A text by language. `agency.ts` sees to it that the agency's first language is always there. */
export const localised = z.record(languageTag, z.string().min(1, 'must not be empty'))

/** A text by language. */
export type Localised = Readonly<Record<string, string>>
