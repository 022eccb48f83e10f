import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { EvenhandError } from '../../core/errors.ts'
import { quarantine } from '../../core/quarantine.ts'
import { newReceipt } from '../../core/receipts.ts'
import { viewStatus } from '../../core/status.ts'
import { createTestGround, type TestGround } from '../helpers/ground.ts'
import { bringIn, emptyLine, stand, take, tokenFor } from '../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterAll(() => ground.remove())

const status = (receipt: string) => viewStatus(ground.db, ground.agency(), receipt)

describe('a receipt shows', () => {
  test('that the contact was received', async () => {
    const { receipt, arrivedAt } = await bringIn(ground)
    expect(await status(receipt)).toEqual({ state: 'received', departmentName: expect.objectContaining({ en: 'General Intake' }), arrivedAt, updatedAt: expect.any(Date) })
  })

  test('that a person looks at it', async () => {
    const { receipt, contactId } = await bringIn(ground)
    await quarantine(ground.db, contactId, 'read', new EvenhandError('READ_TIMEOUT'))
    expect(await status(receipt)).toMatchObject({ state: 'in-review' })
  })

  test('department and place while it waits, then that it is being served, returned, answered, reopened, handed off', async () => {
    await emptyLine(ground)
    await stand(ground)
    const { receipt, caseId } = await stand(ground)
    expect(await status(receipt)).toMatchObject({ state: 'waiting', place: 2, departmentName: { en: 'Parks and Recreation', es: 'Parques y recreación' } })
    await take(ground)
    expect(await status(receipt)).toMatchObject({ state: 'waiting', place: 1 })
    await take(ground)
    expect(await status(receipt)).not.toHaveProperty('place')
    expect(await status(receipt)).toMatchObject({ state: 'being-served' })
    await ground.line.close(caseId, 'staff:ann', 'answered')
    expect(await status(receipt)).toMatchObject({ state: 'answered' })
    await ground.line.reopen(caseId, 'staff:ann', 'again')
    expect(await status(receipt)).toMatchObject({ state: 'waiting', place: 1 })
    await take(ground)
    await ground.line.handOff(caseId, 'staff:ann', 'county', 'theirs')
    expect(await status(receipt)).toMatchObject({ state: 'handed-off' })
  })

  test('the new department after a transfer', async () => {
    await emptyLine(ground)
    const { receipt, caseId } = await stand(ground)
    await take(ground)
    await ground.line.transfer(caseId, 'staff:ann', 'water', '')
    expect(await status(receipt)).toMatchObject({ state: 'waiting', departmentName: { en: 'Water and Sewer' } })
  })

  test('the case it joined, for a follow-up', async () => {
    await emptyLine(ground)
    const { receipt } = await stand(ground)
    const reply = await stand(ground, { tokens: [tokenFor(ground, receipt)] })
    expect(await status(reply.receipt)).toMatchObject({ state: 'waiting', place: 1 })
  })

  test('nothing of what was said or who said it', async () => {
    const { receipt } = await stand(ground, { from: 'jane@mail.example', subject: 'my neighbour', text: 'John Doe drinks' })
    expect(JSON.stringify(await status(receipt))).not.toMatch(/jane|neighbour|John/)
  })
})

test.each([newReceipt(), '', 'nonsense', 'A'.repeat(100_000), '\u0000', "' or 1=1 --"])('an unknown and a malformed receipt have the same answer (%#)', async (receipt) => {
  expect(await status(receipt)).toBeUndefined()
})

test('a receipt may be typed as a person reads it', async () => {
  const { receipt } = await bringIn(ground)
  expect(await status(` ${receipt.toLowerCase().replaceAll('-', ' ')} `)).toBeDefined()
})
