import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { linksOf } from '../../helpers/case-links.ts'
import { newReceipt, receiptsIn, receiptToken } from '../../../core/contacts/receipts.ts'
import { web } from '../../../channels/web/index.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { bringIn, contactRow, settlerOf, stand, take } from '../../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

async function settle(mail: Parameters<typeof bringIn>[1]): Promise<string> {
  const { contactId } = await bringIn(runtime, { text: randomUUID(), ...mail })
  await settlerOf(runtime).settle([contactId])
  return contactId
}

describe('a receipt in the place made for it', () => {
  test('joins its case, however it was typed, and reopens one that ended', async () => {
    const first = await stand(runtime)
    await take(runtime)
    await runtime.line.close(first.caseId, 'staff:ann', 'answered')
    const contact = await settle({
      channel: 'web',
      tokens: [receiptToken(first.receipt.toLowerCase().replaceAll('-', ' '))!]
    })
    expect(await contactRow(runtime, contact)).toMatchObject({
      outcome: 'follow-up',
      case_id: first.caseId
    })
    expect((await contactRow(runtime, contact)).trail[0]).toMatchObject({
      step: 'thread',
      verdict: 'joins',
      reason: 'it carries its receipt, in the place for it'
    })
    expect(
      await runtime.db
        .selectFrom('cases')
        .select('state')
        .where('id', '=', first.caseId)
        .executeTakeFirst()
    ).toEqual({ state: 'waiting' })
  })

  test('of nobody stands alone', async () => {
    expect(
      await contactRow(
        runtime,
        await settle({ tokens: [`receipt:${newReceipt()}`, 'receipt:nonsense'] })
      )
    ).toMatchObject({ outcome: 'case' })
    expect(receiptToken('T0EQNM-57AY9B-6T3C0T')).toBeUndefined()
  })

  test('is read from its field of a form, and stays in the text for people', async () => {
    const receipt = newReceipt()
    const body = new URLSearchParams({ message: 'Any news?', receipt: receipt.toLowerCase() })
    const form = {
      id: 'contact',
      fields: [
        { id: 'message', role: 'text', routing: false, label: 'Message' },
        { id: 'receipt', role: 'receipt', routing: false, label: 'Receipt of an earlier message' }
      ]
    }
    const [translation] = await web.translate({
      channel: 'web',
      source: 'contact',
      sha256: '',
      bytes: Buffer.from(body.toString()),
      mediaType: 'application/x-www-form-urlencoded',
      evidence: { form }
    })
    expect([translation!.tokens, translation!.envelope.text]).toEqual([
      [`receipt:${receipt}`],
      expect.stringContaining(receipt.toLowerCase())
    ])
  })
})

describe('a receipt in running text', () => {
  test.each([
    ['as printed', (code: string) => code],
    ['spaced by a scanner', (code: string) => code.replaceAll('-', ' - ')],
    ['in small letters', (code: string) => code.toLowerCase()],
    ['run together', (code: string) => code.replaceAll('-', '')]
  ])('%s is a suggestion and no more', async (_, written) => {
    const first = await stand(runtime)
    const contact = await settle({
      channel: 'fax',
      text: `Concerning my letter (receipt ${written(first.receipt)}): has anything been done about it yet?`
    })
    expect(await contactRow(runtime, contact)).toMatchObject({ outcome: 'case' })
    expect(await linksOf(runtime.db, contact)).toEqual([
      expect.objectContaining({
        state: 'suggested',
        earlierContactId: first.contactId,
        reason: 'its text names the receipt of that contact'
      })
    ])
  })

  test('at most five are looked up, of a long text the first part', () => {
    const codes = Array.from({ length: 8 }, newReceipt)
    expect(receiptsIn(codes.join('\n'))).toEqual(codes.slice(0, 5))
    expect(receiptsIn(`${'word '.repeat(10_000)}${codes[0]}`)).toEqual([])
    expect(receiptsIn(`x${codes[0]}x`)).toEqual([])
  })
})
