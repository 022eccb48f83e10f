import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { openLine } from '../../core/webhooks/store.ts'
import { standMany } from '../helpers/contacts.ts'
import { copyConfig } from '../helpers/config.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import {
  killEvenhand,
  startEvenhand,
  stopEvenhand,
  temporaryFolder,
  type Running
} from '../helpers/running.ts'
import { until } from '../helpers/until.ts'

const EVENTS = 60
const KILLS = 2

let runtime: TestRuntime
let receiver: Receiver
let folder: string
beforeAll(async () => {
  runtime = await createTestRuntime()
  receiver = await openReceiver()
  folder = temporaryFolder()
  copyConfig(path.join(folder, 'config'), {
    parks: `webhook: { url: '${receiver.url}', allowPrivate: true }`
  })
})
afterAll(async () => {
  await receiver.close()
  await runtime.remove()
  fs.rmSync(folder, { recursive: true, force: true })
})

test('a worker killed again and again in the middle tells a department everything, in the order of its line', async () => {
  await openLine(runtime.db, 'parks')
  await standMany(runtime, EVENTS)
  for (let kill = 0; kill <= KILLS; kill++) {
    // Whoever held the claim is dead; in use, a minute passes before another takes over.
    await runtime.db.updateTable('webhook_lines').set({ claimed_until: null }).execute()
    const enough = kill === KILLS ? EVENTS : receiver.taken.length + Math.ceil(EVENTS / (KILLS + 1))
    const running: Running = await startEvenhand(
      folder,
      { DATABASE_URL: runtime.settings.DATABASE_URL!, CONFIG_DIR: path.join(folder, 'config') },
      ['worker']
    )
    await reached(enough)
    await (kill === KILLS ? stopEvenhand(running) : killEvenhand(running))
  }
  const told = receiver.taken.map(({ events }) => events[0]!.id)
  const rows = await runtime.db
    .selectFrom('events')
    .select('id')
    .where('department', '=', 'parks')
    .orderBy('turn')
    .execute()
  expect([...new Set(told)]).toEqual(rows.map(({ id }) => id))
  // A repeat is of the one that was in hand when its process died, and of none before.
  expect(told.filter((id, n) => told.indexOf(id) < n && told[n - 1] !== id)).toEqual([])
  expect(told.length - rows.length).toBeLessThanOrEqual(KILLS)
  expect(receiver.mostAtOnce()).toBeLessThanOrEqual(2)
})

async function reached(count: number): Promise<void> {
  await until(() => new Set(receiver.taken.map(({ events }) => events[0]!.id)).size >= count, {
    everyMs: 20
  })
}
