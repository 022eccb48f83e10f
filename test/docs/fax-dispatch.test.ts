import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { spoolFolder, spoolWatch } from '../../channels/fax/spool.ts'
import { intakeFor } from '../../channels/register.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

test("the guide's FaxDispatch hands a fax over as the spool folder wants it", async () => {
  const guide = fs.readFileSync('docs/administrator.md', 'utf8')
  const script = /```sh\n(# Hands every received fax[\s\S]*?)```/.exec(guide)![1]!
  const folder = spoolFolder(runtime.settings.DATA_DIR)
  fs.mkdirSync(folder, { recursive: true })
  const received = path.join(runtime.settings.DATA_DIR, 'fax000000042.tif')
  await sharp({ create: { width: 200, height: 100, channels: 3, background: 'white' } })
    .tiff()
    .toFile(received)
  const dispatched = script.replace('/srv/evenhand/data/fax', folder)
  // As HylaFAX's faxrcvd has them; an unset CALLID3 and a message of two lines among them.
  const variables = {
    FILE: received,
    DEVICE: 'ttyS0',
    COMMID: '000000042',
    MSG: 'No answer\nfrom "remote" $(id)',
    SENDER: '+1 555 0100',
    CIDNUMBER: '2025550143',
    CIDNAME: "O'HARA & SONS"
  }
  execFileSync('/bin/sh', ['-eu', '-c', `CALLID3=; ${dispatched}`], {
    env: { PATH: process.env['PATH'], ...variables }
  })

  expect(fs.readdirSync(folder).toSorted()).toEqual(['ttyS0_000000042.tif', 'ttyS0_000000042.txt'])
  const watch = spoolWatch(
    intakeFor(runtime, 'fax', {
      route: () => undefined,
      endpoint: () => undefined,
      service: () => undefined
    }),
    { stillMs: 0 }
  )
  await watch.look()
  expect(await watch.look()).toBe(1)
  const { evidence } = await runtime.db
    .selectFrom('contacts')
    .select('evidence')
    .executeTakeFirstOrThrow()
  expect(evidence['fax']).toEqual({
    device: 'ttyS0',
    communication: '000000042',
    stationId: '+1 555 0100',
    callerNumber: '2025550143',
    callerName: "O'HARA & SONS",
    error: 'No answer from "remote" $(id)',
    partial: true
  })
})
