/**
 * Who sent the contacts that wait here and about what, so that an honest one is found without
 * opening all.
 */
import { subjectOf } from '../../../channels/email/evidence.ts'
import { mailboxes, messageFields } from '../../../channels/email/headers.ts'
import { readHead } from '../../../core/cases/files.ts'
import type { Runtime } from '../../../core/runtime.ts'
import type { QuarantineGroup, QuarantinedContact } from '../../../core/contacts/quarantine-list.ts'

/**
 * Bytes read of a mail that no machine has read: Received, DKIM and ARC fields before From and
 * Subject take some 8 KB.
 */
const HEAD_BYTES = 16 * 1024
/** Characters shown of a name and address, or of a subject. */
const SHOWN = 240

export interface Told {
  readonly contactId: string
  readonly from: string
  readonly subject: string
}

/**
 * Adds to the groups what the headers of unread mails say. One mail after the other, so that none
 * delays the rest of the program.
 */
export async function tellGroups<G extends QuarantineGroup>(
  runtime: Pick<Runtime, 'db' | 'blobs'>,
  groups: readonly G[]
): Promise<(G & { told: readonly Told[] })[]> {
  const told = []
  for (const group of groups) {
    const each: Told[] = []
    for (const one of group.told) each.push(await tell(runtime, one))
    const { from, subject } = each[0] ?? (await tell(runtime, group))
    told.push({ ...group, from, subject, told: each })
  }
  return told
}

async function tell(
  runtime: Pick<Runtime, 'db' | 'blobs'>,
  { contactId, from, subject, unreadMail }: QuarantinedContact
): Promise<Told> {
  if (!unreadMail) return { contactId, from, subject }
  const fields = messageFields(await readHead(runtime, contactId, HEAD_BYTES))
  const [writer] = mailboxes(fields.get('from')?.map((value) => value.slice(0, 1_000)))
  const named = writer ? [writer.name, writer.address].filter(Boolean).join(', ') : ''
  return {
    contactId,
    from: (named || from).slice(0, SHOWN),
    subject: (subjectOf(fields) ?? subject).slice(0, SHOWN)
  }
}
