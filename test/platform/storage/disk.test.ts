/** A full disk is told before anybody is promised anything. */
import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { diskCheck, realDisk, type Disk } from '../../../platform/storage/disk.ts'

const MiB = 1024 ** 2
const roomy: Disk = { free: async () => 64 * MiB, probe: async () => undefined }

test('a folder with room is good, and nothing is left in it', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-disk-'))
  await diskCheck(dir)()
  expect(fs.readdirSync(dir)).toEqual([])
  fs.rmSync(dir, { recursive: true })
})

test('64 MB have to be free, and a file has to get to the disk', async () => {
  await diskCheck('/', roomy)()
  await expect(
    diskCheck('/', { ...roomy, free: async () => 64 * MiB - 1 })()
  ).rejects.toMatchObject({ code: 'STORAGE_FULL', detail: '63 MB are free' })
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  await expect(
    diskCheck('/', { ...roomy, probe: () => Promise.reject(full) })()
  ).rejects.toMatchObject({ code: 'STORAGE_FULL', detail: 'ENOSPC' })
})

test('a folder that is gone or is none cannot be written', async () => {
  await expect(diskCheck(path.join(os.tmpdir(), 'evenhand-there-is-none'))()).rejects.toMatchObject(
    { code: 'STORAGE_FULL' }
  )
  await expect(realDisk.probe('/proc', Buffer.alloc(1))).rejects.toThrow(/EN|EA|EP/)
})

test('however many ask, the disk is asked once in two seconds; then anew', async () => {
  let [asked, now] = [0, 0]
  const check = diskCheck(
    '/',
    {
      ...roomy,
      free: async () => {
        asked++
        return asked === 1 ? 64 * MiB : 0
      }
    },
    () => now
  )
  await Promise.all(Array.from({ length: 100 }, check))
  now = 1_999
  await check()
  expect(asked).toBe(1)
  now = 2_000
  await expect(check()).rejects.toMatchObject({ code: 'STORAGE_FULL' })
})
