/** Which channels' contacts the workers ask the network about, and what becomes of the answers. */
import { expect, test } from '@jest/globals'
import { channels } from '../../channels/index.ts'
import type { AnyChannel } from '../../core/intake/channel.ts'
import { startWorkers } from '../../workers/index.ts'
import { contactRow } from '../helpers/contacts.ts'
import { mailWith } from '../helpers/mail.ts'
import { createTestRuntime } from '../helpers/runtime.ts'
import { until } from '../helpers/until.ts'

const asked: string[] = []
const closed: string[] = []

/** Two channels ask, each only about its own. */
function asking(channel: AnyChannel): AnyChannel {
  if (channel.kind !== 'email' && channel.kind !== 'fax') return channel
  const checks = {
    async check(raw: { readonly channel: string }) {
      asked.push(`${channel.kind} about ${raw.channel}`)
      return { checkedBy: channel.kind }
    },
    async close() {
      closed.push(channel.kind)
    }
  }
  return { ...channel, senderChecks: () => checks }
}

test('a contact is asked about by its own channel alone, and what asks is closed at the stop', async () => {
  const runtime = await createTestRuntime()
  const workers = startWorkers(runtime, {
    channels: channels.map(asking),
    translateThread: new URL('../../channels/translate-thread.ts', import.meta.url),
    readers: 1
  })
  const evidenceOf = async (kind: string, name: string, bytes: Uint8Array) => {
    const { fromFile } = channels.find((one) => one.kind === kind)!
    const { contactId } = await runtime.acceptor.accept(fromFile(name, bytes, runtime.agency()))
    runtime.queues.enqueue('read', [contactId])
    return until(async () => (await contactRow(runtime, contactId)).envelope?.evidence)
  }
  try {
    const mail = await mailWith('The lamp is out', [])
    expect(await evidenceOf('email', 'a.eml', mail)).toMatchObject({ checkedBy: 'email' })
    const call = Buffer.from(JSON.stringify({ text: 'The lamp is out' }))
    expect(await evidenceOf('api', 'a.json', call)).not.toHaveProperty('checkedBy')
    expect(asked).toEqual(['email about email'])
    expect(closed).toEqual([])
  } finally {
    await workers.stop()
    await runtime.remove()
  }
  expect(closed.sort()).toEqual(['email', 'fax'])
})
