import { z } from 'zod'
import type { Agency } from '../../config/agency.ts'
import type { RawContact } from '../../core/intake/channel.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { parseUrlencoded } from '../../platform/http-bodies/form.ts'
import { readArguments } from './arguments.ts'
import { checkReport } from './check.ts'
import { withoutKey } from './keys.ts'
import { formLimits } from './limits.ts'
import { toContact } from './post.ts'

const value = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)])
const fileSchema = z.record(
  z.string(),
  z.union([value, z.record(z.string(), z.union([value, z.array(value)]))])
)
const mediaType = 'application/x-www-form-urlencoded'

/**
 * A report as a client posts it: a urlencoded body, or its arguments as a JSON file
 * `{"service_code": "pothole", "address_string": "Main St 5", "description": "…", "attribute":
 * {"size": "hand"}}`.
 * @throws EvenhandError BAD_REQUEST, INTAKE_TOO_LARGE
 */
export function fromFile(name: string, bytes: Uint8Array, agency: Agency): RawContact {
  if (bytes.length > 3 * formLimits.textBytes) throw new EvenhandError('INTAKE_TOO_LARGE')
  const body = new TextEncoder().encode(readBody(name, new TextDecoder().decode(bytes).trim()))
  const submission = parseUrlencoded(Buffer.from(body), mediaType, formLimits)
  const given = readArguments(submission)
  const problems = checkReport(agency, given, submission)
  if (problems.length > 0)
    throw new EvenhandError(
      'BAD_REQUEST',
      `${name}: ${problems.map(({ description }) => description).join(' ')}`
    )
  return toContact(agency, given, { ...withoutKey(body, submission), mediaType, client: undefined })
}

function readBody(name: string, text: string): string {
  if (!text.startsWith('{')) return text
  try {
    const pairs = Object.entries(fileSchema.parse(JSON.parse(text))).flatMap(
      ([field, given]): [string, string][] => {
        if (typeof given === 'string') return [[field, given]]
        return Object.entries(given).flatMap(([code, values]) =>
          [values]
            .flat()
            .map((one): [string, string] => [
              `${field}[${code}]${Array.isArray(values) ? '[]' : ''}`,
              one
            ])
        )
      }
    )
    return new URLSearchParams(pairs).toString()
  } catch (error) {
    throw new EvenhandError(
      'BAD_REQUEST',
      `${name}: a JSON file {"service_code": "…", "description": "…"} is expected`,
      { cause: error }
    )
  }
}
