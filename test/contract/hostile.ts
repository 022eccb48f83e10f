import { expect, test } from '@jest/globals'
import { envelopeSchema } from '../../core/envelope.ts'
import { storableText } from '../../platform/text/storable.ts'
import type { Rig, ContactRow } from './rig.ts'
import { message } from './identity.ts'
import { expectPure } from './pure.ts'
import { garbage, strangeTexts } from './samples.ts'
import type { Contract } from './types.ts'

/**
 * Nothing a stranger sends breaks a door or is lost behind it; `translate` is a pure function with
 * a sound answer.
 */
export function hostileCases<D>(contract: Contract<D>, rig: () => Rig<D>): void {
  const { channel, features } = contract

  test(`an empty delivery is ${features.empty}`, async () => {
    const { answer, contacts } = await rig().deliver(await rig().door.empty())
    expect([answer.verdict, contacts.length]).toEqual(
      features.empty === 'accepted' ? ['accepted', 1] : ['refused', 0]
    )
    await expectStated(rig(), contacts)
  })

  test('at its bound a delivery is accepted', async () => {
    const { answer, contacts } = await rig().deliver(await rig().door.sized(0))
    expect([answer.verdict, contacts.length]).toEqual(['accepted', 1])
  })

  test(`one byte over it is ${features.overCap}`, async () => {
    const { answer, contacts } = await rig().deliver(await rig().door.sized(1))
    expect([answer.verdict, contacts.length]).toEqual(
      features.overCap === 'accepted' ? ['accepted', 1] : ['refused', 0]
    )
    await expectStated(rig(), contacts)
  })

  test('whatever the bytes: each delivery is answered and each contact ends in a stated outcome', async () => {
    const kept: ContactRow[] = []
    for (const [name, bytes] of Object.entries(garbage)) {
      const { answer, contacts } = await rig().deliver(await rig().door.holding(bytes))
      expect([name, answer.verdict]).toEqual([
        name,
        contacts.length > 0 || answer.verdict === 'accepted' ? 'accepted' : 'refused'
      ])
      kept.push(...contacts)
    }
    await expectStated(rig(), kept)
    for (const contact of kept) await expectPure(channel, await rig().stored(contact))
  })

  if (features.words === true) wordCases(contract, rig)

  test('an honest message becomes a sound envelope, the same however often it is made', async () => {
    const { contacts } = await rig().deliver(await rig().door.honest(message()))
    // Brought as far as it goes first: then what the provider keeps for it is here too.
    await rig().settle(contacts)
    const raw = await rig().stored(contacts[0]!)
    const translations = await expectPure(channel, raw)
    expect(translations).toMatchObject([{ kind: 'message', reason: expect.stringMatching(/\S/) }])
    const { ordinal, arrived_at: arrivedAt } = contacts[0]!
    envelopeSchema.parse({
      ...translations![0]!.envelope,
      version: 1,
      arrivedAt: arrivedAt.toISOString(),
      ordinal: Number(ordinal)
    })
  })
}

function wordCases<D>({ channel }: Contract<D>, rig: () => Rig<D>): void {
  test('strange text comes through as it was written', async () => {
    const sent = []
    for (const [name, text] of Object.entries(strangeTexts)) {
      const { answer, contacts } = await rig().deliver(await rig().door.honest(message(text)))
      expect([name, answer.verdict, contacts.length]).toEqual([name, 'accepted', 1])
      sent.push({ name, text, contact: contacts[0]! })
    }
    const settled = await rig().settle(sent.map(({ contact }) => contact))
    for (const [index, { name, text, contact }] of sent.entries()) {
      expect([name, bare(settled[index]!.envelope?.text ?? '')]).toEqual([
        name,
        expect.stringContaining(bare(storableText(text)))
      ])
      await expectPure(channel, await rig().stored(contact))
    }
  })
}

/**
 * Without spaces and control characters: mail folds lines, forms normalise them, none of it is what
 * was said.
 */
function bare(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, '')
}

async function expectStated<D>(rig: Rig<D>, contacts: readonly ContactRow[]): Promise<void> {
  if (contacts.length === 0) return
  const settled = await rig.settle(contacts)
  const open = settled.filter(
    ({ state, outcome }) => !(state === 'settled' || state === 'quarantined') || outcome === null
  )
  expect(open.map(({ id, state }) => ({ id, state }))).toEqual([])
}
