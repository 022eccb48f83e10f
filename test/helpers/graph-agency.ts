/** An agency whose mailbox `hello` is at Microsoft 365. */
import { mailboxStates, type MailboxState } from '../../core/intake/mailbox-records.ts'
import { mailboxLocation } from '../../config/mailboxes.ts'
import { CLIENT_SECRET, mailboxAt, type Graph } from './graph.ts'
import { openAgency, writeMailboxes, type Agency } from './mailboxes.ts'
import { until } from './until.ts'

export interface GraphAgency extends Agency {
  /** Stops pulling and begins again, with other lines for the mailbox where they are given. */
  again(own?: object): Promise<void>
  stop(): Promise<void>
  state(): Promise<MailboxState | undefined>
  /** Waits until the mailbox was looked through since pulling began. */
  looked(): Promise<MailboxState>
  contacts(): Promise<GraphContact[]>
  /** Waits for so many. */
  taken(count: number): Promise<GraphContact[]>
}

export interface GraphContact {
  readonly source: string
  readonly evidence: Record<string, unknown>
  readonly recipients: readonly string[]
  readonly bytes: number
}

export async function openGraphAgency(
  graph: Graph,
  own: object = {},
  environment: Record<string, string> = {}
): Promise<GraphAgency> {
  const secret = { MAILBOX_HELLO_CLIENT_SECRET: CLIENT_SECRET, ...environment }
  const agency = await openAgency({ port: 0 }, { hello: mailboxAt(graph, own) }, secret, {
    watch: true
  })
  const { runtime } = agency
  let lookedBefore: number | undefined
  let running: { stop(): Promise<void> } | undefined
  const stop = async () => {
    await running?.stop()
    running = undefined
  }
  const state = async () => {
    const place = mailboxLocation(runtime.agency().mailboxes![0]!)
    return (await mailboxStates(runtime.db, [place])).get(place)
  }
  const contacts = async () => {
    const found = await runtime.db
      .selectFrom('contacts')
      .select(['source', 'evidence', 'recipients', 'raw_bytes'])
      .orderBy('ordinal')
      .execute()
    return found.map(({ raw_bytes, ...rest }) => ({ ...rest, bytes: Number(raw_bytes) }))
  }
  return {
    ...agency,
    state,
    stop,
    contacts,
    async again(changed) {
      await stop()
      if (changed) {
        writeMailboxes(runtime.settings.CONFIG_DIR, 0, { hello: mailboxAt(graph, changed) })
        const day = (changed as { since?: string }).since
        await until(() => runtime.agency().mailboxes![0]!.since === day)
      }
      lookedBefore = (await state())?.lookedAt?.getTime()
      running = await agency.pulling()
    },
    looked: () =>
      until(async () => {
        const now = await state()
        if (!now?.lookedAt || now.lookedAt.getTime() === lookedBefore) return false
        return now
      }),
    taken: (count) =>
      until(async () => {
        const found = await contacts()
        return found.length >= count && found
      }),
    async remove() {
      await stop()
      await agency.remove()
    }
  }
}
