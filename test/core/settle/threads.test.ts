import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createTestGround, type TestGround } from '../../helpers/ground.ts'
import { bringIn, casesOf, contactRow, emptyLine, lineOf, settlerOf, stand, take, tokenFor, town, type Stood } from '../../helpers/contacts.ts'

let ground: TestGround
beforeAll(async () => { ground = await createTestGround() })
afterAll(() => ground.remove())

const stateOf = async (caseId: string) => (await ground.db.selectFrom('cases').select('state').where('id', '=', caseId).executeTakeFirstOrThrow()).state

async function closed(): Promise<Stood> {
  await emptyLine(ground)
  const stood = await stand(ground)
  await take(ground)
  await ground.line.close(stood.caseId, 'staff:ann', 'answered')
  return stood
}

test('a reply with our signed token joins its case, wherever it was sent', async () => {
  const { receipt, caseId } = await stand(ground)
  const reply = await stand(ground, { to: town('water'), tokens: ['not-ours', tokenFor(ground, receipt)] })
  expect(await contactRow(ground, reply.contactId)).toMatchObject({ outcome: 'follow-up', case_id: caseId })
  expect(await casesOf(ground, reply.contactId)).toEqual([])
  expect(await ground.db.selectFrom('case_contacts').select(['contact_id', 'role']).where('case_id', '=', caseId).orderBy('linked_at').execute()).toMatchObject([{ role: 'first' }, { role: 'follow-up', contact_id: reply.contactId }])
  expect(await stateOf(caseId)).toBe('waiting')
})

test('a follow-up to a case that is being served leaves it with its holder', async () => {
  await emptyLine(ground)
  const { receipt, caseId } = await stand(ground)
  await take(ground)
  await stand(ground, { tokens: [tokenFor(ground, receipt)] })
  expect(await stateOf(caseId)).toBe('taken')
})

test('a follow-up to a follow-up joins the same case', async () => {
  const { receipt, caseId } = await stand(ground)
  const second = await stand(ground, { tokens: [tokenFor(ground, receipt)] })
  const third = await stand(ground, { tokens: [tokenFor(ground, second.receipt)] })
  expect(third.caseId).toBe(caseId)
})

test('a follow-up to a closed case reopens it at its original place', async () => {
  const { receipt, caseId } = await closed()
  const later = await stand(ground)
  const heard: unknown[] = []
  const reply = await bringIn(ground, { tokens: [tokenFor(ground, receipt)] })
  await settlerOf(ground, { onSettled: (entered) => heard.push(...entered) }).settle([reply.contactId])
  expect(await lineOf(ground)).toEqual([caseId, later.caseId])
  expect(heard).toEqual([{ caseId, department: 'parks' }])
  expect((await take(ground))?.caseId).toBe(caseId)
})

test('two follow-ups in one set reopen it once', async () => {
  const { receipt, caseId } = await closed()
  const replies = [await bringIn(ground, { tokens: [tokenFor(ground, receipt)] }), await bringIn(ground, { tokens: [tokenFor(ground, receipt)] })]
  await settlerOf(ground).settle(replies.map(({ contactId }) => contactId))
  const events = await ground.db.selectFrom('events').select('kind').where('case_id', '=', caseId).where('kind', '=', 'case.reopened').execute()
  expect(events).toHaveLength(1)
})

test('follow-ups that are settled at the same time do not get in each other\'s way', async () => {
  const failures: unknown[] = []
  const log = { ...ground.log, warn: (...what: unknown[]) => failures.push(what), error: (...what: unknown[]) => failures.push(what) } as unknown as typeof ground.log
  for (let round = 0; round < 4; round += 1) {
    const { receipt } = await closed()
    const replies = await Promise.all(Array.from({ length: 8 }, () => bringIn(ground, { tokens: [tokenFor(ground, receipt)] })))
    await Promise.all(replies.map(({ contactId }) => settlerOf(ground, { log }).settle([contactId])))
  }
  expect(failures).toEqual([])
})

describe('a token that we did not sign', () => {
  test.each([
    ['a receipt without a signature', (receipt: string) => receipt],
    ['a receipt with a made-up signature', (receipt: string) => `${receipt.replaceAll('-', '').toLowerCase()}.aaaaaaaaaaaaaaaa`],
    ['another receipt\'s signature', (receipt: string, other: string) => `${receipt.replaceAll('-', '').toLowerCase()}.${other.split('.')[1]}`],
    ['a signature of other letters than ours', (receipt: string) => `${receipt.replaceAll('-', '').toLowerCase()}.${'é'.repeat(16)}`],
    ['nothing', () => ''],
    ['a very long text', () => `${'a'.repeat(100_000)}.${'b'.repeat(100_000)}`]
  ])('leads nowhere: %s', async (_, forge) => {
    const { receipt } = await stand(ground)
    const other = tokenFor(ground, (await stand(ground)).receipt)
    const forged = await stand(ground, { tokens: [forge(receipt, other)] })
    const row = await contactRow(ground, forged.contactId)
    expect(row).toMatchObject({ state: 'settled', outcome: 'case' })
    expect(row.trail[0]).toMatchObject({ step: 'thread', verdict: 'stands alone', reason: 'it carries a token that we did not sign or that leads to no case' })
  })
})

describe('what a machine sent', () => {
  test('an automatic answer with our token is attached and reopens nothing', async () => {
    const { receipt, caseId } = await closed()
    const answer = await stand(ground, { kind: 'auto-reply', tokens: [tokenFor(ground, receipt)] })
    expect(await contactRow(ground, answer.contactId)).toMatchObject({ outcome: 'auto-reply', case_id: caseId })
    expect(await stateOf(caseId)).toBe('closed')
    expect(await ground.db.selectFrom('outbound').select('id').where('contact_id', '=', answer.contactId).execute()).toEqual([])
  })

  test('one without a token is set aside, opens no case and is still there', async () => {
    const answer = await stand(ground, { kind: 'auto-reply' })
    expect(await contactRow(ground, answer.contactId)).toMatchObject({ state: 'settled', outcome: 'auto-reply', case_id: null })
    expect(await ground.db.selectFrom('events').select('kind').where('contact_id', '=', answer.contactId).orderBy('id').execute()).toEqual([{ kind: 'contact.accepted' }, { kind: 'contact.set-aside' }])
  })

  test('a bounce of our acknowledgement says that the resident has not heard from us', async () => {
    const { contactId, receipt, caseId } = await closed()
    await ground.db.updateTable('outbound').set({ state: 'sent' }).where('contact_id', '=', contactId).execute()
    const bounce = await stand(ground, { kind: 'bounce', tokens: [tokenFor(ground, receipt)] })
    expect(await contactRow(ground, bounce.contactId)).toMatchObject({ outcome: 'bounce', case_id: caseId })
    expect(await ground.db.selectFrom('outbound').select(['state', 'reason']).where('contact_id', '=', contactId).execute()).toEqual([{ state: 'undeliverable', reason: 'it bounced' }])
    expect(await stateOf(caseId)).toBe('closed')
  })
})
