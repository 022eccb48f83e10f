/** Clients' API keys. No key is stored with the report it came with. */
import type { Open311Intake } from './intake.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { Submission } from '../../platform/http-bodies/form.ts'
import type { Problem } from './format.ts'

/**
 * The client, as the ledger names it; undefined if anonymous. A key is required only if the agency
 * demands one.
 */
export async function findClient(
  intake: Open311Intake,
  key: string | undefined,
  address: string
): Promise<{ client?: string | undefined; problems: Problem[] }> {
  try {
    return key === undefined && !intake.agency().services.keyRequired
      ? { problems: [] }
      : { client: (await intake.requireKey(key)).actor, problems: [] }
  } catch (error) {
    if (
      !(error instanceof EvenhandError) ||
      (error.code !== 'KEY_REQUIRED' && error.code !== 'KEY_SCOPE')
    )
      throw error
    if (key !== undefined && intake.agency().services.keyRequired)
      await intake.guessed('key', address)
    return {
      problems: intake.agency().services.keyRequired
        ? [
            {
              status: 403,
              description:
                key === undefined
                  ? 'api_key was not provided.'
                  : 'The api_key is not valid for reports.'
            }
          ]
        : []
    }
  }
}

/** The argument that holds a credential. */
const CREDENTIAL = 'api_key'

/** Start and end offset of the bytes crossed out in a body. */
export interface CrossedOut {
  readonly field: string
  readonly from: number
  readonly to: number
}

/**
 * The body with the value of every api_key replaced by asterisks and nothing else changed, and the
 * positions of these bytes. Staff who see a report's original must not learn another system's key
 * from it. The positions come from the form parser; the text is not searched.
 */
export function withoutKey(
  bytes: Uint8Array,
  { spans }: Pick<Submission, 'spans'>
): { bytes: Uint8Array; crossedOut: CrossedOut[] } {
  const crossedOut = spans
    .filter(({ name, from, to }) => name === CREDENTIAL && to > from)
    .map(({ name, from, to }) => ({ field: name, from, to }))
  if (crossedOut.length === 0) return { bytes, crossedOut }
  const body = Buffer.from(bytes)
  for (const { from, to } of crossedOut) body.fill('*', from, to)
  return { bytes: body, crossedOut }
}
