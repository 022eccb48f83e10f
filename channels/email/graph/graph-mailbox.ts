/** A mailbox that is open by Microsoft Graph. Nothing in it is ever changed. */
import { mailboxLocation, type GraphMailbox } from '../../../config/mailboxes.ts'
import type { Settings } from '../../../config/settings.ts'
import type { MailboxRecords } from '../../../core/intake/mailbox-records.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import type { HeldToken } from '../access-token.ts'
import type { FetchedMessage, OpenMailbox } from '../mailbox.ts'
import { requireSecrets } from '../mailbox-sign-in.ts'
import { findFolder } from './folder.ts'
import { GraphClient, GraphError } from './graph-client.ts'
import { listAll, listRound, type GraphFolder } from './rounds.ts'

export interface GraphTools {
  readonly settings: Pick<Settings, 'mailboxSecrets'>
  readonly records: MailboxRecords
  readonly token: HeldToken
}

/**
 * Signs in and finds the folder.
 * @throws EvenhandError MAILBOX_*
 */
export async function openGraphMailbox(
  mailbox: GraphMailbox,
  { settings, records, token }: GraphTools
): Promise<OpenMailbox> {
  requireSecrets(mailbox, settings.mailboxSecrets)
  const client = new GraphClient(mailbox, settings.mailboxSecrets, token)
  return new OpenGraphMailbox(mailbox, {
    client,
    // Immutable ids are of one mailbox and for ever ("Obtain immutable identifiers for Outlook
    // resources"), so nothing is ever numbered anew.
    numbering: { place: mailboxLocation(mailbox), uidValidity: 0n },
    id: await findFolder(client, mailbox.folder),
    since: mailbox.since,
    records
  })
}

class OpenGraphMailbox implements OpenMailbox {
  readonly numbering
  readonly lookAgainMs
  readonly #folder: GraphFolder
  #received: ReadonlyMap<string, Date> = new Map()
  #usable = true

  constructor({ everySeconds }: GraphMailbox, folder: GraphFolder) {
    this.numbering = folder.numbering
    this.lookAgainMs = everySeconds * 1000
    this.#folder = folder
  }

  usable(): boolean {
    return this.#usable
  }

  /** Graph tells news only to servers that it can reach, which a town's is not. */
  listen(): void {}

  list(): Promise<string[]> {
    return listAll(this.#folder)
  }

  async listUntaken(stopping: () => boolean): Promise<string[]> {
    if (!(await listRound(this.#folder, stopping))) return []
    const { records, numbering, since } = this.#folder
    const listed = await records.listedUntaken(numbering, since)
    this.#received = new Map(listed.map(({ message, receivedAt }) => [message, receivedAt]))
    return [...this.#received.keys()]
  }

  async fetch(message: string, maxBytes: number): Promise<FetchedMessage | undefined> {
    const { client, records, numbering } = this.#folder
    try {
      const { bytes, size } = await client.mime(message, maxBytes)
      if (bytes.length === 0) throw new EvenhandError('MAILBOX_ANSWER', 'an empty message')
      const receivedAt = this.#received.get(message)
      return { bytes, size, receivedAt, evidence: { graphId: message } }
    } catch (error) {
      if (error instanceof GraphError && error.said === 'ErrorItemNotFound') {
        await records.removed(numbering, [message])
        return undefined
      }
      this.#usable = isOfOneMessage(error)
      throw error
    }
  }

  async moveTaken(): Promise<void> {}

  close(): void {
    this.#usable = false
  }
}

/** Such as that one cannot be converted. What Graph cannot do at all, it cannot do for the next. */
function isOfOneMessage(error: unknown): boolean {
  return error instanceof EvenhandError && error.code === 'MAILBOX_ANSWER'
}
