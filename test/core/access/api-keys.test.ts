import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import {
  addKey,
  bearerOf,
  disableKey,
  findKey,
  grants,
  isScope,
  listKeys,
  requireKey,
  rotateKey
} from '../../../core/access/api-keys.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const add = (scopes: string[] = ['contacts:write'], name = 'Chat') =>
  addKey(runtime.db, { name, scopes }, 'staff:ann')

describe('a key', () => {
  test('is found by its secret, and by nothing else', async () => {
    const { id, secret } = await add()
    expect(secret).toMatch(/^evh_[\w-]{43}$/)
    expect(await findKey(runtime.db, secret)).toMatchObject({
      id,
      name: 'Chat',
      scopes: ['contacts:write'],
      perMinute: 600,
      actor: `key:${id}`
    })
    for (const wrong of [
      undefined,
      '',
      id,
      secret.slice(0, -1),
      `${secret}x`,
      secret.toUpperCase(),
      `evh_${'A'.repeat(43)}`
    ])
      expect(await findKey(runtime.db, wrong)).toBeUndefined()
  })

  test('leaves nothing in the database that would open anything', async () => {
    const { secret } = await add()
    const { rows } = await sql<{
      text: string
    }>`select k::text || s::text as text from api_keys k join api_key_secrets s on s.key_id = k.id
        union all select e::text from events e`.execute(runtime.db)
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.filter(({ text }) => text.includes(secret.slice(4)))).toEqual([])
  })

  test('that was given a new secret works with both for a while, then with the new one only', async () => {
    const { id, secret } = await add()
    const next = await rotateKey(runtime.db, id, 'staff:ann', 1)
    expect([
      (await findKey(runtime.db, secret))?.id,
      (await findKey(runtime.db, next))?.id
    ]).toEqual([id, id])
    await sql`update api_key_secrets set expires_at = now() - interval '1 second'
        where key_id = ${id} and expires_at is not null`.execute(runtime.db)
    expect([await findKey(runtime.db, secret), (await findKey(runtime.db, next))?.id]).toEqual([
      undefined,
      id
    ])
  })

  test('changed over with no overlap ends its old secret at once; a second change does not prolong the first', async () => {
    const { id, secret } = await add()
    const next = await rotateKey(runtime.db, id, 'staff:ann', 0)
    const last = await rotateKey(runtime.db, id, 'staff:ann', 24)
    expect(
      await Promise.all(
        [secret, next, last].map(async (one) => (await findKey(runtime.db, one)) !== undefined)
      )
    ).toEqual([false, true, true])
  })

  test('that was disabled opens nothing any more, and cannot be given a new secret', async () => {
    const { id, secret } = await add()
    await disableKey(runtime.db, id, 'staff:ann')
    expect(await findKey(runtime.db, secret)).toBeUndefined()
    await expect(rotateKey(runtime.db, id, 'staff:ann')).rejects.toMatchObject({
      code: 'KEY_UNKNOWN'
    })
    await expect(disableKey(runtime.db, 'no id', 'staff:ann')).rejects.toMatchObject({
      code: 'KEY_UNKNOWN'
    })
  })

  test('remembers when it was last used', async () => {
    const { id, secret } = await add(['line:read:parks'], 'Wall board')
    const mine = async () => (await listKeys(runtime.db)).find((key) => key.id === id)!
    expect((await mine()).secrets[0]!.lastUsedAt).toBeUndefined()
    await findKey(runtime.db, secret)
    expect((await mine()).secrets[0]!.lastUsedAt).toBeInstanceOf(Date)
  })

  test('is told of in the ledger by its id, never by its name', async () => {
    const { id } = await add(['line:serve:parks'], 'The system of Jane Doe')
    await rotateKey(runtime.db, id, 'cli:root', 2)
    await disableKey(runtime.db, id, 'staff:ann')
    const events = await runtime.db
      .selectFrom('events')
      .select(['kind', 'actor', 'data'])
      .where(sql`data ->> 'key'`, '=', id)
      .orderBy('id')
      .execute()
    expect(events).toEqual([
      {
        kind: 'key.added',
        actor: 'staff:ann',
        data: {
          key: id,
          scopes: ['line:serve:parks'],
          perMinute: 600,
          mark: expect.stringMatching(/^[0-9a-f]{32}$/)
        }
      },
      { kind: 'key.rotated', actor: 'cli:root', data: { key: id, overlapHours: 2 } },
      { kind: 'key.disabled', actor: 'staff:ann', data: { key: id } }
    ])
  })

  test.each([
    [{ name: '', scopes: ['contacts:write'] }],
    [{ name: '\u200B', scopes: ['contacts:write'] }],
    [{ name: 'x'.repeat(201), scopes: ['contacts:write'] }],
    [{ name: 'x', scopes: [] }],
    [{ name: 'x', scopes: ['line:serve'] }],
    [{ name: 'x', scopes: ['line:serve:Parks'] }],
    [{ name: 'x', scopes: ['everything'] }],
    [{ name: 'x', scopes: ['contacts:write'], perMinute: 0 }],
    [{ name: 'x', scopes: ['contacts:write'], perMinute: 100_001 }],
    [{ name: 'x', scopes: Array.from({ length: 201 }, () => 'contacts:write') }]
  ])('is refused when it makes no sense: %j', async (key) => {
    await expect(addKey(runtime.db, key, 'staff:ann')).rejects.toMatchObject({
      code: 'KEY_INVALID'
    })
  })

  test('may have the longest name, the most scopes and the highest rate there can be', async () => {
    await expect(
      addKey(
        runtime.db,
        {
          name: 'x'.repeat(200),
          scopes: Array.from({ length: 200 }, (_, n) => `line:read:d${n}`),
          perMinute: 100_000
        },
        'staff:ann'
      )
    ).resolves.toHaveProperty('secret')
  })
})

