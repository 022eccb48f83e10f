import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { apiCaller, type ApiCaller } from '../../helpers/api.ts'
import { emptyLine, lineOf, stand, standMany, tokenFor, town } from '../../helpers/contacts.ts'
import { ask } from '../../helpers/replies.ts'
import { openSite, type Site } from '../../helpers/site.ts'

let site: Site
let parks: ApiCaller
beforeAll(async () => {
  site = await openSite()
  parks = await apiCaller(site, ['line:serve:parks'])
})
afterEach(() => emptyLine(site.runtime))
afterAll(() => site.close())

const act = (id: string, verb: string, body: object, key = parks) =>
  key.post(`/v1/cases/${id}/${verb}`, body)
const take = async () => (await parks.post('/v1/lines/parks/take')).json.caseId as string

/** A day so many days from now. */
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

describe('a case that waits for its resident', () => {
  test('stands in no line until the day, and comes back to its place', async () => {
    const [first, second] = await standMany(site.runtime, 2)
    expect(await take()).toBe(first)
    const until = day(7)
    const wait = { until, reason: 'which swing?' }
    expect((await act(first!, 'pause', wait)).json.code).toBe('NOTHING_ASKED')
    await ask(site.runtime, first!)
    expect((await act(first!, 'pause', wait)).json).toEqual({
      caseId: first,
      receipt: expect.any(String),
      department: 'parks',
      state: 'waiting-for-resident'
    })
    expect(await lineOf(site.runtime)).toEqual([second])
    expect((await parks.get(`/v1/cases/${first}`)).json.remindAt).toMatch(/^\d{4}-/)
    const other = await apiCaller(site, ['line:serve:parks'])
    expect((await act(first!, 'resume', { reason: 'they called' }, other)).json).toMatchObject({
      state: 'waiting',
      place: 1
    })
    expect((await act(first!, 'resume', { reason: 'again' })).json.code).toBe('CASE_NOT_PAUSED')
  })

  test.each([
    ['yesterday', () => day(-1), 'REMINDER_NEEDED'],
    ['in two years', () => day(740), 'REMINDER_NEEDED'],
    ['on no day', () => '2026-02-30', 'REQUEST_INVALID'],
    ['some time', () => 'soon', 'REQUEST_INVALID']
  ])('does not come back %s', async (_, until, code) => {
    await standMany(site.runtime, 1)
    const id = await take()
    expect((await act(id, 'pause', { until: until(), reason: 'x' })).json.code).toBe(code)
    expect((await act(id, 'pause', { until: day(7) })).json.errors).toMatchObject([
      { pointer: '#/reason' }
    ])
  })
})

describe('two matters in one contact', () => {
  test('are split into two cases with the same arrival, joined again and taken apart', async () => {
    const [first, later] = await standMany(site.runtime, 2)
    expect(await take()).toBe(first)
    const { json: part } = await act(first!, 'split', { about: 'the bench, too' })
    expect(part).toMatchObject({ department: 'parks', state: 'waiting', place: 1 })
    expect(part.caseId).not.toBe(first)
    expect(await lineOf(site.runtime)).toEqual([part.caseId, later])
    const joined = await act(first!, 'join', { receipt: part.receipt, reason: 'one bench' })
    expect(joined.json).toMatchObject({ caseId: first, state: 'taken' })
    expect((await parks.get(`/v1/cases/${first}`)).json.parts).toEqual([
      { caseId: part.caseId, about: 'the bench, too' }
    ])
    const apart = await act(first!, 'apart', { joined: part.caseId, reason: 'two after all' })
    expect(apart.json).toMatchObject({ caseId: first, state: 'taken' })
    expect(await lineOf(site.runtime)).toEqual([part.caseId, later])
  })

  test('may stand in the line of another department, and of one that there is', async () => {
    const [first] = await standMany(site.runtime, 1)
    expect(await take()).toBe(first)
    const split = (department: string) => act(first!, 'split', { about: 'a lamp, too', department })
    expect((await split('moon')).json.code).toBe('DEPARTMENT_UNKNOWN')
    const { json: part } = await split('streets')
    expect(part).toMatchObject({ department: 'streets', state: 'waiting', place: 1 })
    expect(await lineOf(site.runtime, 'streets')).toEqual([part.caseId])
    await emptyLine(site.runtime, 'streets')
  })

  test('may be in a message that came later, which then has a case at its own place', async () => {
    const one = await stand(site.runtime)
    const tokens = [tokenFor(site.runtime, one.receipt)]
    const later = await stand(site.runtime, { tokens })
    await take()
    const { json: part } = await act(one.caseId, 'split', {
      about: 'the bench, too',
      contactId: later.contactId
    })
    expect(part).toMatchObject({ receipt: later.receipt, state: 'waiting' })
    const other = await stand(site.runtime)
    const refused = await act(one.caseId, 'split', { about: 'x', contactId: other.contactId })
    expect(refused.json.code).toBe('CONTACT_NOT_HERE')
  })

  test('are not split by who does not hold the case', async () => {
    await standMany(site.runtime, 1)
    const other = await apiCaller(site, ['line:serve:parks'])
    expect((await act(await take(), 'split', { about: 'x' }, other)).json.code).toBe(
      'CASE_NOT_TAKEN'
    )
  })
})

describe('one matter in two cases', () => {
  test('is joined into the earlier by a receipt, and taken apart by it', async () => {
    const early = await stand(site.runtime, { text: 'The swing is broken' })
    const late = await stand(site.runtime, { text: 'The swing at the gate hangs down' })
    const joined = await act(late.caseId, 'join', { receipt: early.receipt, reason: 'one swing' })
    expect(joined.json).toMatchObject({ caseId: early.caseId, state: 'waiting', place: 1 })
    expect(await lineOf(site.runtime)).toEqual([early.caseId])
    const nothing = await act(early.caseId, 'apart', { joined: early.receipt, reason: 'x' })
    expect(nothing.json.code).toBe('CONTACT_NOT_DUPLICATE')
    await act(early.caseId, 'apart', { joined: late.receipt, reason: 'two swings' })
    expect(await lineOf(site.runtime)).toEqual([early.caseId, late.caseId])
  })

  test('of another department is not known to a key that does not serve it', async () => {
    const own = await stand(site.runtime)
    const water = await stand(site.runtime, { to: town('water') })
    const body = { receipt: water.receipt, reason: 'x' }
    expect((await act(own.caseId, 'join', body)).json.code).toBe('CASE_UNKNOWN')
    const both = await apiCaller(site, ['line:serve:parks', 'line:serve:water'])
    expect((await act(own.caseId, 'join', body, both)).json.code).toBe('CASE_ELSEWHERE')
    for (const [verb, asked] of Object.entries({
      join: body,
      split: { about: 'x' },
      apart: { joined: water.receipt, reason: 'x' },
      resume: { reason: 'x' },
      pause: { until: day(7), reason: 'x' }
    }))
      expect((await act(water.caseId, verb, asked)).json.code).toBe('CASE_UNKNOWN')
    await emptyLine(site.runtime, 'water')
  })
})

test('the audit finds nothing in all of this', async () => {
  expect(await verifyAudit(site.runtime.db)).toMatchObject({ ok: true, overtakes: 0 })
})
