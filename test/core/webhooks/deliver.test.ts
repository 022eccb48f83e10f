import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import Ajv from 'ajv'
import { sql } from 'kysely'
import { publicUrl } from '../../../config/settings.ts'
import { tellDepartment } from '../../../core/webhooks/deliver.ts'
import { cloudEventSchema } from '../../../core/webhooks/event.ts'
import {
  dismiss,
  listFailures,
  listWebhooks,
  sendAgain,
  startLine
} from '../../../core/webhooks/failures.ts'
import { webhookSecret } from '../../../core/webhooks/send.ts'
import { findDue, openLine } from '../../../core/webhooks/store.ts'
import { emptyLine, stand, standMany, take } from '../../helpers/contacts.ts'
import { corpusTest, readCorpus } from '../../helpers/corpora.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { openReceiver, verify, withWebhooks, type Receiver } from '../../helpers/receiver.ts'

let plain: TestRuntime
let runtime: TestRuntime
let receiver: Receiver
beforeAll(async () => {
  plain = await createTestRuntime()
})
afterAll(() => plain.remove())
beforeEach(async () => {
  receiver = await openReceiver()
  runtime = withWebhooks(plain, { parks: { url: receiver.url }, water: { url: receiver.url } })
  await sql`truncate webhook_lines, webhook_failures`.execute(plain.db)
  await openLine(plain.db, 'parks')
  await openLine(plain.db, 'water')
})
afterEach(async () => {
  await receiver.close()
  for (const department of ['parks', 'water']) await emptyLine(plain, department)
})

const kinds = (which = receiver.taken) =>
  which.flatMap(({ events }) =>
    events.map(({ type }) => type.replace(/^org\.evenhand\.(.*)\.v1$/, '$1'))
  )
const now = (department = 'parks') =>
  sql`update webhook_lines set due_at = now() where department = ${department}`.execute(plain.db)
const line = (department = 'parks') =>
  plain.db
    .selectFrom('webhook_lines')
    .selectAll()
    .where('department', '=', department)
    .executeTakeFirstOrThrow()

describe("a department's own system", () => {
  test('is told what happens in its line, in its order, one thing at a time', async () => {
    const { caseId, receipt } = await stand(plain)
    await take(plain)
    await plain.line.giveBack(caseId, 'staff:ann', 'lunch')
    await take(plain)
    await plain.line.pass(caseId, 'staff:ann', 'needs a ranger')
    await take(plain)
    await plain.line.close(caseId, 'staff:ann', 'repaired')
    await plain.line.reopen(caseId, 'staff:ann', 'it broke again')
    expect(await tellDepartment(runtime, 'parks')).toBe(8)
    expect(kinds()).toEqual([
      'case.entered',
      'case.taken',
      'case.returned',
      'case.taken',
      'case.passed',
      'case.taken',
      'case.closed',
      'case.reopened'
    ])
    expect(receiver.mostAtOnce()).toBe(1)
    const events = receiver.taken.flatMap((delivery) => delivery.events)
    expect(events.map(({ sequence }) => String(sequence))).toEqual(
      events.map(({ sequence }) => String(sequence)).toSorted()
    )
    expect(new Set(events.map(({ source, id }) => `${source} ${id}`)).size).toBe(8)
    for (const event of events)
      expect(event).toMatchObject({
        subject: caseId,
        source: `${publicUrl(plain.settings)}/v1/lines/parks`,
        data: { caseId, receipt, department: 'parks', place: 1, channel: 'email' }
      })
    expect(await tellDepartment(runtime, 'parks')).toBe(0)
  })

  test('hears nothing of what happened before it had a webhook', async () => {
    await sql`truncate webhook_lines`.execute(plain.db)
    await stand(plain)
    expect(await tellDepartment(runtime, 'parks')).toBe(0)
    await stand(plain)
    expect([await tellDepartment(runtime, 'parks'), kinds()]).toEqual([1, ['case.entered']])
  })

  test('hears of a case that leaves for another line, as that one hears of it coming', async () => {
    const { caseId } = await stand(plain)
    await take(plain)
    await plain.line.transfer(caseId, 'staff:ann', 'water', 'a pipe')
    await tellDepartment(runtime, 'parks')
    await tellDepartment(runtime, 'water')
    const told = receiver.taken.flatMap(({ events }) =>
      events.map(({ type, source, data }) => [
        type,
        new URL(source).pathname,
        data!.department,
        data!.from
      ])
    )
    expect(told).toEqual([
      ['org.evenhand.case.entered.v1', '/v1/lines/parks', 'parks', undefined],
      ['org.evenhand.case.taken.v1', '/v1/lines/parks', 'parks', undefined],
      ['org.evenhand.case.transferred.v1', '/v1/lines/parks', 'water', 'parks'],
      ['org.evenhand.case.transferred.v1', '/v1/lines/water', 'water', 'parks']
    ])
  })

  test('is told no name, address or word that anybody wrote, unless it is to be', async () => {
    const secret = 'My name is Zebulon Quixwood'
    const { caseId } = await stand(plain, {
      text: secret,
      from: 'zebulon@quixwood.example',
      subject: 'Ocelot'
    })
    await take(plain)
    await plain.line.close(caseId, 'staff:ann', 'told Zebulon', { note: 'Quixwood again' })
    await tellDepartment(runtime, 'parks')
    expect(receiver.taken.map(({ body }) => body).join()).not.toMatch(/zebulon|quixwood|ocelot/i)
    await sql`update webhook_lines set turn = turn - 3`.execute(plain.db)
    await tellDepartment(
      withWebhooks(plain, { parks: { url: receiver.url, include: ['reasons', 'envelope'] } }),
      'parks'
    )
    const [entered, , closed] = receiver.taken.slice(3).map(({ events }) => events[0]!.data!)
    expect([entered!.envelope?.text, closed!.words]).toEqual([
      secret,
      { outcome: 'told Zebulon', note: 'Quixwood again' }
    ])
  })
})

