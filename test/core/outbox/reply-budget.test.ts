import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { replyRates } from '../../../platform/limits/rates.ts'
import { spend, type Reply } from '../../../core/outbox/reply-budget.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())
beforeEach(async () => {
  await sql`delete from reply_budget`.execute(runtime.db)
})

const letter = { subject: 'Pothole', text: 'There is a pothole in Main Street.' }
const many = (count: number, reply: (n: number) => Partial<Reply> & { to: string }): Reply[] =>
  Array.from({ length: count }, (_, n) => ({ ...letter, ...reply(n) }))

/** How many of them may go, handed in in sets of a size. */
async function sent(replies: Reply[], size = 20): Promise<number> {
  let count = 0
  for (let from = 0; from < replies.length; from += size) {
    const reasons = await spend(
      runtime.db,
      runtime.secret('reply-budget'),
      replies.slice(from, from + size)
    )
    count += reasons.filter((reason) => reason === undefined).length
    for (const reason of reasons)
      if (reason !== undefined) expect(reason).toMatch(/had its replies for today$/)
  }
  return count
}

describe('two systems that answer each other come to an end after a few, however the addresses vary', () => {
  const answer = (n: number) => ({
    subject: `We have received your message [ref ${7000 + n}]`,
    text: `Thank you for contacting Partner Services. Reference ${n}.`
  })
  test.each([
    ['after the +', (n: number) => ({ to: `crm+${7000 + n}@partner.example`, ...answer(n) })],
    [
      'after the +, with another text each',
      (n: number) => ({
        to: `crm+${7000 + n}@partner.example`,
        subject: 'Hello',
        text: `${'word '.repeat(n)}end`
      })
    ],
    [
      'after the +, in letters',
      (n: number) => ({
        to: `it+${'abcdefghijklmnopqrstuvwxyzabcd'[n]}${'xy'[n % 2]}@partner.example`
      })
    ],
    ['in a number', (n: number) => ({ to: `case-${70_000 + n}@partner.example` })],
    [
      'in words, from mailboxes of machines',
      (n: number) => ({ to: `ticket-${'qwertzuiopasdfghjklyxcvbnmqwer'[n]}@partner.example` })
    ],
    [
      'in any way, with the words of an automatic answer',
      (n: number) => ({
        to: `x${'qwertzuiopasdfghjklyxcvbnmqwer'[n]}${n % 7}@partner.example`,
        ...answer(n)
      })
    ],
    [
      'in any way, with such words in Spanish',
      (n: number) => ({
        to: `x${n}y@partner.example`,
        subject: 'Respuesta automática',
        text: `Hemos recibido su mensaje ${n}.`
      })
    ],
    ['not at all', () => ({ to: 'CRM@partner.example', ...answer(0) })]
  ])('%s', async (_, reply) => {
    for (const size of [1, 20, 30]) {
      await sql`delete from reply_budget`.execute(runtime.db)
      const count = await sent(many(30, reply), size)
      expect(count).toBeGreaterThan(0)
      expect(count).toBeLessThanOrEqual(replyRates.perFamily)
    }
  })
})

describe('people get theirs', () => {
  test.each([
    [
      'a campaign of 200 with one text from one provider',
      200,
      (n: number) => ({
        to: `maria.${'abcdefghij'[n % 10]}${'abcdefghijklmnopqrst'[Math.floor(n / 10)]}@mail.example`
      })
    ],
    [
      'people of one name and their years of birth, with one text',
      60,
      (n: number) => ({ to: `maria${1940 + n}@mail.example` })
    ],
    [
      'the mailboxes of one organisation, each with words of its own',
      30,
      (n: number) => ({ to: `info@branch${n}.example`, text: `From branch ${'x'.repeat(n)}` })
    ],
    ['telephone numbers', 50, (n: number) => ({ to: `+1202555${String(1000 + n)}` })],
    [
      'one person in a busy day',
      replyRates.perAddress,
      (n: number) => ({ to: 'jane@mail.example', text: `Matter ${'y'.repeat(n)}` })
    ]
  ])('%s', async (_, count, reply) => {
    expect(await sent(many(count, reply))).toBe(count)
  })

  test.each([
    ['in capitals', (n: number) => (n % 2 ? 'jane@mail.example' : 'Jane@Mail.example')],
    [
      'as forwarders rewrite it (SRS)',
      (n: number) => `SRS0=h${n}=d${n % 9}=mail.example=jane@forward${n}.example`
    ],
    [
      'as forwarders of forwarders do',
      (n: number) => `SRS1=k${n}=one.example==h${n}=d${n % 9}=mail.example=jane@last${n}.example`
    ],
    ['signed anew each day (BATV)', (n: number) => `prvs=${n}abc=jane@mail.example`]
  ])(
    "and one more than a day's worth is one too many for one address, written %s",
    async (_, address) => {
      const replies = many(replyRates.perAddress + 5, (n) => ({
        to: address(n),
        text: 'z'.repeat(n)
      }))
      expect(await sent(replies)).toBe(replyRates.perAddress)
    }
  )
})

test('nothing that can be read is kept', async () => {
  await sent(many(3, () => ({ to: 'crm+1@partner.example' })))
  expect(
    JSON.stringify(await runtime.db.selectFrom('reply_budget').selectAll().execute())
  ).not.toMatch(/crm|partner|pothole/i)
})
