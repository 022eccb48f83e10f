import { expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Rig } from './rig.ts'
import { person, type Contract } from './types.ts'

/** One delivery is one contact: repeats, missing ids, ids used twice, forgeries. */
export function identityCases<D>(contract: Contract<D>, rig: () => Rig<D>): void {
  const { features } = contract

  test('an honest message is accepted, once, with its bytes as they came', async () => {
    const { answer, contacts } = await rig().deliver(await rig().door.honest(message()))
    expect(answer.verdict).toBe('accepted')
    expect(contacts).toMatchObject([{ channel: contract.channel.kind, state: 'accepted' }])
    expect(contacts[0]!.evidence).not.toHaveProperty('quarantine')
    const bytes = await rig().runtime.blobs.get(contacts[0]!.raw_sha256)
    expect(bytes).toHaveLength(Number(contacts[0]!.raw_bytes))
    if ('receipt' in answer && answer.receipt) expect(answer.receipt).toBe(contacts[0]!.receipt)
  })

  test('delivered again, one after the other and five at once, it is the same contact with the same answer', async () => {
    const delivery = await rig().door.honest(message())
    const first = await rig().deliver(delivery)
    const before = await count(rig())
    const again = [
      await rig().door.deliver(delivery),
      ...(await Promise.all(Array.from({ length: 5 }, () => rig().door.deliver(delivery))))
    ]
    expect(again).toEqual(again.map(() => first.answer))
    expect(await count(rig())).toBe(before)
  })

  test('delivered five times at once and never before, it is one contact', async () => {
    const delivery = await rig().door.honest(message())
    const before = await count(rig())
    const answers = await Promise.all(Array.from({ length: 5 }, () => rig().door.deliver(delivery)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]!.verdict).toBe('accepted')
    expect(await count(rig())).toBe(before + 1)
  })

  test('two messages are two contacts, the later one behind the earlier', async () => {
    const one = await rig().deliver(await rig().door.honest(message()))
    const two = await rig().deliver(await rig().door.honest(message()))
    expect(Number(two.contacts[0]!.ordinal)).toBeGreaterThan(Number(one.contacts[0]!.ordinal))
    expect(two.contacts[0]!.receipt).not.toBe(one.contacts[0]!.receipt)
  })

  if (features.ids === true) sameIdCases(contract, rig)
  if (features.idMayBeMissing === true) missingIdCases(rig)
  if (features.signatures === true) signatureCases(rig)
}

function sameIdCases<D>({ features }: Contract<D>, rig: () => Rig<D>): void {
  test(`the same id with other content is ${features.sameIdOtherBytes}`, async () => {
    const id = message().id
    const one = await rig().deliver(await rig().door.honest({ id, text: 'The first of two' }))
    const two = await rig().deliver(await rig().door.honest({ id, text: 'The second of two' }))
    expect([one.answer.verdict, two.answer.verdict]).toEqual(['accepted', 'accepted'])
    expect(two.contacts).toHaveLength(features.sameIdOtherBytes === 'first receipt' ? 0 : 1)
    if (features.sameIdOtherBytes === 'first receipt') expect(two.answer).toEqual(one.answer)
  })
}

function missingIdCases<D>(rig: () => Rig<D>): void {
  test('without its id it is known by its content: accepted, and a repeat is the same contact', async () => {
    const delivery = await rig().door.withoutId!(message())
    const first = await rig().deliver(delivery)
    const again = await rig().deliver(delivery)
    expect([first.answer.verdict, first.contacts.length]).toEqual(['accepted', 1])
    expect(again).toEqual({ answer: first.answer, contacts: [] })
  })
}

function signatureCases<D>(rig: () => Rig<D>): void {
  test('a wrong or missing signature is answered as accepted and kept for a person, never refused', async () => {
    const kinds = (await rig().door.forged!(message())).length
    expect(kinds).toBeGreaterThan(1)
    for (let kind = 0; kind < kinds; kind++) {
      // Each of a message of its own: without a trusted id the same bytes are the same contact.
      const { answer, contacts } = await rig().deliver((await rig().door.forged!(message()))[kind]!)
      expect(answer.verdict).toBe('accepted')
      expect(contacts).toMatchObject([{ evidence: { quarantine: expect.stringMatching(/\.$/) } }])
      const [settled] = await rig().settle(contacts)
      expect(settled).toMatchObject({ state: 'quarantined', case_id: null })
    }
  })

  test('nothing is sent on the word of a forged message', async () => {
    const [forgery] = await rig().door.forged!(message())
    const { contacts } = await rig().deliver(forgery!)
    await rig().settle(contacts)
    expect(
      await rig()
        .runtime.db.selectFrom('outbound')
        .selectAll()
        .where('contact_id', '=', contacts[0]!.id)
        .execute()
    ).toEqual([])
  })

  test('a forged message with the id of a real one does not take its place, whichever comes first', async () => {
    const same = message()
    for (const forgery of await rig().door.forged!(same)) await rig().deliver(forgery)
    const real = await rig().deliver(await rig().door.honest(same))
    expect(real.contacts).toHaveLength(1)
    expect(real.contacts[0]!.evidence).not.toHaveProperty('quarantine')
  })
}

/** A message of its own: two tests never share an id or a text. */
export function message(text = `The swing in the park is broken, says ${person.name}`): {
  id: string
  text: string
} {
  const id = randomUUID()
  return { id, text: `${text} (${id})` }
}

async function count<D>({ runtime }: Rig<D>): Promise<number> {
  const { n } = await runtime.db
    .selectFrom('contacts')
    .select(({ fn }) => fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(n)
}