describe('a delivery', () => {
  test('is signed so that the Standard Webhooks library finds it right, and wrong when a byte is changed', async () => {
    await stand(plain)
    await tellDepartment(runtime, 'parks')
    const secret = webhookSecret(plain, 'parks', 1)
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/)
    const [delivery] = receiver.taken
    verify(delivery!, secret)
    expect(() => verify({ ...delivery!, body: `${delivery!.body} ` }, secret)).toThrow(
      'No matching signature'
    )
    expect(() => verify(delivery!, webhookSecret(plain, 'water', 1))).toThrow(
      'No matching signature'
    )
  })

  test('is signed with the secret before as well while it is changed over', async () => {
    await stand(plain)
    await tellDepartment(
      withWebhooks(plain, { parks: { url: receiver.url, secretVersion: 3 } }),
      'parks'
    )
    for (const version of [2, 3]) verify(receiver.taken[0]!, webhookSecret(plain, 'parks', version))
    expect(() => verify(receiver.taken[0]!, webhookSecret(plain, 'parks', 1))).toThrow(
      'No matching signature'
    )
  })

  async function tellTwo(): Promise<object[]> {
    await standMany(plain, 2)
    await tellDepartment(runtime, 'parks')
    await tellDepartment(
      withWebhooks(plain, { parks: { url: receiver.url, maxInFlight: 5 } }),
      'parks'
    )
    return receiver.taken.flatMap(({ body }) => [JSON.parse(body) as object].flat())
  }

  test('is a CloudEvent 1.0 by our own schema and by the SDK', async () => {
    for (const body of await tellTwo()) cloudEventSchema.parse(body)
    for (const { events } of receiver.taken)
      for (const event of events) expect(event.validate()).toBe(true)
  })

  corpusTest(
    ['cloudevents/cloudevents.schema.json'],
    "is a CloudEvent 1.0 by the specification's JSON Schema",
    async () => {
      const validate = new Ajv.default({ strict: false, validateFormats: false }).compile(
        JSON.parse(readCorpus('cloudevents/cloudevents.schema.json')) as object
      )
      const bodies = await tellTwo()
      expect(bodies.filter((body) => !validate(body))).toEqual([])
      return bodies.length
    }
  )

  test('of several events is a batch, in their order, never of more than it may be', async () => {
    const cases = await standMany(plain, 7)
    await tellDepartment(
      withWebhooks(plain, { parks: { url: receiver.url, maxInFlight: 3 } }),
      'parks'
    )
    expect(receiver.taken.map(({ events }) => events.length)).toEqual([3, 3, 1])
    expect(receiver.taken.flatMap(({ events }) => events.map(({ subject }) => subject))).toEqual(
      cases
    )
    expect(receiver.taken.map(({ headers }) => headers['content-type'])).toEqual([
      'application/cloudevents-batch+json; charset=utf-8',
      'application/cloudevents-batch+json; charset=utf-8',
      'application/cloudevents+json; charset=utf-8'
    ])
    verify(receiver.taken[0]!, webhookSecret(plain, 'parks', 1))
  })
})

