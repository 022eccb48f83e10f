/**
 * The lines, as a department's own system sees and serves them. It cannot choose a case: the line
 * decides which is next.
 */
import { findDepartment } from '../../config/departments.ts'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { takingOf, type Department } from '../../config/schema.ts'
import { endpoint, type ApiAnswer } from '../../core/intake/endpoint.ts'
import { grants, type ApiKey } from '../../core/access/api-keys.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { ApiPorts } from './ports.ts'
import type { Taken } from '../../core/line/line.ts'
import { countWaiting, isAnyoneWaiting, viewLine } from '../../core/line/view.ts'
import { heldBy } from '../../core/cases/view.ts'
import { departmentParams, lineSummary, lineView, takenCase } from './shapes.ts'

/** Most cases per page of a line; a system that needs more needs a report instead. */
const CASES_SHOWN = 1_000
/**
 * Longest wait for a case, in seconds: under the minute after which proxies cut a silent
 * connection.
 */
const LONGEST_WAIT = 30
const LOOK_EVERY_MS = 500
/** Requests of a process that may wait at once. Further ones are answered at once. */
const WAITERS = 200

export function lineEndpoints(runtime: ApiPorts) {
  return [allLines(runtime), oneLine(runtime), take(runtime)]
}

function allLines({ db, agency }: Pick<ApiPorts, 'db' | 'agency'>) {
  return endpoint({
    method: 'get',
    path: '/v1/lines',
    id: 'listLines',
    tag: 'Lines',
    summary: 'How many wait in each line that the key may see',
    access: { for: 'keys', note: 'Shows the lines for which the key has line:read or line:serve.' },
    answers: {
      200: {
        description: "The lines, in the agency's order.",
        schema: z.object({ lines: z.array(lineSummary) })
      }
    },
    async handle({ key }) {
      const seen = agency().departments.departments.filter(({ id }) => grants(key, 'line:read', id))
      const waiting = await countWaiting(
        db,
        seen.map(({ id }) => id)
      )
      return {
        status: 200,
        json: {
          lines: seen.map(({ id, name }) => ({
            department: id,
            name,
            waiting: waiting.get(id) ?? 0
          }))
        }
      }
    }
  })
}

function oneLine(runtime: ApiPorts) {
  return endpoint({
    method: 'get',
    path: '/v1/lines/{department}',
    id: 'showLine',
    tag: 'Lines',
    summary: 'Who waits in a line, earliest arrival first, and what this key holds',
    access: { for: 'keys', scope: 'line:read', department: 'department' },
    params: departmentParams,
    query: z.strictObject({
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(CASES_SHOWN)
        .default(100)
        .meta({ description: 'At most so many cases.' })
    }),
    answers: { 200: { description: 'The line as it stands.', schema: lineView } },
    problems: ['DEPARTMENT_UNKNOWN'],
    async handle({ params: { department }, query: { limit }, key }) {
      requireDepartment(runtime, department)
      const [{ waiting, cases }, held] = await Promise.all([
        viewLine(runtime.db, department, limit),
        heldBy(runtime.db, key.actor)
      ])
      const mine = held
        .filter((one) => one.department === department)
        .map(({ caseId, receipt, arrivedAt, leaseUntil }) => ({
          caseId,
          receipt,
          arrivedAt: arrivedAt.toISOString(),
          leaseUntil: leaseUntil.toISOString()
        }))
      return { status: 200, json: { department, waiting, cases, held: mine } }
    }
  })
}

const takeBody = z.strictObject({
  leaseSeconds: z
    .number()
    .int()
    .min(1)
    .max(366 * 86_400)
    .optional()
    .meta({
      description:
        "How long you mean to hold it; at most the department's leaseHours, which is also what holds without it."
    }),
  waitSeconds: z
    .number()
    .int()
    .min(0)
    .max(LONGEST_WAIT)
    .default(0)
    .meta({ description: 'Wait so long for a case when nobody is in line.' })
})

function take(runtime: ApiPorts) {
  return endpoint({
    method: 'post',
    path: '/v1/lines/{department}/take',
    id: 'takeNext',
    tag: 'Lines',
    repeatable: true,
    summary: 'Take the next case: always the earliest arrival',
    description:
      "The case is this key's until it finishes it, gives it back, or the lease ends. There is no way to take another than the next one. One key holds a few cases of a department at a time (`casesHeld` of the agency, usually 3); it finishes or gives one back before it takes the next.",
    access: { for: 'keys', scope: 'line:serve', department: 'department' },
    params: departmentParams,
    body: { schema: takeBody, maxBytes: 4096 },
    answers: {
      200: { description: "The next case, now this key's.", schema: takenCase },
      204: { description: 'Nobody waits in this line for this key.' }
    },
    problems: ['DEPARTMENT_UNKNOWN', 'CASES_HELD'],
    async handle({ params, body, key, signal }): Promise<ApiAnswer> {
      const department = requireDepartment(runtime, params.department)
      const taken = await takeOrWait(runtime, department, key, body, signal)
      return taken ? { status: 200, json: toJson(taken, department.id) } : { status: 204 }
    }
  })
}

let waiters = 0

async function takeOrWait(
  runtime: ApiPorts,
  department: Department,
  key: ApiKey,
  { leaseSeconds, waitSeconds }: z.output<typeof takeBody>,
  signal: AbortSignal | undefined
): Promise<Taken | undefined> {
  const { leaseSeconds: most, mostHeld } = takingOf(runtime.agency().departments, department.id)!
  const request = {
    department: department.id,
    actor: key.actor,
    leaseSeconds: Math.min(leaseSeconds ?? most, most),
    mostHeld
  }
  const deadline = performance.now() + (waiters < WAITERS ? waitSeconds * 1000 : 0)
  waiters += 1
  try {
    for (;;) {
      const taken = (await isAnyoneWaiting(runtime.db, department.id))
        ? await runtime.line.takeNext(request)
        : undefined
      if (taken && signal?.aborted) return await undo(runtime, taken, key)
      if (taken || signal?.aborted || performance.now() >= deadline) return taken
      await setTimeout(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    waiters -= 1
  }
}

/** The client has disconnected, so nobody would serve the case until its lease ends. */
async function undo(runtime: ApiPorts, { caseId }: Taken, key: ApiKey): Promise<undefined> {
  await runtime.line.giveBack(caseId, key.actor, 'the connection was closed before the answer')
  return undefined
}

/** @throws DEPARTMENT_UNKNOWN */
export function requireDepartment({ agency }: Pick<ApiPorts, 'agency'>, id: string): Department {
  const found = findDepartment(agency().departments, id)
  if (!found) throw new EvenhandError('DEPARTMENT_UNKNOWN')
  return found
}

function toJson(
  { caseId, receipt, arrivedAt, ordinal, leaseUntil }: Taken,
  department: string
): z.output<typeof takenCase> {
  return {
    caseId,
    receipt,
    department,
    arrivedAt: arrivedAt.toISOString(),
    ordinal,
    leaseUntil: leaseUntil.toISOString()
  }
}
