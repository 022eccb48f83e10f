import type { OpenRuntime } from '../../core/open-runtime.ts'
import { sendReply } from '../../core/replies/send.ts'
import { newId } from '../../platform/ids.ts'

/** The holder of a case puts a question to its resident, which a person has to bring by phone. */
export async function ask(runtime: OpenRuntime, caseId: string): Promise<void> {
  const found = await runtime.db
    .selectFrom('cases')
    .select(['taken_by', 'contact_id'])
    .where('id', '=', caseId)
    .executeTakeFirstOrThrow()
  await sendReply(runtime, {
    replyId: newId(),
    caseId,
    contactId: found.contact_id,
    actor: found.taken_by!,
    way: 'call',
    address: '217-555-0142',
    typed: true,
    name: undefined,
    language: 'en',
    subject: '',
    text: 'Which one is it?'
  })
}
