import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { findKey } from '../../core/api-keys.ts'
import { webhookSecret } from '../../core/webhooks/sign.ts'
import { openLine } from '../../core/webhooks/store.ts'
import { checkWebhooks } from '../../scripts/commands/doctor/webhooks.ts'
import { standMany } from '../helpers/contacts.ts'
import { createTestGround, type TestGround } from '../helpers/ground.ts'
import { withWebhooks } from '../helpers/receiver.ts'
import { runEvenhand, temporaryFolder } from '../helpers/running.ts'

let ground: TestGround
let folder: string
beforeAll(async () => {
  ground = await createTestGround()
  folder = temporaryFolder()
  fs.cpSync('config', path.join(folder, 'config'), { recursive: true })
  const file = path.join(folder, 'config', 'departments.yaml')
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/( {2}- id: parks\n)/, '$1    webhook: { url: https://parks.town.example/in }\n'))
})
afterAll(async () => {
  await ground.remove()
  fs.rmSync(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => runEvenhand(args, { DATABASE_URL: ground.settings.DATABASE_URL!, DATA_DIR: folder, CONFIG_DIR: path.join(folder, 'config'), LOG_LEVEL: 'silent' })

test('keys are made, listed, given a new secret and ended by command, the secret alone on stdout', async () => {
  const added = await run('keys', 'add', 'Chat', '--scopes', 'contacts:write,line:serve:parks')
  expect([added.code, added.stdout]).toEqual([0, expect.stringMatching(/^evh_[\w-]{43}\n$/)])
  const key = await findKey(ground.db, added.stdout.trim())
  expect(key).toMatchObject({ scopes: ['contacts:write', 'line:serve:parks'] })
  const rotated = JSON.parse((await run('keys', 'rotate', key!.id, '--overlap', '0', '--json')).stdout) as { secret: string }
  expect([await findKey(ground.db, added.stdout.trim()), (await findKey(ground.db, rotated.secret))?.id]).toEqual([undefined, key!.id])
  const list = await run('keys', 'list', '--json')
  expect(JSON.parse(list.stdout)).toMatchObject({ keys: [{ id: key!.id, name: 'Chat', secrets: [{ lastUsedAt: expect.any(String) }] }] })
  expect(list.stdout).not.toContain(rotated.secret)
  expect((await run('keys', 'disable', key!.id)).code).toBe(0)
  expect(await findKey(ground.db, rotated.secret)).toBeUndefined()
})

test('a department\'s webhook is shown with its secret, and started again, by command', async () => {
  expect((await run('webhooks', 'secret', 'parks')).stdout).toBe(`${webhookSecret(ground, 'parks', 1)}\n`)
  await openLine(ground.db, 'parks')
  await standMany(ground, 2)
  await ground.db.updateTable('webhook_lines').set({ state: 'stopped', reason: 'it is gone' }).execute()
  expect(JSON.parse((await run('webhooks', 'list', '--json')).stdout)).toMatchObject({ webhooks: [{ department: 'parks', state: 'stopped', behind: 2, url: 'https://parks.town.example/in' }], total: 0 })
  expect((await run('webhooks', 'start', 'parks', '--as', 'ann')).stdout).toBe('parks  running\n')
  expect(await ground.db.selectFrom('events').select('actor').where('kind', '=', 'webhook.started').execute()).toEqual([{ actor: 'cli:ann' }])
})

describe('the doctor', () => {
  const agency = () => withWebhooks(ground, { parks: { url: 'https://parks.town.example/in' } }).agency()
  const set = (values: { state: 'running' | 'stopped'; reason: string | null; failing_since: Date | null }) => ground.db.updateTable('webhook_lines').set(values).execute()

  test('says when a webhook stopped, when one fails, and when all are told', async () => {
    await openLine(ground.db, 'parks')
    await set({ state: 'stopped', reason: 'it is gone', failing_since: null })
    expect(await checkWebhooks(ground.db, agency())).toMatchObject([{ state: 'fail', finding: 'parks: stopped, because it is gone' }])
    await set({ state: 'running', reason: null, failing_since: new Date(Date.now() - 7_200_000) })
    expect(await checkWebhooks(ground.db, agency())).toMatchObject([{ state: 'warn', finding: 'parks: not told for 2 hours' }])
    await set({ state: 'running', reason: null, failing_since: null })
    expect(await checkWebhooks(ground.db, agency())).toMatchObject([{ state: 'ok', finding: '1 department, all told' }])
  })

  test('says nothing of webhooks where there are none', async () => {
    expect(await checkWebhooks(ground.db, ground.agency())).toEqual([])
  })
})
