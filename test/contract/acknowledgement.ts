import { expect, test } from '@jest/globals'
import type { Acknowledgement } from '../../core/intake/channel.ts'
import type { Rig } from './rig.ts'
import { message } from './identity.ts'
import { person, type Contract } from './types.ts'

const acknowledgement: Acknowledgement = {
  receipt: 'ABCDEF-GHJKMN-PQRSTV',
  arrivedAt: new Date('2026-11-25T09:00:00Z'),
  departmentName: 'Parks',
  statusUrl: 'http://town.example/r/ABCDEF-GHJKMN-PQRSTV',
  language: 'en',
  replyTo: 'reply+token@town.example',
  messageId: '<r.token@town.example>'
}

/** What the sender is told: the receipt, or why not, and nothing of what they wrote. */
export function acknowledgementCases<D>({ channel }: Contract<D>, rig: () => Rig<D>): void {
  test('the acknowledgement carries the receipt and nothing of what the resident wrote; or a sentence says why there is none', async () => {
    const { runtime, door } = rig()
    const sent = message('My hidden words are ocelot and marzipan')
    const { contacts } = await rig().deliver(await door.honest(sent))
    const [translation] = await channel.translate(await rig().stored(contacts[0]!))
    const { sender, evidence } = translation!.envelope
    const answer = channel.acknowledge?.(
      acknowledgement,
      { sender, evidence },
      runtime.agency()
    ) ?? { undeliverable: 'This channel has no way back.' }
    const said =
      'undeliverable' in answer
        ? answer.undeliverable
        : [answer.subject, answer.text, ...Object.values(answer.headers)].join('\n')
    if ('undeliverable' in answer) expect(said).toMatch(/\S+ \S+ \S+/)
    else expect(said).toContain(acknowledgement.receipt)
    expect(
      ['ocelot', 'marzipan', sent.text, person.name, person.phone, person.street].filter((word) =>
        said.includes(word)
      )
    ).toEqual([])
  })
}
