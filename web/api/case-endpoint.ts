/** What the endpoints of one case share: who may call them, and how a case stands afterwards. */
import { z } from 'zod'
import { endpoint, type Endpoint } from '../../core/intake/endpoint.ts'
import { grants, type ApiKey } from '../../core/access/api-keys.ts'
import { EvenhandError, type ErrorCode } from '../../platform/errors.ts'
import type { ApiPorts } from './ports.ts'
import { departmentOf, placeOf, viewCaseNow } from '../../core/line/view.ts'
import { idFrom, newId } from '../../platform/ids.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { caseParams, caseState } from './shapes.ts'

const MAX_BODY = 16 * 1024

/** Words of a person that are kept in the ledger or shown with a case: 1 to 2,000 characters. */
export const text = (description: string) =>
  z
    .string()
    .trim()
    .min(1)
    .max(2_000)
    .refine((typed) => !isBlank(typed), 'has to say something')
    .meta({ description })
export const why = text('Recorded in the ledger. Write no names: the ledger is kept for good.')

/** Who may call an endpoint of one case. */
export const caseAccess = {
  for: 'keys',
  note: "Needs line:serve of the case's department."
} as const

export interface Verb<B> {
  /** Name in the URL. */
  readonly name: string
  /** Operation id in the API's description. */
  readonly id: string
  readonly summary: string
  /** Which cases it is for; those that the key holds, where it is left out. */
  readonly forCases?: string
  readonly schema: z.ZodType<B>
  /** Errors besides those that all actions have. */
  readonly problems?: readonly ErrorCode[]
  /** Answers with the case that is shown afterwards, where it is another one. */
  act(caseId: string, actor: string, body: B, key: ApiKey): Promise<string | void>
}

/** An action on one case; answers with how the case stands then. */
export function verb<B>(
  runtime: ApiPorts,
  { name, id, summary, forCases, schema, problems = [], act }: Verb<B>
): Endpoint {
  return endpoint({
    method: 'post',
    path: `/v1/cases/{id}/${name}`,
    id,
    tag: 'Cases',
    repeatable: true,
    summary,
    description: forCases ?? 'For a case that this key holds.',
    access: caseAccess,
    params: caseParams,
    body: { schema, maxBytes: MAX_BODY },
    answers: { 200: { description: 'How the case stands now.', schema: caseState } },
    problems: ['CASE_UNKNOWN', 'CASE_NOT_TAKEN', ...problems],
    async handle({ params, body, key }) {
      await authorise(runtime, params.id, key)
      const other = await act(params.id, key.actor, body, key)
      return { status: 200, json: await stateOf(runtime, other ?? params.id) }
    }
  })
}

/** For a key, a case of a department that it does not serve does not exist. @throws CASE_UNKNOWN */
export async function authorise(
  { db }: Pick<ApiPorts, 'db'>,
  caseId: string,
  key: ApiKey
): Promise<void> {
  const department = await departmentOf(db, caseId)
  if (department === undefined || !grants(key, 'line:serve', department))
    throw new EvenhandError('CASE_UNKNOWN')
}

/**
 * The id of what a request writes: the same request with the same key is the same, also where its
 * first answer was lost.
 */
export function idOfRequest(asked: readonly (string | undefined)[], bytes: Uint8Array): string {
  return asked.includes(undefined)
    ? newId()
    : idFrom([...asked, Buffer.from(bytes).toString('utf8')].join('\n'))
}

async function stateOf(
  { db }: Pick<ApiPorts, 'db'>,
  caseId: string
): Promise<z.output<typeof caseState>> {
  const { outcome, outcomeId, ...row } = await viewCaseNow(db, caseId)
  const place = row.state === 'waiting' ? await placeOf(db, caseId) : undefined
  return {
    ...row,
    ...(place ? { place } : {}),
    ...(outcome ? { outcome } : {}),
    ...(outcomeId ? { outcomeId } : {})
  }
}
