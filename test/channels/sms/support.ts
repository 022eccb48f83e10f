import { expect } from '@jest/globals'
import { sms } from '../../../channels/sms/index.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { openHttpDoor, type HttpDoor } from '../../contract/http-door.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { openPipeline } from '../../helpers/pipeline.ts'
import {
  incomingText,
  openTwilio,
  signedWebhook,
  type Outgoing,
  type TwilioStandIn
} from '../../helpers/twilio.ts'

const publicUrl = 'https://intake.town.example'

export interface TextRig {
  readonly runtime: TestRuntime
  readonly door: HttpDoor
  readonly twilio: TwilioStandIn
  readonly publicUrl: string
  /** The number that writes in this test. */
  person: string
  nextPerson(): void
  /** Twilio brings a text; it is read, settled, and what is owed is sent. */
  receive(
    Body: string,
    more?: Parameters<typeof incomingText>[0],
    media?: Parameters<typeof incomingText>[1]
  ): ReturnType<typeof contactRow>
  /** Posts a text and answers with its contact's id. */
  deliver(parameters: Record<string, string>, token?: string): Promise<string>
  run(...ids: string[]): Promise<void>
  settleDebts(id: string): Promise<void>
  /** What we sent to this test's person. */
  texts(): Outgoing[]
  outbox(id: string): ReturnType<typeof outboxRows>
  eventsOf(id: string): Promise<string[]>
  caseOf(
    id: string
  ): Promise<{ state: string; department: string; joined_into: string | null } | undefined>
  close(): Promise<void>
}

/**
 * The text channel's web routes, its pipeline and its way out, with Twilio's stand-in at the other
 * end.
 */
export async function openTextRig(): Promise<TextRig> {
  const twilio = await openTwilio()
  const runtime = await createTestRuntime('postgres', {
    PUBLIC_URL: publicUrl,
    ...twilio.environment
  })
  const door = await openHttpDoor(runtime, sms)
  const pipeline = openPipeline(runtime)
  const acknowledger = openDispatcher(runtime, [sms])
  let persons = 0
  const rig: TextRig = {
    runtime,
    door,
    twilio,
    publicUrl,
    person: '',
    nextPerson() {
      persons += 1
      rig.person = `+1202555${String(persons).padStart(4, '0')}`
    },
    async receive(Body, more = {}, media = []) {
      const id = await rig.deliver(incomingText({ From: rig.person, Body, ...more }, media))
      await rig.run(id)
      await rig.settleDebts(id)
      return contactRow(runtime, id)
    },
    async deliver(parameters, token) {
      const { response } = await door.post(
        signedWebhook(publicUrl, '/hooks/sms/twilio', parameters, token)
      )
      expect([response.status, await response.text()]).toEqual([
        200,
        expect.stringContaining('<Response/>')
      ])
      return (
        await runtime.db
          .selectFrom('contacts')
          .select('id')
          .orderBy('ordinal', 'desc')
          .limit(1)
          .executeTakeFirstOrThrow()
      ).id
    },
    run: (...ids) => pipeline.run(ids),
    async settleDebts(id) {
      await runtime.db
        .updateTable('outbound')
        .set({ due_at: new Date(0) })
        .where('contact_id', '=', id)
        .where('state', '=', 'waiting')
        .execute()
      await acknowledger.acknowledge([id])
    },
    texts: () => twilio.sent.filter(({ to }) => to === rig.person),
    outbox: (id) => outboxRows(runtime, id),
    eventsOf: async (id) =>
      (
        await runtime.db
          .selectFrom('events')
          .select('kind')
          .where('contact_id', '=', id)
          .orderBy('id')
          .execute()
      ).map(({ kind }) => kind),
    caseOf: (id) =>
      runtime.db
        .selectFrom('cases')
        .select(['state', 'department', 'joined_into'])
        .where('contact_id', '=', id)
        .executeTakeFirst(),
    async close() {
      await door.close()
      await pipeline.close()
      await runtime.remove()
      await twilio.close()
    }
  }
  return rig
}

function outboxRows({ db }: TestRuntime, id: string) {
  return db
    .selectFrom('outbound')
    .selectAll()
    .where('contact_id', '=', id)
    .orderBy('kind')
    .execute()
}
