import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { apiCaller, call, lastEvent, type ApiCaller } from '../../helpers/api.ts'
import { emptyLine, lineOf, stand, standMany } from '../../helpers/contacts.ts'
import { openSite, type Site } from '../../helpers/site.ts'

let site: Site
let parks: ApiCaller
let reader: ApiCaller
beforeAll(async () => {
  site = await openSite()
  parks = await apiCaller(site, ['line:serve:parks'])
  reader = await apiCaller(site, ['line:read:*'])
})
afterEach(() => emptyLine(site.runtime))
afterAll(() => site.close())

const take = (body: object = {}, key = parks) => key.post('/v1/lines/parks/take', body)

describe('a line', () => {
  test('is shown to keys that may see it: how many wait, and who, earliest arrival first', async () => {
    const cases = await standMany(site.runtime, 3)
    const { json } = await reader.get('/v1/lines')
    expect(json.lines).toHaveLength(8)
    expect((await parks.get('/v1/lines')).json.lines).toEqual([
      {
        department: 'parks',
        name: expect.objectContaining({ en: 'Parks and Recreation' }),
        waiting: 3
      }
    ])
    const line = await reader.get('/v1/lines/parks?limit=2')
    expect([
      line.json.waiting,
      line.json.cases.map(({ caseId }: { caseId: string }) => caseId),
      line.json.held
    ]).toEqual([3, cases.slice(0, 2), []])
    expect(Object.keys(line.json.cases[0]).toSorted()).toEqual([
      'arrivedAt',
      'caseId',
      'channel',
      'ordinal',
      'receipt',
      'state'
    ])
  })

  test('gives the earliest arrival, and to two who ask at once the two earliest', async () => {
    const cases = await standMany(site.runtime, 4)
    const first = await take()
    expect(first.json).toMatchObject({ caseId: cases[0], department: 'parks' })
    const both = await Promise.all([take(), take()])
    expect(both.map(({ json }) => json.caseId).toSorted()).toEqual([cases[1], cases[2]].toSorted())
    expect(await lastEvent(site.runtime, cases[0]!)).toEqual({
      kind: 'case.taken',
      actor: parks.actor,
      data: {}
    })
    const { json } = await parks.get('/v1/lines/parks')
    expect(json.held.map(({ caseId }: { caseId: string }) => caseId)).toEqual(cases.slice(0, 3))
  })

  test('gives no other than the next: there is nothing to ask for one by', async () => {
    const cases = await standMany(site.runtime, 2)
    for (const body of [{ caseId: cases[1] }, { receipt: 'x' }, { ordinal: 2 }, { skip: 1 }])
      expect((await take(body)).status).toBe(422)
    expect((await parks.post(`/v1/lines/parks/take?caseId=${cases[1]}`)).json.caseId).toBe(cases[0])
  })

  test('in which nobody waits answers with nothing', async () => {
    const { status, bytes } = await take()
    expect([status, bytes.length]).toEqual([204, 0])
  })

  test('in which nobody waits is waited at, and the next arrival is given as it comes', async () => {
    const waiting = take({ waitSeconds: 30 })
    const { caseId } = await stand(site.runtime)
    expect((await waiting).json.caseId).toBe(caseId)
  })

  test('loses no case to a system that hangs up while it waits', async () => {
    const gone = new AbortController()
    const asked = fetch(`${site.url}/v1/lines/parks/take`, {
      method: 'POST',
      body: '{"waitSeconds":30}',
      signal: gone.signal,
      headers: { authorization: `Bearer ${parks.secret}`, 'content-type': 'application/json' }
    }).catch(() => 'hung up')
    await call(site.url, '/v1/receipts/x')
    gone.abort()
    expect(await asked).toBe('hung up')
    const { caseId } = await stand(site.runtime)
    expect(
      (await take({ waitSeconds: 30 }, await apiCaller(site, ['line:serve:parks']))).json.caseId
    ).toBe(caseId)
  })

  test('gives for no longer than the department allows', async () => {
    await standMany(site.runtime, 3)
    const hours = async (body: object) => {
      const { json } = await take(body)
      const {
        rows: [row]
      } = await sql<{
        hours: number
      }>`select extract(epoch from lease_until - taken_at)::float8 / 3600 as hours from cases
          where id = ${json.caseId}`.execute(site.runtime.db)
      return Math.round(row!.hours * 1000) / 1000
    }
    expect([
      await hours({}),
      await hours({ leaseSeconds: 3600 }),
      await hours({ leaseSeconds: 366 * 86_400 })
    ]).toEqual([72, 1, 72])
    for (const leaseSeconds of [0, 1.5, -1, 366 * 86_400 + 1])
      expect((await take({ leaseSeconds })).status).toBe(422)
  })

  test.each([[{ waitSeconds: 31 }], [{ waitSeconds: -1 }]])(
    'is not asked with %j',
    async (body) => {
      expect((await take(body)).status).toBe(422)
    }
  )

  test.each(['limit=0', 'limit=1001', 'limit=x', 'after=1'])(
    'is not shown with ?%s',
    async (query) => {
      expect((await reader.get(`/v1/lines/parks?${query}`)).json).toMatchObject({
        status: 422,
        errors: [{ parameter: expect.any(String) }]
      })
    }
  )

  test("of no department is not there, and one of another department is not this key's", async () => {
    expect((await reader.get('/v1/lines/nowhere')).json.code).toBe('DEPARTMENT_UNKNOWN')
    expect((await parks.get('/v1/lines/water')).json).toMatchObject({
      code: 'KEY_SCOPE',
      detail: 'it needs line:read:water'
    })
    expect((await take({}, reader)).json.code).toBe('KEY_SCOPE')
  })
})