describe('scopes', () => {
  test('of a line hold for their department, and serving it includes seeing it', () => {
    const key = { scopes: ['line:serve:parks', 'line:read:water'] }
    expect(grants(key, 'line:serve', 'parks')).toBe(true)
    expect(grants(key, 'line:read', 'parks')).toBe(true)
    expect(grants(key, 'line:read', 'water')).toBe(true)
    expect(grants(key, 'line:serve', 'water')).toBe(false)
    expect(grants(key, 'line:read', 'streets')).toBe(false)
    expect(grants(key, 'contacts:write')).toBe(false)
  })

  test('with a star hold for every department', () => {
    expect(grants({ scopes: ['line:read:*'] }, 'line:read', 'streets')).toBe(true)
    expect(grants({ scopes: ['line:read:*'] }, 'line:serve', 'streets')).toBe(false)
  })

  test('are words of a fixed list', () => {
    expect(['contacts:write', 'line:read:*', 'line:serve:parks-2'].every(isScope)).toBe(true)
    expect(
      [
        'contacts',
        'line:read',
        'line:write:parks',
        'line:read:',
        'line:read:a b',
        'staff:write:*'
      ].some(isScope)
    ).toBe(false)
  })

  test('decide what is allowed', async () => {
    const { id, secret } = await add(['line:read:parks'])
    await expect(requireKey(runtime.db, secret, 'line:read', 'parks')).resolves.toMatchObject({
      id
    })
    await expect(requireKey(runtime.db, secret, 'line:read', 'water')).rejects.toMatchObject({
      code: 'KEY_SCOPE'
    })
    await expect(requireKey(runtime.db, secret, 'contacts:write')).rejects.toMatchObject({
      code: 'KEY_SCOPE'
    })
    await expect(requireKey(runtime.db, 'evh_nothing', 'line:read', 'parks')).rejects.toMatchObject(
      { code: 'KEY_REQUIRED' }
    )
  })
})

test('a bearer token is read from its header', () => {
  expect([
    bearerOf('Bearer evh_a'),
    bearerOf('bearer  evh_a '),
    bearerOf('Basic evh_a'),
    bearerOf('Bearer a b'),
    bearerOf(undefined),
    bearerOf(`Bearer ${'a'.repeat(201)}`)
  ]).toEqual(['evh_a', 'evh_a', undefined, undefined, undefined, undefined])
})
