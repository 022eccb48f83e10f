/** Answering a case, and what became of each answer. */
import { z } from 'zod'
import { answerCase } from '../../core/cases/answer.ts'
import { viewCase } from '../../core/cases/view.ts'
import { endpoint, type Endpoint } from '../../core/intake/endpoint.ts'
import type { ApiPorts } from './ports.ts'
import { letterOf } from '../../core/replies/letter-of.ts'
import { REPLY_LIMIT, replyFiles } from '../../core/replies/limits.ts'
import { gatheredCases, repliesOf, viewReply, type Reply } from '../../core/replies/view.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { authorise, caseAccess, idOfRequest } from './case-endpoint.ts'
import { newReply, replyJson, replyParams, replyView } from './reply-shapes.ts'
import { caseParams } from './shapes.ts'

/** Base64 makes files a third longer, and a character takes at most 6 bytes in JSON. */
const MAX_BODY = Math.ceil((replyFiles.bytes * 4) / 3) + 6 * REPLY_LIMIT + 64 * 1024

export function replyEndpoints(runtime: ApiPorts): Endpoint[] {
  return [listReplies(runtime), answer(runtime), letter(runtime)]
}

function listReplies(runtime: ApiPorts): Endpoint {
  const { db } = runtime
  return endpoint({
    method: 'get',
    path: '/v1/cases/{id}/replies',
    id: 'listReplies',
    tag: 'Replies',
    summary: 'The replies of a case with what became of each, earliest first',
    access: caseAccess,
    params: caseParams,
    answers: {
      200: { description: 'At most 500.', schema: z.object({ replies: z.array(replyView) }) }
    },
    problems: ['CASE_UNKNOWN'],
    async handle({ params: { id }, key, recorded }) {
      await authorise(runtime, id, key)
      recorded('read.case', id)
      const { contacts } = (await viewCase(db, id))!
      const contactIds = contacts.map(({ contactId }) => contactId)
      const replies = await repliesOf(db, await gatheredCases(db, id), contactIds)
      return { status: 200, json: { replies: replies.map(replyJson) } }
    }
  })
}

function answer(runtime: ApiPorts): Endpoint {
  return endpoint({
    method: 'post',
    path: '/v1/cases/{id}/replies',
    id: 'answerCase',
    tag: 'Replies',
    repeatable: true,
    summary: 'Answer the resident of a case',
    description:
      'For a case that this key holds, or one that has ended. It goes by a way that the resident gave, in their language, signed with the agency and the receipt. A letter and a call are then for a person to bring. Send an Idempotency-Key: a retry without one is a second reply.',
    access: caseAccess,
    params: caseParams,
    body: { schema: newReply, maxBytes: MAX_BODY },
    answers: { 201: { description: 'The reply as it stands.', schema: replyView } },
    problems: [
      'CASE_UNKNOWN',
      'CASE_NOT_TAKEN',
      'REPLY_EMPTY',
      'REPLY_TOO_LONG',
      'REPLY_ADDRESS',
      'REPLY_TYPED',
      'REPLY_LANGUAGE',
      'REPLY_LETTER',
      'REPLY_WINDOW',
      'REPLY_FILES',
      'SAVED_REPLY_UNKNOWN'
    ],
    async handle({ params: { id }, body, bytes, key, idempotencyKey }) {
      await authorise(runtime, id, key)
      const { savedReply: saved, files, ...choices } = body
      const reply = await answerCase(runtime, {
        ...choices,
        saved,
        caseId: id,
        actor: key.actor,
        replyId: idOfRequest([key.actor, id, idempotencyKey], bytes),
        files: files.map(({ content, ...file }) => ({
          ...file,
          content: Buffer.from(content, 'base64')
        }))
      })
      return { status: 201, json: replyJson(reply) }
    }
  })
}

function letter(runtime: ApiPorts): Endpoint {
  return endpoint({
    method: 'get',
    path: '/v1/cases/{id}/replies/{reply}/letter',
    id: 'readLetter',
    tag: 'Replies',
    summary: 'A reply by letter, to be printed and mailed',
    access: caseAccess,
    params: replyParams,
    answers: {
      200: {
        description: 'A PDF whose address stands in the window of the envelope.',
        mediaType: 'application/pdf',
        schema: z.string().meta({ format: 'binary' })
      }
    },
    problems: ['CASE_UNKNOWN', 'NOT_FOUND'],
    async handle({ params: { id, reply: replyId }, key, recorded }) {
      await authorise(runtime, id, key)
      await findReply(runtime, id, replyId)
      recorded('read.case', id)
      const made = await letterOf(runtime, replyId)
      if (!made) throw new EvenhandError('NOT_FOUND')
      const headers = {
        'content-type': 'application/pdf',
        'content-disposition': `attachment; filename="${made.name}"`
      }
      return { status: 200, bytes: made.bytes, headers }
    }
  })
}

/** @throws NOT_FOUND for a reply of another case */
async function findReply(
  { db }: Pick<ApiPorts, 'db'>,
  caseId: string,
  replyId: string
): Promise<Reply> {
  const reply = await viewReply(db, caseId, replyId)
  if (!reply) throw new EvenhandError('NOT_FOUND')
  return reply
}