describe('a receiver that cannot take it', () => {
  test.each([500, 503, 429, 404, 401, 301, 408])(
    '(%d) is asked again later, and nothing passes what waits',
    async (status) => {
      await standMany(plain, 2)
      receiver.answer = () => status
      expect(await tellDepartment(runtime, 'parks')).toBe(0)
      expect([receiver.asked.length, await findDue(plain.db, ['parks'])]).toEqual([1, []])
      expect(await line()).toMatchObject({ state: 'running', attempts: 1, claim: null })
      receiver.answer = () => 204
      await now()
      expect(await findDue(plain.db, ['parks'])).toEqual(['parks'])
      expect(await tellDepartment(runtime, 'parks')).toBe(2)
      expect(receiver.asked[1]!.headers['webhook-id']).toBe(
        receiver.asked[0]!.headers['webhook-id']
      )
      expect(await line()).toMatchObject({ attempts: 0, failing_since: null })
    }
  )

  test('is waited for longer each time, up to an hour', async () => {
    await stand(plain)
    receiver.answer = () => 500
    const waits: number[] = []
    for (let n = 0; n < 13; n++) {
      await now()
      await tellDepartment(runtime, 'parks')
      const {
        rows: [row]
      } = await sql<{
        wait: number
      }>`select extract(epoch from due_at - clock_timestamp())::float8 as wait from webhook_lines
          where department = 'parks'`.execute(plain.db)
      waits.push(row!.wait)
    }
    for (const [n, wait] of waits.entries()) {
      const full = Math.min(5 * 2 ** n, 3_600)
      expect({ n, within: wait <= full && wait > full * 0.7 - 1 }).toEqual({ n, within: true })
    }
  })

  test.each([
    ['seconds', () => '7200', 7_200],
    ['a date', () => new Date(Date.now() + 7_200_000).toUTCString(), 7_200],
    ['longer than a day', () => '999999999', 86_400]
  ])(
    'and asks for patience (Retry-After: %s) is left alone for so long',
    async (_name, header, seconds) => {
      await stand(plain)
      receiver.answer = () => ({ status: 503, headers: { 'retry-after': header() } })
      await tellDepartment(runtime, 'parks')
      const {
        rows: [row]
      } = await sql<{
        wait: number
      }>`select extract(epoch from due_at - clock_timestamp())::float8 as wait from webhook_lines
          where department = 'parks'`.execute(plain.db)
      expect(Math.abs(row!.wait - seconds)).toBeLessThan(60)
    }
  )

  test('that says it is gone (410) is told no more, until a person starts it again', async () => {
    await standMany(plain, 2)
    receiver.answer = () => 410
    await tellDepartment(runtime, 'parks')
    await now()
    expect([
      await tellDepartment(runtime, 'parks'),
      await findDue(plain.db, ['parks']),
      receiver.asked.length
    ]).toEqual([0, [], 1])
    expect(await listWebhooks(runtime)).toMatchObject([
      {
        department: 'parks',
        state: 'stopped',
        reason: 'the receiver says that it is gone (410)',
        behind: 2
      },
      { department: 'water', state: 'running' }
    ])
    receiver.answer = () => 204
    await startLine(runtime, 'parks', 'staff:ann')
    expect([await tellDepartment(runtime, 'parks'), kinds()]).toEqual([
      2,
      ['case.entered', 'case.entered']
    ])
    const said = await plain.db
      .selectFrom('events')
      .select(['kind', 'actor'])
      .where('kind', 'in', ['webhook.stopped', 'webhook.started'])
      .orderBy('id', 'desc')
      .limit(2)
      .execute()
    expect(said).toEqual([
      { kind: 'webhook.started', actor: 'staff:ann' },
      { kind: 'webhook.stopped', actor: 'system:webhooks' }
    ])
  })

  test('for days is given up until a person starts it again', async () => {
    await stand(plain)
    receiver.answer = () => 500
    await tellDepartment(runtime, 'parks')
    await sql`update webhook_lines set failing_since = now() - interval '5 days',
        due_at = now()`.execute(plain.db)
    await tellDepartment(runtime, 'parks')
    expect(await line()).toMatchObject({ state: 'stopped', reason: 'it answered 500, for days' })
  })

  test('because nobody listens is asked again; one that talks without end is taken at its first word', async () => {
    await stand(plain)
    await receiver.close()
    await tellDepartment(runtime, 'parks')
    expect(await line()).toMatchObject({ attempts: 1 })
    receiver = await openReceiver(Number(new URL(receiver.url).port))
    receiver.answer = () => ({ status: 200, body: 'x'.repeat(10 * 1024 * 1024) })
    await now()
    expect(await tellDepartment(runtime, 'parks')).toBe(1)
  })
})

