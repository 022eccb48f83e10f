/**
 * Promise 3: order is custody by the database's clock. What a sender or provider claims about time
 * or urgency is evidence.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { email } from '../../channels/email/index.ts'
import { sha256 } from '../../platform/storage/blob-store.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { contactRow, emptyLine, settlerOf, take, writeRead } from '../helpers/contacts.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const plain = 'Date: Mon, 02 Mar 2026 08:00:00 +0000\r\n'
const claims: [name: string, headers: string][] = [
  ['a Date of long ago', 'Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n'],
  ['a Date to come', 'Date: Fri, 31 Dec 2999 23:59:59 +0000\r\n'],
  ['no Date', ''],
  ['a Date that is none', 'Date: yesterday\r\n'],
  ['X-Priority: 1', `${plain}X-Priority: 1 (Highest)\r\n`],
  [
    'Importance: high',
    `${plain}Importance: high\r\nPriority: urgent\r\nX-MSMail-Priority: High\r\n`
  ],
  [
    'a header that once meant something to another desk',
    `${plain}X-OTOBO-Priority: 5 very high\r\nX-Zammad-Ticket-Priority: 3 high\r\n`
  ],
  [
    'a Received line of long ago',
    `Received: from a by b; Thu, 01 Jan 1970 00:00:00 +0000\r\n${plain}`
  ],
  ['a subject that shouts', `${plain}Subject: URGENT!!! VIP!!!\r\n`]
]

async function arrive(headers: string, evidence: Record<string, unknown> = {}): Promise<string> {
  const bytes = Buffer.from(
    `From: jane@mail.example\r\nTo: parks@willowcreek.example\r\n${headers}\r\nthe swing is broken\r\n`
  )
  const raw = {
    channel: 'email',
    source: 'smtp',
    externalId: crypto.randomUUID(),
    bytes,
    mediaType: 'message/rfc822',
    recipients: ['parks@willowcreek.example'],
    evidence
  } as const
  const { contactId } = await runtime.acceptor.accept(raw)
  const [translation] = await email.translate({ ...raw, sha256: sha256(bytes) })
  await writeRead(runtime, contactId, { kind: translation!.kind, envelope: translation!.envelope })
  return contactId
}

async function order(count: number): Promise<string[]> {
  const taken: string[] = []
  while (taken.length < count) taken.push(await contactOf((await take(runtime))!.caseId))
  return taken
}

async function contactOf(caseId: string): Promise<string> {
  return (
    await runtime.db
      .selectFrom('cases')
      .select('contact_id')
      .where('id', '=', caseId)
      .executeTakeFirstOrThrow()
  ).contact_id
}

test.each(claims)('%s changes no place, before or after a plain mail', async (_, headers) => {
  await emptyLine(runtime)
  const ids = [
    await arrive(plain),
    await arrive(headers),
    await arrive(plain),
    await arrive(headers),
    await arrive(plain)
  ]
  await settlerOf(runtime).settle(ids.toReversed())
  expect(await order(5)).toEqual(ids)
})

test('all claims together, settled one by one in any order, are served as they came', async () => {
  await emptyLine(runtime)
  const ids: string[] = []
  for (const [, headers] of claims) ids.push(await arrive(headers))
  for (const id of ids.toSorted((a, b) =>
    sha256(Buffer.from(a)).localeCompare(sha256(Buffer.from(b)))
  ))
    await settlerOf(runtime).settle([id])
  expect(await order(ids.length)).toEqual(ids)
})

test('what a provider says about time is kept as evidence and changes no place', async () => {
  await emptyLine(runtime)
  const ids = [
    await arrive(plain, { providerTime: '2026-03-02T08:00:00Z' }),
    await arrive(plain, { providerTime: '1999-01-01T00:00:00Z' })
  ]
  await settlerOf(runtime).settle(ids)
  expect(await order(2)).toEqual(ids)
  expect((await contactRow(runtime, ids[1]!)).envelope!.evidence).toMatchObject({
    providerTime: '1999-01-01T00:00:00Z'
  })
})

test('what a sender says about time and urgency is kept as evidence', async () => {
  const id = await arrive(
    'Date: Thu, 01 Jan 1970 00:00:00 +0000\r\nX-Priority: 1\r\nImportance: high\r\n'
  )
  expect((await contactRow(runtime, id)).envelope!.evidence['headers']).toMatchObject({
    date: ['Thu, 01 Jan 1970 00:00:00 +0000'],
    'x-priority': ['1'],
    importance: ['high']
  })
})
