/**
 * Promise 3: code that routes or orders cannot see who the person is. The types say so to the
 * compiler (`npm run typecheck` fails when they stop), and a property over whole mails, from their
 * bytes to the line, says so of the behaviour.
 */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { email } from '../../channels/email/index.ts'
import { sha256 } from '../../platform/storage/blob-store.ts'
import type { Line, TakeRequest } from '../../core/line/line.ts'
import type { LineCase } from '../../core/line/view.ts'
import type { RoutingInput } from '../../core/routing/input.ts'
import type { Router } from '../../core/routing/rules.ts'
import type { KnownToSettle } from '../../core/settle/decide.ts'
import type { ReadyContact } from '../../core/settle/lookups.ts'
import type { Match, CaseStanding } from '../../core/settle/duplicate-lookup.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { settlerOf, writeRead } from '../helpers/contacts.ts'

type Identity =
  | 'sender'
  | 'from'
  | 'name'
  | 'email'
  | 'emails'
  | 'phone'
  | 'phones'
  | 'address'
  | 'addresses'
  | 'constituent'
  | 'constituentId'
  | 'person'
  | 'party'
  | 'organisation'
  | 'organization'
  | 'evidence'
  | 'envelope'
  | 'mailFrom'
  | 'remoteAddress'
  | 'replyTo'
  | 'priority'
  | 'vip'
  | 'tier'
  | 'value'
  | 'importance'
  | 'weight'
  | 'score'

/** Keys of a type and of everything in it, a few levels down. */
type KeysOf<T, Depth extends unknown[] = []> = Depth['length'] extends 4
  ? never
  : T extends string | number | boolean | bigint | symbol | null | undefined | Date
    ? never
    : T extends (...given: infer Given) => unknown
      ? KeysOf<Given[number], [...Depth, 0]>
      : T extends readonly (infer Item)[]
        ? KeysOf<Item, [...Depth, 0]>
        : T extends object
          ? string extends keyof T
            ? never
            : keyof T | { [Key in keyof T]: KeysOf<T[Key], [...Depth, 0]> }[keyof T]
          : never

type Sees<T> = Extract<KeysOf<T>, Identity>
/** Compiles only where nothing is seen; else the error names what is. */
type Blind<T> = [Sees<T>] extends [never] ? true : Sees<T>

const blind: [
  Blind<RoutingInput>,
  Blind<Parameters<Router['decide']>>,
  Blind<TakeRequest>,
  Blind<LineCase>,
  Blind<ReadyContact>,
  Blind<Match>,
  Blind<CaseStanding>,
  Blind<KnownToSettle[keyof KnownToSettle]>,
  ...{ [Verb in keyof Line]: Blind<Parameters<Line[Verb]>> }[keyof Line][]
] = [true, true, true, true, true, true, true, true]

// The measure itself measures: each of these would be seen.
const seen: [
  Sees<{ sender: string }>,
  Sees<{ deep: { in: readonly { phones: string }[] } }>,
  Sees<(one: { priority: number }) => void>
] = ['sender', 'phones', 'priority']

test('what routing and the line are given has no place for who the person is', () => {
  expect([blind.every(Boolean), seen]).toEqual([true, ['sender', 'phones', 'priority']])
})

const mailArbitrary = fc.record({
  to: fc.constantFrom('parks', 'water', 'hello', 'somebody'),
  subject: fc.constantFrom('A question', 'Pothole', 'Parque infantil', ''),
  text: fc.constantFrom(
    'the swing is broken',
    'no water pressure',
    'my landlord wants me out',
    'the moon is too bright'
  )
})
const senderArbitrary = fc.record({
  from: fc.constantFrom(
    '"The Mayor" <mayor@town.example>',
    'Jane Roe <jane@mail.example>',
    '<nobody@mail.example>',
    '"Acme Inc., VIP customer" <ceo@acme.example>',
    '王小明 <wang@mail.example>',
    ''
  ),
  remoteAddress: fc.constantFrom('203.0.113.5', '2001:db8::1'),
  mailFrom: fc.constantFrom('mayor@town.example', 'x@mail.example', 'bounce+1@list.example')
})
type Mail = { to: string; subject: string; text: string }
type Sender = { from: string; remoteAddress: string; mailFrom: string }

/**
 * Takes mails in by the real translation and settling; answers each department's line as numbers of
 * mails.
 */
async function lines(
  runtime: TestRuntime,
  mails: Mail[],
  senders: Sender[]
): Promise<Record<string, number[]>> {
  const ids: string[] = []
  for (const [index, mail] of mails.entries()) {
    const { from, ...evidence } = senders[index]!
    const bytes = Buffer.from(
      `${from ? `From: ${from}\r\n` : ''}To: ${mail.to}@willowcreek.example\r\nSubject: ${mail.subject}\r\nMessage-ID: <${index}@x>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${mail.text}\r\n`
    )
    const raw = {
      channel: 'email',
      source: 'smtp',
      externalId: `${Math.random()}`,
      bytes,
      mediaType: 'message/rfc822',
      recipients: [`${mail.to}@willowcreek.example`],
      evidence
    } as const
    const { contactId } = await runtime.acceptor.accept(raw)
    const [translation] = await email.translate({ ...raw, sha256: sha256(bytes) })
    expect(translation!.kind).toBe('message')
    await writeRead(runtime, contactId, translation!)
    ids.push(contactId)
  }
  await settlerOf(runtime).settle(ids)
  const cases = await runtime.db
    .selectFrom('cases')
    .select(['contact_id', 'department'])
    .where('contact_id', 'in', ids)
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .execute()
  const found: Record<string, number[]> = {}
  for (const one of cases) (found[one.department] ??= []).push(ids.indexOf(one.contact_id))
  return found
}

describe('whoever sends them,', () => {
  test('the same mails go to the same departments in the same order', async () => {
    const runtime = await createTestRuntime()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(mailArbitrary, senderArbitrary, senderArbitrary), {
          minLength: 1,
          maxLength: 8
        }),
        async (rows) => {
          const mails = rows.map(([mail]) => mail)
          const first = await lines(
            runtime,
            mails,
            rows.map(([, sender]) => sender)
          )
          expect(
            await lines(
              runtime,
              mails,
              rows.map(([, , other]) => other)
            )
          ).toEqual(first)
          expect(
            Object.values(first)
              .flat()
              .toSorted((a, b) => a - b)
          ).toEqual(mails.map((_, index) => index))
        }
      ),
      { numRuns: 25 }
    )
    await runtime.remove()
  })
})