describe('an event that the receiver says is wrong', () => {
  const refuseOne = async () => {
    const [bad, ...others] = await standMany(plain, 3)
    receiver.answer = ({ events }) => (events[0]!.subject === bad ? 400 : 204)
    for (let n = 0; n < 5; n++) {
      await now()
      await tellDepartment(runtime, 'parks')
    }
    const {
      failures: [failure]
    } = await listFailures(plain.db)
    return { bad, others, failure: failure! }
  }

  test('is left to a person after five tries, and the others go on', async () => {
    const { bad, others, failure } = await refuseOne()
    expect(receiver.asked.filter(({ events }) => events[0]!.subject === bad)).toHaveLength(5)
    expect(receiver.taken.map(({ events }) => events[0]!.subject)).toEqual(others)
    expect(failure).toMatchObject({
      department: 'parks',
      caseId: bad,
      kind: 'case.entered',
      reason: 'it answered 400',
      attempts: 5
    })
  })

  test('is sent again by a person, and stays when it is refused again', async () => {
    const { bad, failure } = await refuseOne()
    await expect(sendAgain(runtime, failure.id, 'staff:ann')).rejects.toMatchObject({
      code: 'WEBHOOK_REFUSED',
      detail: 'it answered 400'
    })
    expect((await listFailures(plain.db)).total).toBe(1)
    receiver.answer = () => 204
    await sendAgain(runtime, failure.id, 'staff:ann')
    expect([
      receiver.taken.at(-1)!.events[0]!.subject,
      (await listFailures(plain.db)).total
    ]).toEqual([bad, 0])
    await expect(sendAgain(runtime, failure.id, 'staff:ann')).rejects.toMatchObject({
      code: 'WEBHOOK_UNKNOWN'
    })
  })

  test('is dismissed by a person', async () => {
    const { failure } = await refuseOne()
    await dismiss(plain.db, failure.id, 'staff:ann')
    expect(await listFailures(plain.db)).toEqual({ total: 0, failures: [] })
    await expect(dismiss(plain.db, 'none', 'staff:ann')).rejects.toMatchObject({
      code: 'WEBHOOK_UNKNOWN'
    })
  })

  test('in a batch holds up only itself', async () => {
    const cases = await standMany(plain, 4)
    const batches = withWebhooks(plain, { parks: { url: receiver.url, maxInFlight: 4 } })
    receiver.answer = ({ events }) =>
      events.some(({ subject }) => subject === cases[1]) ? 422 : 204
    for (let n = 0; n < 6; n++) {
      await now()
      await tellDepartment(batches, 'parks')
    }
    expect(receiver.taken.flatMap(({ events }) => events.map(({ subject }) => subject))).toEqual([
      cases[0],
      cases[2],
      cases[3]
    ])
    expect((await listFailures(plain.db)).failures.map(({ caseId }) => caseId)).toEqual([cases[1]])
  })
})
