/**
 * Errors of the API as problem details (RFC 9457), with a pointer to each invalid part of a
 * request.
 */
import { z } from 'zod'
import { InvalidRequest, type Flaw } from '../core/intake/invalid-request.ts'
import { catalogue, type ErrorCode, type EvenhandError } from '../platform/errors.ts'

/** Most flaws reported; a body full of flaws would otherwise get an even larger answer. */
const FLAWS_TOLD = 50

/** What zod found, as flaws of a body or of the URL. */
export function flawsOf(error: z.ZodError, part: 'body' | 'address'): Flaw[] {
  return error.issues
    .flatMap((issue) => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => flaw([...issue.path, key], 'There is no such field.', part))
      return [flaw(issue.path, `${issue.message.replace(/\.$/, '')}.`, part)]
    })
    .slice(0, FLAWS_TOLD)
}

function flaw(path: readonly PropertyKey[], detail: string, part: 'body' | 'address'): Flaw {
  if (part === 'address') return { detail, parameter: String(path[0] ?? '') }
  return {
    detail,
    pointer: `#${path.map((step) => `/${encodeURIComponent(String(step).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1').toWellFormed())}`).join('')}`
  }
}

export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Address of this kind of problem in these pages.' }),
    title: z
      .string()
      .meta({ description: 'The kind of problem in a sentence; the same each time.' }),
    status: z.number().int(),
    code: z.string().meta({ description: 'The kind of problem as a word; stable.' }),
    detail: z.string().optional().meta({ description: 'What is particular about this one.' }),
    errors: z
      .array(
        z.object({
          detail: z.string(),
          pointer: z
            .string()
            .optional()
            .meta({ description: 'JSON pointer into the body that was sent.' }),
          parameter: z
            .string()
            .optional()
            .meta({ description: 'Name of the parameter in the address.' })
        })
      )
      .optional()
      .meta({ description: 'What is wrong with the request, part by part.' })
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' })

/** The body of an error's answer. Details of internal errors are not included. */
export function problemOf(error: EvenhandError, docsUrl: string): z.output<typeof problemSchema> {
  const { text, status } = catalogue[error.code]
  return {
    type: problemUrl(error.code, docsUrl),
    title: text,
    status,
    code: error.code,
    ...(error.detail && status < 500 ? { detail: error.detail } : {}),
    ...(error instanceof InvalidRequest ? { errors: [...error.flaws] } : {})
  }
}

export function problemUrl(code: ErrorCode, docsUrl: string): string {
  return `${docsUrl}#problem-${code}`
}