test('a key holds three cases of a department at a time; the next take is refused until one is finished', async () => {
  const key = await apiCaller(site, ['line:serve:parks'])
  await standMany(site.runtime, 4)
  const ids = []
  for (let n = 0; n < 3; n += 1) ids.push((await take({}, key)).json.caseId)
  expect((await take({ waitSeconds: 1 }, key)).json).toMatchObject({
    status: 409,
    code: 'CASES_HELD'
  })
  await key.post(`/v1/cases/${ids[0]}/close`, {})
  expect((await take({}, key)).status).toBe(200)
  await emptyLine(site.runtime)
})

describe('a case that a key holds', () => {
  const held = async () => {
    await standMany(site.runtime, 2)
    return (await take()).json.caseId as string
  }
  const act = (id: string, verb: string, body: object = {}, key = parks) =>
    key.post(`/v1/cases/${id}/${verb}`, body)

  test.each(['\u200B', ' \u2060\u00AD', '\u3164'])(
    'is not changed for a reason that nobody can see (%j)',
    async (blank) => {
      await stand(site.runtime)
      const {
        json: { caseId }
      } = await take()
      for (const [verb, body] of Object.entries({
        return: { reason: blank },
        pass: { reason: blank },
        'hand-off': { to: blank, reason: 'x' },
        close: { outcome: blank }
      })) {
        expect((await act(caseId, verb, body)).json).toMatchObject({
          status: 422,
          code: 'REQUEST_INVALID'
        })
      }
      expect((await act(caseId, 'return', { reason: 'x' })).status).toBe(200)
    }
  )

  test('is given back to its place', async () => {
    const id = await held()
    expect((await act(id, 'return')).json.errors).toMatchObject([{ pointer: '#/reason' }])
    expect((await act(id, 'return', { reason: 'out of hours' })).json).toEqual({
      caseId: id,
      receipt: expect.any(String),
      department: 'parks',
      state: 'waiting',
      place: 1
    })
    expect((await lineOf(site.runtime))[0]).toBe(id)
  })

  test("is passed over by this key's next take, with its reason", async () => {
    const id = await held()
    expect((await act(id, 'pass')).json.errors).toMatchObject([{ pointer: '#/reason' }])
    expect((await act(id, 'pass', { reason: 'needs a ranger' })).json).toMatchObject({
      state: 'waiting',
      place: 1
    })
    expect((await take()).json.caseId).not.toBe(id)
    expect((await take({}, await apiCaller(site, ['line:serve:parks']))).json.caseId).toBe(id)
  })

  test("is transferred to the place its arrival earned there, and is this key's no more", async () => {
    const id = await held()
    const { caseId: later } = await stand(site.runtime, { to: ['water@willowcreek.example'] })
    expect((await act(id, 'transfer', { department: 'nowhere' })).json.code).toBe(
      'DEPARTMENT_UNKNOWN'
    )
    expect(
      (await act(id, 'transfer', { department: 'water', reason: 'a pipe' })).json
    ).toMatchObject({ department: 'water', state: 'waiting', place: 1 })
    expect(await lineOf(site.runtime, 'water')).toEqual([id, later])
    expect((await parks.get(`/v1/cases/${id}`)).status).toBe(404)
    await emptyLine(site.runtime, 'water')
  })

  test('is handed off, closed and reopened', async () => {
    const id = await held()
    expect(
      (await act(id, 'hand-off', { to: 'County sheriff', reason: 'a crime' })).json
    ).toMatchObject({ state: 'handed-off', outcome: 'County sheriff' })
    expect((await act(id, 'reopen', { reason: 'they sent it back' })).json).toMatchObject({
      state: 'waiting',
      place: 1
    })
    expect((await take()).json.caseId).toBe(id)
    expect((await act(id, 'close', { outcome: 'repaired', note: 'new chain' })).json).toMatchObject(
      { state: 'closed', outcome: 'repaired' }
    )
    expect(await lastEvent(site.runtime, id)).toEqual({
      kind: 'case.closed',
      actor: parks.actor,
      data: { outcome: 'repaired', note: 'new chain' }
    })
    expect((await act(id, 'close')).json.code).toBe('CASE_NOT_TAKEN')
  })

  test('is closed once by a request sent twice with one Idempotency-Key', async () => {
    const id = await held()
    const key = { 'idempotency-key': `close ${id}`.replaceAll(' ', '-') }
    const first = await parks.post(`/v1/cases/${id}/close`, { outcome: 'repaired' }, key)
    const again = await parks.post(`/v1/cases/${id}/close`, { outcome: 'repaired' }, key)
    expect([
      first.status,
      again.status,
      again.json,
      again.headers.get('idempotency-replayed')
    ]).toEqual([200, 200, first.json, 'true'])
  })

  test('is taken once by a request sent twice with one Idempotency-Key', async () => {
    await standMany(site.runtime, 2)
    const ask = () => parks.post('/v1/lines/parks/take', {}, { 'idempotency-key': 'take-1' })
    const first = await ask()
    expect((await ask()).json).toEqual(first.json)
    expect(await lineOf(site.runtime)).toHaveLength(1)
  })

  test("is nobody else's: another key of the department cannot end it, one of another department does not see it", async () => {
    const id = await held()
    const [same, other] = await Promise.all([
      apiCaller(site, ['line:serve:parks']),
      apiCaller(site, ['line:serve:water'])
    ])
    expect((await act(id, 'close', {}, same)).json.code).toBe('CASE_NOT_TAKEN')
    expect((await act(id, 'close', {}, other)).json.code).toBe('CASE_UNKNOWN')
    expect((await act(id, 'close', {}, reader)).json.code).toBe('CASE_UNKNOWN')
    expect((await reader.get(`/v1/cases/${id}`)).json.code).toBe('CASE_UNKNOWN')
    expect((await same.get(`/v1/cases/${id}`)).json).toMatchObject({
      state: 'taken',
      heldByYou: false
    })
    expect((await parks.get(`/v1/cases/${id}`)).json).toMatchObject({
      state: 'taken',
      heldByYou: true,
      contacts: [{ role: 'first', envelope: expect.any(Object) }],
      events: [{ kind: 'case.entered' }, { kind: 'case.taken' }]
    })
  })

  test('is known by its id only', async () => {
    expect((await parks.get('/v1/cases/1')).status).toBe(422)
    expect((await parks.get('/v1/cases/01a213e3-6b4c-73f3-a93a-0709802d88aa')).json.code).toBe(
      'CASE_UNKNOWN'
    )
  })
})

test('what a key may have in a minute is told with each answer, and one more is refused', async () => {
  const slow = await apiCaller(site, ['line:read:parks'], 3)
  const answers = []
  for (let n = 0; n < 4; n++) answers.push(await slow.get('/v1/lines'))
  // The minute may turn in between; the bound holds within it.
  const statuses = answers.map(({ status }) => status)
  expect(answers[0]!.headers.get('ratelimit-policy')).toBe('"key";q=3;w=60')
  expect(answers[0]!.headers.get('ratelimit')).toMatch(/^"key";r=2;t=\d+$/)
  const more = statuses.includes(429)
    ? answers.find(({ status }) => status === 429)!
    : await slow.get('/v1/lines').then(() => slow.get('/v1/lines'))
  expect([more.json.code, more.headers.get('retry-after')]).toEqual(['KEY_BUSY', '60'])
})

test('the audit finds nothing in all of this', async () => {
  expect(await verifyAudit(site.runtime.db)).toMatchObject({ ok: true, overtakes: 0 })
})
