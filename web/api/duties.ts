/** What a person has to do so that a resident hears from the agency, and how it went. */
import { z } from 'zod'
import { endpoint, type Endpoint } from '../../core/intake/endpoint.ts'
import type { ApiPorts } from './ports.ts'
import {
  dutiesOf,
  endings,
  listOpenDuties,
  settleDuty,
  viewDuty,
  type Duty,
  type DutyKind
} from '../../core/outbox/duties.ts'
import { gatheredCases } from '../../core/replies/view.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { authorise, caseAccess } from './case-endpoint.ts'
import { requireDepartment } from './lines.ts'
import { caseParams, departmentParams, receipt } from './shapes.ts'

/** Most duties of one answer. */
const SHOWN = 1_000
const time = z.iso.datetime()
const kinds = Object.keys(endings) as DutyKind[]
const hows = [...new Set(Object.values(endings).flatMap((ends) => Object.keys(ends)))]

const openDuty = {
  dutyId: z.uuid(),
  kind: z.enum(kinds).meta({
    description:
      '`letter`: print and mail it. `call`: call them. `undelivered`: a reply came back or could not be sent. `complaint`: they reported a reply as unwanted mail.'
  }),
  caseId: z.uuid(),
  answerId: z.uuid().meta({ description: 'The reply that it is about.' }),
  openedAt: time,
  address: z.string().optional(),
  name: z.string().optional(),
  reason: z.string().optional().meta({ description: 'Why it was not delivered.' })
}
const listedDuty = z
  .object({
    ...openDuty,
    receipt,
    department: z.string(),
    subject: z.string().optional()
  })
  .meta({ id: 'OpenDuty' })
const dutyView = z
  .object({
    ...openDuty,
    settled: z.object({ by: z.string(), at: time, how: z.string(), words: z.string() }).optional()
  })
  .meta({ id: 'Duty' })

const settling = z
  .strictObject({
    how: z.enum(hows as [string, ...string[]]).meta({
      description: `How it ended: ${Object.entries(endings)
        .map(([kind, ends]) => `of \`${kind}\` ${Object.keys(ends).join(', ')}`)
        .join('; ')}.`
    }),
    words: z.string().max(2_000).default('').meta({
      description: 'How it went, in a few words; not needed for a letter that is printed.'
    })
  })
  .meta({ id: 'Settling' })

export function dutyEndpoints(runtime: ApiPorts): Endpoint[] {
  return [listOfDepartment(runtime), listOfCase(runtime), settle(runtime)]
}

function listOfDepartment(runtime: ApiPorts): Endpoint {
  return endpoint({
    method: 'get',
    path: '/v1/lines/{department}/duties',
    id: 'listOpenDuties',
    tag: 'Duties',
    summary: 'What a person has to do for residents of a department, earliest first',
    description:
      'Letters to print, calls to make, and replies that were not delivered or are unwanted.',
    access: { for: 'keys', scope: 'line:serve', department: 'department' },
    params: departmentParams,
    answers: {
      200: {
        description: `At most ${SHOWN}, with how many there are.`,
        schema: z.object({ total: z.number().int(), duties: z.array(listedDuty) })
      }
    },
    problems: ['DEPARTMENT_UNKNOWN'],
    async handle({ params: { department }, recorded }) {
      requireDepartment(runtime, department)
      const { total, duties } = await listOpenDuties(runtime.db, [department], SHOWN)
      for (const caseId of new Set(duties.map((duty) => duty.caseId))) recorded('read.case', caseId)
      return {
        status: 200,
        json: {
          total,
          duties: duties.map(({ openedAt, ...duty }) => ({
            ...duty,
            openedAt: openedAt.toISOString()
          }))
        }
      }
    }
  })
}

function listOfCase(runtime: ApiPorts): Endpoint {
  return endpoint({
    method: 'get',
    path: '/v1/cases/{id}/duties',
    id: 'listDuties',
    tag: 'Duties',
    summary: 'The duties of a case, open and settled, earliest first',
    access: caseAccess,
    params: caseParams,
    answers: {
      200: { description: 'At most 500.', schema: z.object({ duties: z.array(dutyView) }) }
    },
    problems: ['CASE_UNKNOWN'],
    async handle({ params: { id }, key, recorded }) {
      await authorise(runtime, id, key)
      recorded('read.case', id)
      const duties = await dutiesOf(runtime.db, await gatheredCases(runtime.db, id))
      return { status: 200, json: { duties: duties.map(dutyJson) } }
    }
  })
}

function settle(runtime: ApiPorts): Endpoint {
  const { db } = runtime
  return endpoint({
    method: 'post',
    path: '/v1/cases/{id}/duties/{duty}',
    id: 'settleDuty',
    tag: 'Duties',
    repeatable: true,
    summary: 'Say how a duty went',
    description: 'For every case of the department, whoever holds it.',
    access: caseAccess,
    params: caseParams.extend({ duty: z.uuid().meta({ description: "The duty's id." }) }),
    body: { schema: settling, maxBytes: 16 * 1024 },
    answers: { 200: { description: 'The duty as it stands.', schema: dutyView } },
    problems: ['CASE_UNKNOWN', 'NOT_FOUND', 'DUTY_ENDING', 'DUTY_SETTLED', 'REASON_REQUIRED'],
    async handle({ params: { id, duty: dutyId }, body: { how, words }, key }) {
      await authorise(runtime, id, key)
      const duties = await dutiesOf(db, await gatheredCases(db, id))
      if (!duties.some((duty) => duty.dutyId === dutyId)) throw new EvenhandError('NOT_FOUND')
      await settleDuty(db, { dutyId, actor: key.actor, how, words })
      return { status: 200, json: dutyJson((await viewDuty(db, dutyId))!) }
    }
  })
}

function dutyJson({ openedAt, settled, ...duty }: Duty): z.output<typeof dutyView> {
  return {
    ...duty,
    openedAt: openedAt.toISOString(),
    ...(settled ? { settled: { ...settled, at: settled.at.toISOString() } } : {})
  }
}
