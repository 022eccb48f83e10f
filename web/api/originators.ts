/** Who wrote what a colleague passed on: what its text suggests, and what a person says of it. */
import { z } from 'zod'
import { senderSchema } from '../../core/envelope.ts'
import { endpoint, type Endpoint } from '../../core/intake/endpoint.ts'
import type { ApiPorts } from './ports.ts'
import {
  decideOriginator,
  listOriginators,
  originatorDecisions,
  findOriginator
} from '../../core/people/originator.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { authorise, caseAccess } from './case-endpoint.ts'
import { requireDepartment } from './lines.ts'
import { caseParams, departmentParams, receipt } from './shapes.ts'

/** Most suggestions of one answer. */
const SHOWN = 1_000

const named = z.object({
  name: z.string().optional(),
  email: z.string(),
  said: z.enum(['accepted', 'refused']).optional().meta({
    description: 'What a person said of it; missing until somebody does.'
  })
})
const suggestion = z
  .object({
    contactId: z.uuid(),
    receipt,
    caseId: z.uuid(),
    department: z.string(),
    originator: named,
    sender: senderSchema.meta({ description: 'Who passed it on.' })
  })
  .meta({ id: 'SuggestedOriginator' })
const decided = z
  .object({ contactId: z.uuid(), originator: named, sender: senderSchema })
  .meta({ id: 'DecidedOriginator' })

export function originatorEndpoints(runtime: ApiPorts): Endpoint[] {
  return [list(runtime), decide(runtime)]
}

function list(runtime: ApiPorts): Endpoint {
  return endpoint({
    method: 'get',
    path: '/v1/lines/{department}/originators',
    id: 'listOriginators',
    tag: 'Contacts',
    summary: 'Contacts that a colleague passed on, whose text says who wrote them',
    description: 'Of cases that have not ended, until somebody says whether it is so.',
    access: { for: 'keys', scope: 'line:serve', department: 'department' },
    params: departmentParams,
    answers: {
      200: {
        description: `At most ${SHOWN}, the earliest arrival first.`,
        schema: z.object({ contacts: z.array(suggestion) })
      }
    },
    problems: ['DEPARTMENT_UNKNOWN'],
    async handle({ params: { department }, recorded }) {
      requireDepartment(runtime, department)
      const contacts = await listOriginators(runtime.db, [department], SHOWN)
      for (const { contactId } of contacts) recorded('read.contact', contactId)
      return { status: 200, json: { contacts } }
    }
  })
}

function decide(runtime: ApiPorts): Endpoint {
  const { db } = runtime
  return endpoint({
    method: 'post',
    path: '/v1/cases/{id}/contacts/{contact}/originator',
    id: 'decideOriginator',
    tag: 'Contacts',
    summary: 'Say whether a contact is by whom its text names, or take that back',
    description:
      'Accepted, the author is its sender, whom replies go to. Taken back, it is as before, and waits again. For every case of the department, whoever holds it.',
    access: caseAccess,
    params: caseParams.extend({ contact: z.uuid().meta({ description: "The contact's id." }) }),
    body: {
      schema: z.strictObject({ decision: z.enum(originatorDecisions) }),
      maxBytes: 1_024
    },
    answers: { 200: { description: 'Who it is from now.', schema: decided } },
    problems: ['CASE_UNKNOWN', 'NOT_FOUND', 'LINK_UNKNOWN'],
    async handle({ params: { id, contact: contactId }, body: { decision }, key }) {
      await authorise(runtime, id, key)
      if (!(await findOriginator(db, contactId, id))) throw new EvenhandError('NOT_FOUND')
      await decideOriginator(db, contactId, decision, key.actor)
      return { status: 200, json: { contactId, ...(await findOriginator(db, contactId, id))! } }
    }
  })
}
