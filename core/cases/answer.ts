/** Answering a case by the API and by command: what the reply box does, without a page. */
import { EvenhandError } from '../../platform/errors.ts'
import { composeReply, type ReplyChoices } from '../replies/compose.ts'
import type { AnswerFile } from '../outbox/answer-files.ts'
import type { NewFile, NewReply } from '../replies/check.ts'
import { sendReply } from '../replies/send.ts'
import { viewReply, type Reply } from '../replies/view.ts'
import type { Runtime } from '../runtime.ts'
import { viewCase } from './view.ts'

export interface Answering extends ReplyChoices {
  readonly caseId: string
  readonly actor: string
  /** The same again sends nothing more. */
  readonly replyId: string
  readonly files?: readonly AnswerFile[]
  /** Looks at the reply before it is sent, and may refuse it. */
  readonly check?: (reply: Pick<NewReply, 'way'>) => void
}

/**
 * Sends a reply on a case that the actor holds, or on one that has ended, and tells how it stands:
 * `waiting` while it is on its way or a person has to bring it, `proposed` while a second person
 * has to look at it.
 * @throws as composeReply and sendReply, and what `check` throws
 */
export async function answerCase(
  runtime: Pick<Runtime, 'db' | 'blobs' | 'queues' | 'agency'>,
  { caseId, actor, replyId, files = [], check, ...choices }: Answering
): Promise<Reply> {
  const view = await viewCase(runtime.db, caseId)
  if (!view) throw new EvenhandError('CASE_UNKNOWN')
  const reply = composeReply(runtime.agency(), view, choices)
  check?.(reply)
  const stored = await store(runtime, files)
  await sendReply(runtime, { ...reply, actor, replyId, files: stored })
  return (await viewReply(runtime.db, caseId, replyId))!
}

/** Bytes first, so that no reply names a file that is not there. */
async function store(
  { blobs }: Pick<Runtime, 'blobs'>,
  files: readonly AnswerFile[]
): Promise<NewFile[]> {
  const stored: NewFile[] = []
  for (const { name, mediaType, content } of files)
    stored.push({ name, mediaType, bytes: content.length, sha256: await blobs.put(content) })
  return stored
}
