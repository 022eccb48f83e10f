/** Words among staff about a case: never sent, never shown to its resident. */
import { z } from 'zod'
import { viewCase } from '../../core/cases/view.ts'
import { endpoint, type Endpoint } from '../../core/intake/endpoint.ts'
import type { ApiPorts } from './ports.ts'
import { addNaming } from '../../core/replies/colleagues.ts'
import { REPLY_LIMIT } from '../../core/replies/limits.ts'
import { notesOf, viewNote } from '../../core/replies/notes.ts'
import { gatheredCases } from '../../core/replies/view.ts'
import { authorise, caseAccess, idOfRequest } from './case-endpoint.ts'
import { newNote, noteJson, noteView } from './reply-shapes.ts'
import { caseParams } from './shapes.ts'

export function noteEndpoints(runtime: ApiPorts): Endpoint[] {
  return [listNotes(runtime), write(runtime)]
}

function listNotes(runtime: ApiPorts): Endpoint {
  const { db } = runtime
  return endpoint({
    method: 'get',
    path: '/v1/cases/{id}/notes',
    id: 'listNotes',
    tag: 'Notes',
    summary: 'The notes of a case for staff, earliest first',
    access: caseAccess,
    params: caseParams,
    answers: {
      200: { description: 'At most 500.', schema: z.object({ notes: z.array(noteView) }) }
    },
    problems: ['CASE_UNKNOWN'],
    async handle({ params: { id }, key, recorded }) {
      await authorise(runtime, id, key)
      recorded('read.case', id)
      const notes = await notesOf(db, await gatheredCases(db, id))
      return { status: 200, json: { notes: notes.map(noteJson) } }
    }
  })
}

function write(runtime: ApiPorts): Endpoint {
  const { db } = runtime
  return endpoint({
    method: 'post',
    path: '/v1/cases/{id}/notes',
    id: 'addNote',
    tag: 'Notes',
    repeatable: true,
    summary: 'Write a note for staff on a case',
    description:
      'For every case of the department, whoever holds it. Send an Idempotency-Key: a retry without one is a second note.',
    access: caseAccess,
    params: caseParams,
    body: { schema: newNote, maxBytes: 6 * REPLY_LIMIT + 1024 },
    answers: { 201: { description: 'The note.', schema: noteView } },
    problems: ['CASE_UNKNOWN', 'NOTE_EMPTY', 'REPLY_TOO_LONG'],
    async handle({ params: { id }, body: { text }, bytes, key, idempotencyKey }) {
      await authorise(runtime, id, key)
      const noteId = idOfRequest(['note', key.actor, id, idempotencyKey], bytes)
      await addNaming(db, (await viewCase(db, id))!, { noteId, actor: key.actor, text })
      return { status: 201, json: noteJson(await viewNote(db, noteId)) }
    }
  })
}
