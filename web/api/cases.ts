/**
 * API endpoints for one case, and what its holder may do with it: the same actions as on the desk,
 * with the same effect on its place.
 */
import { z } from 'zod'
import { endpoint, type Endpoint } from '../../core/intake/endpoint.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { ApiPorts } from './ports.ts'
import { closeCase } from '../../core/cases/closing.ts'
import { viewCase } from '../../core/cases/view.ts'
import { authorise, caseAccess, text, verb, why } from './case-endpoint.ts'
import { requireDepartment } from './lines.ts'
import { joinEndpoints } from './joins.ts'
import { caseParams, caseView } from './shapes.ts'

const departmentId = z.string().max(40).meta({ description: 'Id of the department it belongs to.' })

export function caseEndpoints(runtime: ApiPorts): Endpoint[] {
  const { line } = runtime
  return [
    showCase(runtime),
    verb(runtime, {
      name: 'return',
      id: 'returnCase',
      summary: 'Put a case back at its place',
      schema: z.strictObject({ reason: why }),
      act: (id, actor, { reason }) => line.giveBack(id, actor, reason)
    }),
    verb(runtime, {
      name: 'pass',
      id: 'passCase',
      summary: "Put a case back, and let this key's next takes go past it",
      schema: z.strictObject({ reason: why }),
      act: (id, actor, { reason }) => line.pass(id, actor, reason)
    }),
    verb(runtime, {
      name: 'transfer',
      id: 'transferCase',
      summary: 'Move a case to another line, at the place its arrival earned',
      schema: z.strictObject({ department: departmentId, reason: why.optional() }),
      problems: ['DEPARTMENT_UNKNOWN', 'CASE_ALREADY_THERE'],
      act: (id, actor, { department, reason }) =>
        line.transfer(id, actor, requireDepartment(runtime, department).id, reason ?? '')
    }),
    verb(runtime, {
      name: 'hand-off',
      id: 'handOffCase',
      summary: 'End our part because another body acts now',
      schema: z.strictObject({ to: text('Who acts now.'), reason: why }),
      act: (id, actor, { to, reason }) => line.handOff(id, actor, to, reason)
    }),
    verb(runtime, {
      name: 'close',
      id: 'closeCase',
      summary: 'End a case',
      schema: z.strictObject({
        outcome: text("In the agency's words, for staff.").optional(),
        outcomeId: z.string().max(40).optional().meta({
          description: "One of the department's outcomes; its resident reads the sentence."
        }),
        note: why.optional(),
        reason: why.optional().meta({ description: 'Why it is closed, where no answer was sent.' })
      }),
      problems: ['OUTCOME_UNKNOWN', 'OUTCOME_NOT_ANSWERED'],
      act: (id, actor, { outcome, ...more }) =>
        closeCase(runtime, id, actor, {
          words: outcome ?? (more.outcomeId ? undefined : 'closed'),
          ...more
        })
    }),
    verb(runtime, {
      name: 'reopen',
      id: 'reopenCase',
      summary: 'Say that a closing was wrong: put the case back at its first place',
      forCases: 'For a case that has ended.',
      schema: z.strictObject({ reason: why }),
      problems: ['CASE_NOT_CLOSED'],
      act: (id, actor, { reason }) => line.reopen(id, actor, reason)
    }),
    ...joinEndpoints(runtime)
  ]
}

function showCase(runtime: ApiPorts): Endpoint {
  return endpoint({
    method: 'get',
    path: '/v1/cases/{id}',
    id: 'showCase',
    tag: 'Cases',
    summary: 'A case with everything that was said in it',
    access: caseAccess,
    params: caseParams,
    answers: { 200: { description: 'The case.', schema: caseView } },
    problems: ['CASE_UNKNOWN'],
    async handle({ params: { id }, key }) {
      await authorise(runtime, id, key)
      const found = await viewCase(runtime.db, id)
      if (!found) throw new EvenhandError('CASE_UNKNOWN')
      const { caseId, receipt, department, state, place, outcome, outcomeId, leaseUntil } = found
      return {
        status: 200,
        json: {
          caseId,
          receipt,
          department,
          state,
          place,
          outcome,
          outcomeId,
          arrivedAt: found.arrivedAt.toISOString(),
          standsSince: found.standsSince?.toISOString(),
          leaseUntil: leaseUntil?.toISOString(),
          remindAt: found.remindAt?.toISOString(),
          heldByYou: found.heldBy === key.actor,
          parts: found.parts,
          contacts: found.contacts.map(
            ({ contactId, receipt: code, role, channel, arrivedAt, envelope }) => ({
              contactId,
              receipt: code,
              role,
              channel,
              arrivedAt: arrivedAt.toISOString(),
              envelope
            })
          ),
          events: found.events.map(({ at, kind, department: where, actor }) => ({
            at: at.toISOString(),
            kind,
            department: where,
            actor
          }))
        }
      }
    }
  })
}
