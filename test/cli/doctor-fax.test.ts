import { afterEach, beforeEach, expect, test } from '@jest/globals'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { checkFax } from '../../cli/doctor/fax.ts'
import { testSettings } from '../helpers/runtime.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'evenhand-doctor-'))
})
afterEach(() => fs.rm(dataDir, { recursive: true, force: true }))

async function findings(environment: Record<string, string> = {}): Promise<string[]> {
  return (await checkFax(testSettings({ DATA_DIR: dataDir, ...environment }))).map(
    ({ state, finding }) => `${state}: ${finding.replaceAll(dataDir, '')}`
  )
}

async function put(name: string, minutesAgo = 0): Promise<void> {
  const file = path.join(dataDir, 'fax', name)
  await fs.mkdir(path.dirname(file), { recursive: true })
  await fs.writeFile(file, 'x')
  await fs.utimes(file, Date.now() / 1000, Date.now() / 1000 - minutesAgo * 60)
}

test('without anything set up, nothing is wrong', async () => {
  expect(await findings()).toEqual([
    'ok: no fax folder yet; a worker makes it at its start',
    'ok: no fax provider is set up; their notices would wait in quarantine'
  ])
})

test('a fax that lies there, odd files and files set aside are told of, without their names', async () => {
  for (const [name, minutes] of [
    ['a.tif', 20],
    ['a.json', 20],
    ['b.tif', 1],
    ['c.TIF', 30],
    ['notes.docx', 1],
    ['too-large/x.tif', 1],
    ['done/old.tif', 9_000]
  ] as const)
    await put(name, minutes)
  expect((await findings()).slice(0, 3)).toEqual([
    'warn: 2 faxes in /fax waited for over 15 minutes',
    'warn: too large to be taken in: 1 file in /fax/too-large',
    'warn: no fax and belonging to none: 1 file in /fax'
  ])
})

test('providers: whether their signatures can be right', async () => {
  const key = Buffer.alloc(32, 7).toString('base64')
  expect((await findings({ TELNYX_PUBLIC_KEY: key, PHAXIO_CALLBACK_TOKEN: 't' })).slice(1)).toEqual(
    [
      "ok: Telnyx's signatures are checked; pages are fetched from s3.amazonaws.com",
      'warn: PHAXIO_CALLBACK_TOKEN is set without PUBLIC_URL: Phaxio signs the address it calls, so every signature is wrong'
    ]
  )
  expect(
    (
      await findings({
        TELNYX_PUBLIC_KEY: key,
        TELNYX_MEDIA_HOSTS: ',',
        PHAXIO_CALLBACK_TOKEN: 't',
        PUBLIC_URL: 'https://town.example'
      })
    ).slice(1)
  ).toEqual([
    'warn: TELNYX_MEDIA_HOSTS is empty: no page can be fetched',
    "ok: Phaxio's signatures are checked for https://town.example/hooks/fax/phaxio"
  ])
})
