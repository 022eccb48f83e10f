/**
 * What is new in a folder, round by round ("Get incremental changes to messages in a folder"). All
 * of it is written down before anything is taken, as Graph says each once and in no order.
 */
import { z } from 'zod'
import type { ListedPage, MailboxRecords, Numbering } from '../../../core/intake/mailbox-records.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { pullLimits } from '../limits.ts'
import { GraphError, type GraphClient } from './graph-client.ts'

export interface GraphFolder {
  readonly client: GraphClient
  readonly numbering: Numbering
  readonly id: string
  /** The day from which messages are taken. */
  readonly since: string
  readonly records: MailboxRecords
}

const link = z.string().max(pullLimits.linkLength).optional()
const receivedDateTime = z.iso.datetime({ offset: true }).optional()
const messageId = z.string().min(1).max(pullLimits.messageIdLength)
const messagePage = z.object({
  value: z
    .array(z.object({ id: messageId, receivedDateTime, '@removed': z.unknown().optional() }))
    .max(pullLimits.graphPageMost),
  '@odata.nextLink': link,
  '@odata.deltaLink': link
})
type MessagePage = z.output<typeof messagePage>

/**
 * Writes down all that is new. A `$filter` on the day would end the list at 5,000 messages, so
 * older ones are left out here.
 * @returns whether the round came to its end
 * @throws EvenhandError MAILBOX_*
 */
export async function listRound(folder: GraphFolder, stopping: () => boolean): Promise<boolean> {
  const { records, numbering, since } = folder
  for (let pages = 0; pages < pullLimits.graphPages; pages += 1) {
    if (stopping()) return false
    const page = await nextPage(folder, await records.cursor(numbering))
    if (!page) {
      await records.startOver(numbering)
      continue
    }
    const { '@odata.nextLink': next, '@odata.deltaLink': end } = page
    const cursor = next ?? end
    if (!cursor) throw new EvenhandError('MAILBOX_ANSWER', 'a list that does not lead on')
    folder.client.refuseElsewhere(cursor)
    const ends = next === undefined
    await records.noteListed(numbering, {
      ...(await readPage(folder, page)),
      cursor: `${since} ${cursor}`,
      ends
    })
    if (ends) return true
  }
  throw new EvenhandError('MAILBOX_ANSWER', 'a list without an end')
}

/** Undefined where Graph no longer knows how far we came, and everything is to be listed anew. */
async function nextPage(
  { client, id, since }: GraphFolder,
  cursor: string | undefined
): Promise<MessagePage | undefined> {
  const first = client.url(
    `/mailFolders/${encodeURIComponent(id)}/messages/delta?$select=id,receivedDateTime`
  )
  // With another day, what was left out before may be wanted now.
  const goOn = cursor?.startsWith(`${since} `) ? cursor.slice(since.length + 1) : undefined
  try {
    return await client.json(goOn ?? first, messagePage)
  } catch (error) {
    if (goOn !== undefined && error instanceof GraphError && isForgotten(error)) return undefined
    throw error
  }
}

/** "Use delta query to track changes in Microsoft Graph data", synchronization reset. */
function isForgotten({ httpStatus, said }: GraphError): boolean {
  return httpStatus === 410 || /^(?:error)?(?:syncState|resync)/i.test(said)
}

async function readPage(
  folder: GraphFolder,
  { value }: MessagePage
): Promise<Pick<ListedPage, 'listed' | 'removed'>> {
  const last = new Map(value.map((message) => [message.id, message]))
  const messages = [...last.values()]
  const there = messages.filter((message) => message['@removed'] === undefined)
  const dated = await withDates(folder, there)
  return {
    removed: messages.filter((message) => message['@removed'] !== undefined).map(({ id }) => id),
    listed: dated.filter(({ receivedAt }) => receivedAt >= new Date(folder.since))
  }
}

/** A message that only changed may come without the time of its coming; a new one is asked for it. */
async function withDates(
  folder: GraphFolder,
  messages: readonly { readonly id: string; readonly receivedDateTime?: string | undefined }[]
): Promise<ListedPage['listed']> {
  const bare = messages.filter((message) => message.receivedDateTime === undefined)
  const unknown = await folder.records.unlisted(
    folder.numbering,
    bare.map(({ id }) => id)
  )
  const asked = []
  for (const message of unknown) {
    const receivedAt = await dateOf(folder, message)
    if (receivedAt) asked.push({ message, receivedAt })
  }
  const told = messages.flatMap(({ id, receivedDateTime: at }) =>
    at === undefined ? [] : [{ message: id, receivedAt: new Date(at) }]
  )
  return [...told, ...asked]
}

/** Undefined if it is gone. */
async function dateOf({ client }: GraphFolder, id: string): Promise<Date | undefined> {
  const url = client.url(`/messages/${encodeURIComponent(id)}?$select=receivedDateTime`)
  try {
    const { receivedDateTime: at } = await client.json(url, z.object({ receivedDateTime }))
    return new Date(at ?? 0)
  } catch (error) {
    if (error instanceof GraphError && error.said === 'ErrorItemNotFound') return undefined
    throw error
  }
}

/** All messages from the day on, to be counted. @throws EvenhandError MAILBOX_* */
export async function listAll({ client, id, since }: GraphFolder): Promise<string[]> {
  const query = `$select=id&$filter=receivedDateTime%20ge%20${since}T00:00:00Z`
  let url: string | undefined = client.url(
    `/mailFolders/${encodeURIComponent(id)}/messages?${query}`
  )
  const all: string[] = []
  for (let pages = 0; url && pages < pullLimits.graphPages; pages += 1) {
    const page: MessagePage = await client.json(url, messagePage)
    all.push(...page.value.map((message) => message.id))
    url = page['@odata.nextLink']
  }
  return all
}
