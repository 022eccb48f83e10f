import { expect } from '@jest/globals'
import { sms } from '../../../channels/sms/index.ts'
import { Acknowledger } from '../../../core/acknowledge.ts'
import { openHttpDoor, type HttpDoor } from '../../contract/http-door.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { openPipeline } from '../../helpers/pipeline.ts'
import { incomingText, openTwilio, signedWebhook, type Outgoing, type TwilioStandIn } from '../../helpers/twilio.ts'

const publicUrl = 'https://intake.town.example'

export interface TextBench {
  readonly ground: TestGround
  readonly door: HttpDoor
  readonly twilio: TwilioStandIn
  readonly publicUrl: string
  /** The number that writes in this test. */
  person: string
  nextPerson(): void
  /** Twilio brings a text; it is read, settled, and what is owed is sent. */
  receive(Body: string, more?: Parameters<typeof incomingText>[0], media?: Parameters<typeof incomingText>[1]): ReturnType<typeof contactRow>
  /** Posts a text and answers with its contact's id. */
  deliver(parameters: Record<string, string>, token?: string): Promise<string>
  run(...ids: string[]): Promise<void>
  settleDebts(id: string): Promise<void>
  /** What we sent to this test's person. */
  texts(): Outgoing[]
  owed(id: string): ReturnType<typeof owedRows>
  eventsOf(id: string): Promise<string[]>
  caseOf(id: string): Promise<{ state: string; department: string; joined_into: string | null } | undefined>
  close(): Promise<void>
}

/** The text channel's web routes, its pipeline and its way out, with Twilio's stand-in at the other end. */
export async function openTextBench(): Promise<TextBench> {
  const twilio = await openTwilio()
  const ground = await createTestGround('postgres', { PUBLIC_URL: publicUrl, ...twilio.environment })
  const door = await openHttpDoor(ground, sms)
  const pipeline = openPipeline(ground)
  const acknowledger = new Acknowledger(ground, [sms])
  let persons = 0
  const bench: TextBench = {
    ground, door, twilio, publicUrl, person: '',
    nextPerson() {
      persons += 1
      bench.person = `+1202555${String(persons).padStart(4, '0')}`
    },
    async receive(Body, more = {}, media = []) {
      const id = await bench.deliver(incomingText({ From: bench.person, Body, ...more }, media))
      await bench.run(id)
      await bench.settleDebts(id)
      return contactRow(ground, id)
    },
    async deliver(parameters, token) {
      const { response } = await door.post(signedWebhook(publicUrl, '/hooks/sms/twilio', parameters, token))
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('<Response/>')])
      return (await ground.db.selectFrom('contacts').select('id').orderBy('ordinal', 'desc').limit(1).executeTakeFirstOrThrow()).id
    },
    run: (...ids) => pipeline.run(ids),
    async settleDebts(id) {
      await ground.db.updateTable('outbound').set({ due_at: new Date(0) }).where('contact_id', '=', id).where('state', '=', 'waiting').execute()
      await acknowledger.acknowledge([id])
    },
    texts: () => twilio.sent.filter(({ to }) => to === bench.person),
    owed: (id) => owedRows(ground, id),
    eventsOf: async (id) => (await ground.db.selectFrom('events').select('kind').where('contact_id', '=', id).orderBy('id').execute()).map(({ kind }) => kind),
    caseOf: (id) => ground.db.selectFrom('cases').select(['state', 'department', 'joined_into']).where('contact_id', '=', id).executeTakeFirst(),
    async close() {
      await door.close()
      await pipeline.close()
      await ground.remove()
      await twilio.close()
    }
  }
  return bench
}

function owedRows({ db }: TestGround, id: string) {
  return db.selectFrom('outbound').selectAll().where('contact_id', '=', id).orderBy('kind').execute()
}
