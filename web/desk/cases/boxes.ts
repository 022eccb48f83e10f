/**
 * The reply box and the note box of a case's page are one form, so that whatever is pressed sends
 * the words of both, and neither is lost where no script keeps them.
 */
import type { Request, Response } from 'express'
import type { CaseView } from '../../../core/cases/types.ts'
import { addDraftFiles } from '../../../core/replies/draft-files.ts'
import { keepDraft, type DraftKind } from '../../../core/replies/drafts.ts'
import { REPLY_LIMIT, replyFiles } from '../../../core/replies/limits.ts'
import { EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import { parseForm, type Submission } from '../../../platform/http-bodies/form.ts'
import { isId } from '../../../platform/ids.ts'
import { sha256 } from '../../../platform/storage/blob-store.ts'
import type { WebContext } from '../../context.ts'
import { actorOf } from '../shared/authorization.ts'
import { draftFields } from './composer-fields.ts'

/** Words take at most three bytes a character, in three times the most that is sent, twice. */
const TEXT_BYTES = 2 * 3 * 3 * REPLY_LIMIT + 16 * 1024
const formLimits = {
  fields: 40,
  textBytes: TEXT_BYTES,
  files: replyFiles.count,
  fileBytes: replyFiles.bytes,
  nameLength: replyFiles.nameLength
}
export const MAX_BODY_BYTES = replyFiles.bytes + TEXT_BYTES + 64 * 1024

/** A field of the form; empty if it is missing. */
export type Value = (name: string) => string

/** @throws BAD_REQUEST */
export async function parseBoxes(request: Request): Promise<Submission> {
  const submission = Buffer.isBuffer(request.body)
    ? await parseForm(request.body, String(request.headers['content-type']), formLimits).catch(
        () => undefined
      )
    : undefined
  if (!submission) throw new EvenhandError('BAD_REQUEST', 'not a form')
  return submission
}

export type Kept = NonNullable<Awaited<ReturnType<typeof keepBox>>>

/** Names of the hidden fields: what a box becomes, and the version of its draft. */
const hidden = {
  reply: { id: 'replyId', version: 'version' },
  note: { id: 'noteId', version: 'noteVersion' }
} as const

/**
 * Keeps what a box holds; undefined for a form without that box.
 * @param aside a button of the other box was pressed
 */
export async function keepBox(
  { db }: Pick<WebContext, 'db'>,
  { caseId }: Pick<CaseView, 'caseId'>,
  response: Response,
  { kind, value, aside }: { kind: DraftKind; value: Value; aside?: boolean }
) {
  const becomes = value(hidden[kind].id)
  if (!isId(becomes)) return undefined
  const key = { caseId, author: actorOf(response), kind }
  const fields = draftFields(kind, value)
  const version = Number(value(hidden[kind].version)) || 0
  const draft = await keepDraft(db, { ...key, version, fields, becomes, aside })
  return { key, fields, becomes, draft }
}

/** Files go along with the reply. Says why they could not be kept. */
export async function keepFiles(
  { db, blobs }: Pick<WebContext, 'db' | 'blobs'>,
  { caseId, author }: Kept['key'],
  { files, exceeded }: Submission
): Promise<ErrorCode | undefined> {
  if (exceeded.some((bound) => bound !== 'text')) return 'REPLY_FILES'
  if (files.length === 0) return undefined
  const kept = files.map(({ name, mediaType, content }) => ({
    name: name || 'file',
    mediaType,
    bytes: content.length,
    sha256: sha256(content)
  }))
  for (const { content } of files) await blobs.put(content)
  return addDraftFiles(db, caseId, author, kept).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof EvenhandError) return error.code
      throw error
    }
  )
}
