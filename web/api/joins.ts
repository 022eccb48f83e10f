/**
 * Endpoints for cases that wait for their resident, that are two matters, or that are one matter in
 * two cases. None of them changes a place: that is the arrival's alone.
 */
import { z } from 'zod'
import { departmentIdSchema } from '../../config/schema.ts'
import { grants } from '../../core/access/api-keys.ts'
import { joinByHand } from '../../core/cases/join-by-hand.ts'
import { waitForResident } from '../../core/cases/wait.ts'
import { takeApart } from '../../core/cases/take-apart.ts'
import { viewCase } from '../../core/cases/view.ts'
import type { Endpoint } from '../../core/intake/endpoint.ts'
import type { ApiPorts } from './ports.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { startOfDay } from '../../platform/local-time.ts'
import { text, verb, why } from './case-endpoint.ts'
import { requireDepartment } from './lines.ts'

export function joinEndpoints(runtime: ApiPorts): Endpoint[] {
  return [...waitEndpoints(runtime), split(runtime), join(runtime), apart(runtime)]
}

function waitEndpoints(runtime: ApiPorts): Endpoint[] {
  const { line, agency } = runtime
  return [
    verb(runtime, {
      name: 'pause',
      id: 'pauseCase',
      summary: 'Let a case wait for its resident, out of the line',
      schema: z.strictObject({
        until: z.iso.date().meta({
          description: 'The day on which it comes back without their answer: at most a year away.'
        }),
        reason: why
      }),
      problems: ['REMINDER_NEEDED', 'NOTHING_ASKED'],
      act: (id, actor, { until, reason }) => {
        const morning = startOfDay(until, agency().departments.agency.timeZone, 0) ?? new Date(0)
        return waitForResident(runtime, id, { actor, reason, until: morning })
      }
    }),
    verb(runtime, {
      name: 'resume',
      id: 'resumeCase',
      summary: 'Bring a case that waits for its resident back to its place',
      forCases: 'For a case of the department that waits for its resident.',
      schema: z.strictObject({ reason: why }),
      problems: ['CASE_NOT_PAUSED'],
      act: (id, actor, { reason }) => line.resume(id, actor, reason)
    })
  ]
}

function split(runtime: ApiPorts): Endpoint {
  return verb(runtime, {
    name: 'split',
    id: 'splitCase',
    summary: 'Open a second case for the other matter of a contact, at its place',
    forCases: 'For a case that this key holds and keeps; answers with the new case.',
    schema: z.strictObject({
      about: text('What the other matter is. Kept in the ledger: write no names.'),
      contactId: z.uuid().optional().meta({
        description:
          'The contact of the case that is about two matters; its first one, where it is left out. A later one gets its own place.'
      }),
      department: departmentIdSchema.optional().meta({
        description:
          'In whose line the second case stands; in that of the first, where it is left out.'
      })
    }),
    problems: ['CASE_PARTS', 'CONTACT_NOT_HERE', 'DEPARTMENT_UNKNOWN'],
    act: (id, actor, { about, contactId, department: into }) => {
      if (into !== undefined) requireDepartment(runtime, into)
      return runtime.line.split(id, actor, about, { contactId, into })
    }
  })
}

function join(runtime: ApiPorts): Endpoint {
  return verb(runtime, {
    name: 'join',
    id: 'joinCases',
    summary: 'Join two cases that are one matter: the later into the earlier',
    forCases:
      'For two cases of the department of which nobody else holds the later; answers with the case that both are now.',
    schema: z.strictObject({
      receipt: z.string().max(100).meta({ description: 'A receipt of the other case.' }),
      reason: why
    }),
    problems: ['CASE_ELSEWHERE', 'CASE_NOT_JOINABLE', 'OTHER_CASE_HELD'],
    act: (caseId, actor, { receipt, reason }, key) =>
      joinByHand(runtime, {
        caseId,
        receipt,
        actor,
        reason,
        maySee: (department) => grants(key, 'line:serve', department)
      })
  })
}

function apart(runtime: ApiPorts): Endpoint {
  return verb(runtime, {
    name: 'apart',
    id: 'takeCaseApart',
    summary: 'Put what was joined into a case back at its own place',
    forCases: 'For a case of the department into which something was joined.',
    schema: z.strictObject({
      joined: z.string().max(100).meta({
        description:
          'Receipt or id of a contact that was joined, or id of a case that was split off and joined again (`parts`).'
      }),
      reason: why
    }),
    problems: ['CONTACT_NOT_DUPLICATE', 'CASE_NOT_JOINED'],
    act: async (id, actor, { joined, reason }) => {
      const view = await viewCase(runtime.db, id)
      if (!view) throw new EvenhandError('CASE_UNKNOWN')
      await takeApart(runtime, view, { joined, actor, reason })
    }
  })
}
