import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { EvenhandError } from '../../../platform/errors.ts'
import {
  FolderWatch,
  moveAside,
  type FolderOptions,
  type StillFile
} from '../../../platform/folders/watch.ts'
import { createLog } from '../../../platform/logger.ts'
import { until } from '../../helpers/until.ts'

let folder: string
let taken: StillFile[]
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'evenhand-folder-'))
  taken = []
})
afterEach(() => fs.rm(folder, { recursive: true, force: true }))

function watch(options: Partial<FolderOptions> = {}): FolderWatch {
  return new FolderWatch({
    folder,
    log: createLog('silent'),
    stillMs: 0,
    takes: () => true,
    take: async (file) => {
      taken.push(file)
      return moveAside(file, path.join(folder, 'done'))
    },
    ...options
  })
}

const put = (name: string, text = name) => fs.writeFile(path.join(folder, name), text)
const names = () => taken.map(({ name }) => name)

describe('looking through a folder', () => {
  test('a file is taken at the second look, once it stands still, and moved aside', async () => {
    const one = watch()
    await put('a.tif')
    expect([await one.look(), await one.look(), await one.look()]).toEqual([0, 1, 0])
    expect(await fs.readdir(folder)).toEqual(['done'])
    expect(await fs.readdir(path.join(folder, 'done'))).toEqual(['a.tif'])
  })

  test('a file that grows between looks waits until it no longer does', async () => {
    const one = watch()
    await put('slow.tif', 'one')
    await one.look()
    for (const part of ['two', 'three']) {
      await fs.appendFile(path.join(folder, 'slow.tif'), part)
      expect(await one.look()).toBe(0)
    }
    expect(await one.look()).toBe(1)
    expect(taken[0]!.bytes).toBe('onetwothree'.length)
  })

  test('standing still has to last', async () => {
    const patient = watch({ stillMs: 60_000 })
    await put('a.tif')
    expect([await patient.look(), await patient.look(), await patient.look()]).toEqual([0, 0, 0])
  })

  test('names with a leading dot, names that are none of ours, sub-folders and done are passed over', async () => {
    const one = watch({ takes: (name) => name.endsWith('.tif') })
    await fs.mkdir(path.join(folder, 'done'))
    await fs.mkdir(path.join(folder, 'sub'))
    for (const name of ['.part.tif', 'notes.docx', 'done/old.tif', 'sub/b.tif', 'a.tif'])
      await put(name)
    await one.look()
    await one.look()
    expect(names()).toEqual(['a.tif'])
  })

  test('sub-folders are looked through as deep as asked', async () => {
    const one = watch({ depth: 1 })
    await fs.mkdir(path.join(folder, 'tray 1', 'deeper'), { recursive: true })
    for (const name of ['tray 1/a.pdf', 'tray 1/deeper/b.pdf']) await put(name)
    await one.look()
    await one.look()
    expect(names()).toEqual(['tray 1/a.pdf'])
  })

  test('the oldest is taken first', async () => {
    const one = watch()
    for (const [name, time] of [
      ['b', 3],
      ['a', 5],
      ['c', 1]
    ] as const) {
      await put(name)
      await fs.utimes(path.join(folder, name), time, time)
    }
    await one.look()
    await one.look()
    expect(names()).toEqual(['c', 'b', 'a'])
  })
})

describe('when taking fails', () => {
  test('a file that cannot be taken stays, and the others are taken', async () => {
    let tries = 0
    const one = watch({
      take: async (file) => {
        if (file.name === 'bad') {
          tries++
          throw new Error('unreadable')
        }
        taken.push(file)
        return moveAside(file, path.join(folder, 'done'))
      }
    })
    await put('bad')
    await put('good')
    for (let look = 0; look < 3; look++) await one.look()
    expect([names(), tries, (await fs.readdir(folder)).toSorted()]).toEqual([
      ['good'],
      2,
      ['bad', 'done']
    ])
  })

  test('with the database down the look ends, everything stays, and is taken when it is back', async () => {
    let down = true
    let tries = 0
    const one = watch({
      take: async (file) => {
        tries++
        if (down) throw new EvenhandError('INTAKE_STORE_DOWN')
        taken.push(file)
        return moveAside(file, path.join(folder, 'done'))
      }
    })
    for (const name of ['a', 'b', 'c']) await put(name)
    await one.look()
    await one.look()
    expect([tries, (await fs.readdir(folder)).length]).toEqual([1, 3])
    down = false
    for (let look = 0; look < 3; look++) await one.look()
    expect(names().toSorted()).toEqual(['a', 'b', 'c'])
  })

  test('a folder that is gone and comes back is no reason to stop', async () => {
    const one = watch()
    await fs.rm(folder, { recursive: true })
    expect(await one.look()).toBe(0)
    await fs.mkdir(folder)
    await put('a')
    await one.look()
    expect(await one.look()).toBe(1)
  })
})

describe('moving aside', () => {
  test('a file of the same name is kept beside the earlier one', async () => {
    const one = watch()
    for (const text of ['first', 'second']) {
      await put('fax.tif', text)
      await one.look()
      await one.look()
    }
    expect((await fs.readdir(path.join(folder, 'done'))).toSorted()).toEqual([
      'fax-2.tif',
      'fax.tif'
    ])
  })

  test('a file that its writer came back to stays for another look', async () => {
    await put('a', 'x')
    const before = await fs.stat(path.join(folder, 'a'))
    await fs.appendFile(path.join(folder, 'a'), 'y')
    expect(
      await moveAside(
        { path: path.join(folder, 'a'), bytes: before.size, mtimeMs: before.mtimeMs },
        path.join(folder, 'done')
      )
    ).toBe(false)
    expect(await fs.readdir(folder)).toEqual(['a'])
  })

  test('one that another process has moved is done', async () => {
    expect(
      await moveAside(
        { path: path.join(folder, 'gone'), bytes: 1, mtimeMs: 1 },
        path.join(folder, 'done')
      )
    ).toBe(true)
  })
})

test('it looks by itself until it is stopped, and makes the folder where there is none', async () => {
  await fs.rm(folder, { recursive: true })
  const one = watch({ everyMs: 1 })
  await one.start()
  await put('a')
  await until(() => taken.length > 0, { everyMs: 5 })
  await one.stop()
  await put('b')
  expect(names()).toEqual(['a'])
})
