/** One case, and what its holder may do with it: the same verbs as on the desk, with the same place kept. */
import { z } from 'zod'
import { endpoint, type Endpoint } from '../../core/api/endpoint.ts'
import { grants, type ApiKey } from '../../core/api-keys.ts'
import { EvenhandError, type ErrorCode } from '../../core/errors.ts'
import type { Ground } from '../../core/ground.ts'
import { placeOf } from '../../core/line/view.ts'
import type { DeskCore } from '../core.ts'
import { findDepartment } from './lines.ts'
import { caseParams, caseState, caseView } from './shapes.ts'

const MAX_BODY = 16 * 1024
const text = (description: string) => z.string().trim().min(1).max(2_000).meta({ description })
const why = text('Recorded in the ledger. Write no names: the ledger is kept for good.')
const departmentId = z.string().max(40).meta({ description: 'Id of the department it belongs to.' })

export function caseEndpoints(ground: Ground, desk: DeskCore): Endpoint[] {
  const { line } = ground
  return [
    showCase(ground, desk),
    verb(ground, 'return', 'returnCase', 'Put a case back at its place', z.strictObject({ reason: why.optional() }), [], (id, actor, { reason }) => line.giveBack(id, actor, reason ?? '')),
    verb(ground, 'pass', 'passCase', 'Put a case back, and let this key\'s next takes go past it', z.strictObject({ reason: why }), [], (id, actor, { reason }) => line.pass(id, actor, reason)),
    verb(ground, 'transfer', 'transferCase', 'Move a case to another line, at the place its arrival earned', z.strictObject({ department: departmentId, reason: why.optional() }), ['DEPARTMENT_UNKNOWN', 'CASE_ALREADY_THERE'],
      (id, actor, { department, reason }) => line.transfer(id, actor, findDepartment(ground, department).id, reason ?? '')),
    verb(ground, 'hand-off', 'handOffCase', 'End our part because another body acts now', z.strictObject({ to: text('Who acts now.'), reason: why }), [], (id, actor, { to, reason }) => line.handOff(id, actor, to, reason)),
    verb(ground, 'close', 'closeCase', 'End a case', z.strictObject({ outcome: text('In the agency\'s words.').default('answered'), note: why.optional() }), [], (id, actor, { outcome, note }) => line.close(id, actor, outcome, note)),
    verb(ground, 'reopen', 'reopenCase', 'Put an ended case back at its original place', z.strictObject({ reason: why }), ['CASE_NOT_CLOSED'], (id, actor, { reason }) => line.reopen(id, actor, reason))
  ]
}

function verb<B>(ground: Ground, name: string, id: string, summary: string, schema: z.ZodType<B>, problems: readonly ErrorCode[], act: (caseId: string, actor: string, body: B) => Promise<void>): Endpoint {
  return endpoint({
    method: 'post', path: `/v1/cases/{id}/${name}`, id, tag: 'Cases', repeatable: true, summary,
    ...(name === 'reopen' ? {} : { description: 'For a case that this key holds.' }),
    access: { for: 'keys', note: 'Needs line:serve of the case\'s department.' },
    params: caseParams,
    body: { schema, maxBytes: MAX_BODY },
    answers: { 200: { description: 'How the case stands now.', schema: caseState } },
    problems: ['CASE_UNKNOWN', 'CASE_NOT_TAKEN', ...problems],
    async handle({ params, body, key }) {
      await authorise(ground, params.id, key)
      await act(params.id, key.actor, body)
      return { status: 200, json: await stateOf(ground, params.id) }
    }
  })
}

/** A case of a department that the key does not serve is not known to it. @throws CASE_UNKNOWN */
async function authorise({ db }: Ground, caseId: string, key: ApiKey): Promise<void> {
  const found = await db.selectFrom('cases').select('department').where('id', '=', caseId).executeTakeFirst()
  if (!found || !grants(key, 'line:serve', found.department)) throw new EvenhandError('CASE_UNKNOWN')
}

async function stateOf({ db }: Ground, caseId: string): Promise<z.output<typeof caseState>> {
  const row = await db.selectFrom('cases').select(['id', 'receipt', 'department', 'state', 'outcome']).where('id', '=', caseId).executeTakeFirstOrThrow()
  const place = row.state === 'waiting' ? await placeOf(db, caseId) : undefined
  return { caseId: row.id, receipt: row.receipt, department: row.department, state: row.state, ...(place ? { place } : {}), ...(row.outcome ? { outcome: row.outcome } : {}) }
}

function showCase(ground: Ground, desk: DeskCore): Endpoint {
  return endpoint({
    method: 'get', path: '/v1/cases/{id}', id: 'showCase', tag: 'Cases', summary: 'A case with everything that was said in it',
    access: { for: 'keys', note: 'Needs line:serve of the case\'s department.' },
    params: caseParams,
    answers: { 200: { description: 'The case.', schema: caseView } },
    problems: ['CASE_UNKNOWN'],
    async handle({ params: { id }, key }) {
      await authorise(ground, id, key)
      const found = await desk.viewCase(id)
      if (!found) throw new EvenhandError('CASE_UNKNOWN')
      const { caseId, receipt, department, state, place, outcome, leaseUntil } = found
      return {
        status: 200,
        json: {
          caseId, receipt, department, state, place, outcome, arrivedAt: found.arrivedAt.toISOString(), leaseUntil: leaseUntil?.toISOString(), heldByYou: found.heldBy === key.actor,
          contacts: found.contacts.map(({ trail: _trail, reason: _reason, arrivedAt, ...contact }) => ({ ...contact, arrivedAt: arrivedAt.toISOString() })),
          events: found.events.map(({ at, kind, department: where, actor }) => ({ at: at.toISOString(), kind, department: where, actor }))
        }
      }
    }
  })
}
