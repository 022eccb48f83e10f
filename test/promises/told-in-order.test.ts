import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fs from 'node:fs'
import path from 'node:path'
import { openLine } from '../../core/webhooks/store.ts'
import { standMany } from '../helpers/contacts.ts'
import { createTestGround, type TestGround } from '../helpers/ground.ts'
import { openReceiver, type Receiver } from '../helpers/receiver.ts'
import { killEvenhand, startEvenhand, stopEvenhand, temporaryFolder, type Running } from '../helpers/running.ts'

const EVENTS = 60
const KILLS = 2

let ground: TestGround
let receiver: Receiver
let folder: string
beforeAll(async () => {
  ground = await createTestGround()
  receiver = await openReceiver()
  folder = temporaryFolder()
  fs.cpSync('config', path.join(folder, 'config'), { recursive: true })
  const file = path.join(folder, 'config', 'departments.yaml')
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/( {2}- id: parks\n)/, `$1    webhook: { url: '${receiver.url}', allowPrivate: true }\n`))
})
afterAll(async () => {
  await receiver.close()
  await ground.remove()
  fs.rmSync(folder, { recursive: true, force: true })
})

test('a worker killed again and again in the middle tells a department everything, in the order of its line', async () => {
  await openLine(ground.db, 'parks')
  await standMany(ground, EVENTS)
  for (let kill = 0; kill <= KILLS; kill++) {
    // Whoever held the claim is dead; in use, a minute passes before another takes over.
    await ground.db.updateTable('webhook_lines').set({ claimed_until: null }).execute()
    const enough = kill === KILLS ? EVENTS : (receiver.taken.length + Math.ceil(EVENTS / (KILLS + 1)))
    const running: Running = await startEvenhand(folder, { DATABASE_URL: ground.settings.DATABASE_URL!, CONFIG_DIR: path.join(folder, 'config') }, ['worker'])
    await reached(enough)
    await (kill === KILLS ? stopEvenhand(running) : killEvenhand(running))
  }
  const told = receiver.taken.map(({ events }) => events[0]!.id)
  const rows = await ground.db.selectFrom('events').select('id').where('department', '=', 'parks').orderBy('turn').execute()
  expect([...new Set(told)]).toEqual(rows.map(({ id }) => id))
  // A repeat is of the one that was in hand when its process died, and of none before.
  expect(told.filter((id, n) => told.indexOf(id) < n && told[n - 1] !== id)).toEqual([])
  expect(told.length - rows.length).toBeLessThanOrEqual(KILLS)
  expect(receiver.mostAtOnce()).toBeLessThanOrEqual(2)
}, 120_000)

async function reached(count: number): Promise<void> {
  const deadline = performance.now() + 60_000
  while (new Set(receiver.taken.map(({ events }) => events[0]!.id)).size < count) {
    if (performance.now() > deadline) throw new Error(`${receiver.taken.length} told, ${count} expected`)
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
}
