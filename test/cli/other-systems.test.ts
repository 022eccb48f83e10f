import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { findKey } from '../../core/access/api-keys.ts'
import { webhookSecret } from '../../core/webhooks/send.ts'
import { openLine } from '../../core/webhooks/store.ts'
import { checkWebhooks } from '../../cli/doctor/webhooks.ts'
import { standMany } from '../helpers/contacts.ts'
import { copyConfig } from '../helpers/config.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { withWebhooks } from '../helpers/receiver.ts'
import { runEvenhand, temporaryFolder } from '../helpers/running.ts'

let runtime: TestRuntime
let folder: string
beforeAll(async () => {
  runtime = await createTestRuntime()
  folder = temporaryFolder()
  copyConfig(path.join(folder, 'config'), {
    parks: 'webhook: { url: https://parks.town.example/in }'
  })
})
afterAll(async () => {
  await runtime.remove()
  fs.rmSync(folder, { recursive: true, force: true })
})

const run = (...args: string[]) =>
  runEvenhand(args, {
    DATABASE_URL: runtime.settings.DATABASE_URL!,
    DATA_DIR: folder,
    CONFIG_DIR: path.join(folder, 'config'),
    LOG_LEVEL: 'silent'
  })

test('keys are made, listed, given a new secret and ended by command, the secret alone on stdout', async () => {
  const added = await run('keys', 'add', 'Chat', '--scopes', 'contacts:write,line:serve:parks')
  expect([added.code, added.stdout]).toEqual([0, expect.stringMatching(/^evh_[\w-]{43}\n$/)])
  const key = await findKey(runtime.db, added.stdout.trim())
  expect(key).toMatchObject({ scopes: ['contacts:write', 'line:serve:parks'] })
  const rotated = JSON.parse(
    (await run('keys', 'rotate', key!.id, '--overlap', '0', '--json')).stdout
  ) as { secret: string }
  expect([
    await findKey(runtime.db, added.stdout.trim()),
    (await findKey(runtime.db, rotated.secret))?.id
  ]).toEqual([undefined, key!.id])
  const list = await run('keys', 'list', '--json')
  expect(JSON.parse(list.stdout)).toMatchObject({
    keys: [{ id: key!.id, name: 'Chat', secrets: [{ lastUsedAt: expect.any(String) }] }]
  })
  expect(list.stdout).not.toContain(rotated.secret)
  expect((await run('keys', 'disable', key!.id)).code).toBe(0)
  expect(await findKey(runtime.db, rotated.secret)).toBeUndefined()
})

test("a department's webhook is shown with its secret, and started again, by command", async () => {
  expect((await run('webhooks', 'secret', 'parks')).stdout).toBe(
    `${webhookSecret(runtime, 'parks', 1)}\n`
  )
  await openLine(runtime.db, 'parks')
  await standMany(runtime, 2)
  await runtime.db
    .updateTable('webhook_lines')
    .set({ state: 'stopped', reason: 'it is gone' })
    .execute()
  expect(JSON.parse((await run('webhooks', 'list', '--json')).stdout)).toMatchObject({
    webhooks: [
      { department: 'parks', state: 'stopped', behind: 2, url: 'https://parks.town.example/in' }
    ],
    total: 0
  })
  expect((await run('webhooks', 'start', 'parks', '--as', 'ann')).stdout).toBe('parks  running\n')
  expect(
    await runtime.db
      .selectFrom('events')
      .select('actor')
      .where('kind', '=', 'webhook.started')
      .execute()
  ).toEqual([{ actor: 'cli:ann' }])
})

describe('the doctor', () => {
  const agency = () =>
    withWebhooks(runtime, { parks: { url: 'https://parks.town.example/in' } }).agency()
  const set = (values: {
    state: 'running' | 'stopped'
    reason: string | null
    failing_since: Date | null
  }) => runtime.db.updateTable('webhook_lines').set(values).execute()

  test('says when a webhook stopped, when one fails, and when all are told', async () => {
    await openLine(runtime.db, 'parks')
    await set({ state: 'stopped', reason: 'it is gone', failing_since: null })
    expect(await checkWebhooks(runtime.db, agency())).toMatchObject([
      { state: 'fail', finding: 'parks: stopped, because it is gone' }
    ])
    await set({ state: 'running', reason: null, failing_since: new Date(Date.now() - 7_200_000) })
    expect(await checkWebhooks(runtime.db, agency())).toMatchObject([
      { state: 'warn', finding: 'parks: not told for 2 hours' }
    ])
    await set({ state: 'running', reason: null, failing_since: null })
    expect(await checkWebhooks(runtime.db, agency())).toMatchObject([
      { state: 'ok', finding: '1 department, all told' }
    ])
  })

  test('says nothing of webhooks where there are none', async () => {
    expect(await checkWebhooks(runtime.db, runtime.agency())).toEqual([])
  })
})
