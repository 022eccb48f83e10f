import fs from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { ScansFolder } from '../../../channels/postal/scans-folder.ts'
import type { Agency } from '../../../config/agency.ts'
import type { PostalIntake } from '../../../channels/postal/intake.ts'
import { closeReaders } from '../../../core/documents/read.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import type { ScanIntake } from '../../../core/intake/scan-intake.ts'
import { openScanIntake } from '../../../core/mailroom/scan-intake.ts'
import { openMailroom } from '../../../core/mailroom/open.ts'
import type { BatchView, Mailroom } from '../../../core/mailroom/types.ts'
import { processBatch } from '../../../core/mailroom/process-batch.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { typedPdf } from '../../core/mailroom/stacks.ts'

let runtime: TestRuntime
let room: Mailroom
let root: string
let letter: Buffer
beforeAll(async () => {
  runtime = await createTestRuntime()
  room = openMailroom(runtime)
  root = path.join(runtime.settings.DATA_DIR, 'scans')
  letter = await typedPdf('the swing is broken')
})
afterAll(async () => {
  await closeReaders()
  await runtime.remove()
})

let folder: ScansFolder
const open = (
  scans: Partial<Agency['mailroom']['scans']> = {},
  scanIntake: Partial<ScanIntake> = {}
): ScansFolder => {
  const agency: Agency = {
    ...runtime.agency(),
    mailroom: {
      ...runtime.agency().mailroom,
      scans: { settleSeconds: 0, partialMinutes: 10, quietSeconds: 0, done: 'move', ...scans }
    }
  }
  const intake: Partial<PostalIntake> = {
    settings: runtime.settings,
    agency: () => agency,
    log: runtime.log,
    scanIntake: () => ({ ...openScanIntake(runtime), ...scanIntake })
  }
  return new ScansFolder(intake as PostalIntake)
}
let batchesBefore: string[]
beforeEach(async () => {
  await fs.mkdir(root, { recursive: true })
  batchesBefore = (await room.listBatches()).map(({ id }) => id)
  folder = open()
})
afterEach(async () => {
  await folder.stop()
  await fs.rm(root, { recursive: true, force: true })
})

async function put(name: string, bytes: Uint8Array | string = letter): Promise<void> {
  await fs.mkdir(path.dirname(path.join(root, name)), { recursive: true })
  await fs.writeFile(path.join(root, name), bytes)
}

/** Two looks: the first meets the files, the second finds them still. */
async function look(): Promise<void> {
  await folder.look()
  await folder.look()
}

async function newBatches(): Promise<BatchView[]> {
  const fresh = (await room.listBatches())
    .filter(({ id }) => !batchesBefore.includes(id))
    .toReversed()
  for (const { id } of fresh) await processBatch(runtime, id)
  return Promise.all(fresh.map(async ({ id }) => (await room.viewBatch(id))!))
}

async function lying(): Promise<string[]> {
  const found = await fs.readdir(root, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .toSorted()
}

describe('files in the watched folder', () => {
  it('at the top are a batch of their own, and leave once they are durable', async () => {
    await put('a.pdf')
    await put('b.pdf', await typedPdf('another one'))
    await look()
    const [view, ...more] = await newBatches()
    expect(more).toEqual([])
    expect(view!.batch.state).toBe('released')
    expect(view!.letters.length).toBe(2)
    expect(await lying()).toEqual([`done/${view!.batch.id}/a.pdf`, `done/${view!.batch.id}/b.pdf`])
  })

  it('of one sub-folder are one batch, with what its batch.yaml says', async () => {
    await put('monday/batch.yaml', 'expected: 2\nnote: from the night box\n')
    await put('monday/1.pdf', await typedPdf('one'))
    await put('monday/2.pdf', await typedPdf('two'))
    await look()
    const [view] = await newBatches()
    expect(view!.batch).toMatchObject({
      expected: 2,
      note: 'from the night box',
      state: 'released',
      letters: 2,
      problems: []
    })
    expect(await lying()).toEqual(
      ['1.pdf', '2.pdf', 'batch.yaml'].map((name) => `done/${view!.batch.id}/${name}`)
    )
  })

  it('go to the batch that was logged by a person when their folder has its name, and a person ends it', async () => {
    const logged = await room.logTray({ actor: 'staff:00000000-0000-4000-8000-000000000001' })
    batchesBefore = batchesBefore.filter((id) => id !== logged.id)
    await put(`${logged.id}/stack.pdf`, await typedPdf('three'))
    await look()
    const [view, ...more] = await newBatches()
    expect(more).toEqual([])
    expect(view!.batch).toMatchObject({
      id: logged.id,
      state: 'scanning',
      receivedAt: logged.receivedAt
    })
    expect(view!.scans.map(({ name }) => name)).toEqual(['stack.pdf'])
  })

  it('beyond what the batch of their name may hold are a batch of their own, and others are taken still', async () => {
    const logged = await room.logTray({ actor: 'staff:00000000-0000-4000-8000-000000000001' })
    batchesBefore = [...batchesBefore, logged.id]
    await room.finishScanning(logged.id, 'staff:00000000-0000-4000-8000-000000000001')
    await runtime.database.pool.query(
      "insert into scans (id, batch_id, name, sha256, media_type, bytes, pages, state, added_by) values (gen_random_uuid(), $1, 'all.pdf', 'none', 'application/pdf', 1, 10000, 'read', 'x')",
      [logged.id]
    )
    await put(`${logged.id}/one-more.pdf`, await typedPdf('one more'))
    await put('loose.pdf', await typedPdf('a loose one'))
    await look()
    const views = await newBatches()
    expect(views.map(({ scans }) => scans.map(({ name }) => name)).toSorted()).toEqual([
      ['loose.pdf'],
      ['one-more.pdf']
    ])
    expect(views.flatMap(({ batch }) => batch.problems)).toEqual([
      `The folder is named after batch ${logged.id}, which holds as much as one batch may.`
    ])
  })

  it('are left while they grow, while their end is missing, and where their names say that they are being written', async () => {
    await put('whole.tmp')
    await put('~$x.pdf')
    await put('half.pdf', letter.subarray(0, letter.length / 2))
    await folder.look()
    await put('growing.pdf', letter.subarray(0, 100))
    await folder.look()
    await put('growing.pdf', letter.subarray(0, 200))
    await folder.look()
    expect(await newBatches()).toEqual([])
    expect(await lying()).toEqual(['growing.pdf', 'half.pdf', 'whole.tmp', '~$x.pdf'])
    await put('half.pdf', await typedPdf('now it is whole'))
    await look()
    expect((await newBatches()).map(({ batch }) => [batch.state, batch.letters])).toEqual([
      ['released', 1]
    ])
  })

  it('without an end are taken after a while, for a person to look at', async () => {
    folder = open({ partialMinutes: 0 })
    await put('cut.pdf', letter.subarray(0, letter.length - 200))
    await look()
    const [view] = await newBatches()
    expect(view!.batch.state).toBe('held')
    expect(view!.batch.problems.join(' ')).toContain('cut.pdf has no end')
    expect(view!.scans.length).toBe(1)
  })

  it('that come back are not taken twice', async () => {
    await put('again.pdf', await typedPdf('once only'))
    await look()
    const [first] = await newBatches()
    await put('again.pdf', await fs.readFile(path.join(root, 'done', first!.batch.id, 'again.pdf')))
    await look()
    expect((await newBatches()).length).toBe(1)
    expect(await lying()).toEqual([
      `done/${first!.batch.id}/again-2.pdf`,
      `done/${first!.batch.id}/again.pdf`
    ])
  })

  it('are not doubled by two processes that look at once', async () => {
    const bytes = await Promise.all(['p', 'q', 'r'].map((words) => typedPdf(words)))
    for (const [index, content] of bytes.entries()) await put(`tray/${index}.pdf`, content)
    const other = open()
    await Promise.all([folder.look(), other.look()])
    await Promise.all([folder.look(), other.look()])
    await look()
    await other.stop()
    const views = await newBatches()
    expect(views.flatMap(({ scans }) => scans.map(({ name }) => name)).toSorted()).toEqual([
      '0.pdf',
      '1.pdf',
      '2.pdf'
    ])
  })

  it('stay where they are while the database is down', async () => {
    folder = open({}, { add: () => Promise.reject(new EvenhandError('INTAKE_STORE_DOWN')) })
    await put('later.pdf')
    await look()
    expect(await lying()).toEqual(['later.pdf'])
    folder = open()
    await look()
    expect((await newBatches()).map(({ scans }) => scans.length)).toEqual([1])
  })

  it('are not followed where they are links, and names in Latin-1 are', async () => {
    const outside = path.join(runtime.settings.DATA_DIR, 'outside.pdf')
    await fs.writeFile(outside, letter)
    await fs.symlink(outside, path.join(root, 'link.pdf'))
    await fs.symlink(path.dirname(outside), path.join(root, 'linked'))
    await fs.writeFile(
      Buffer.concat([Buffer.from(`${root}/`), Buffer.from('Stra\xdfe.pdf', 'latin1')]),
      await typedPdf('Latin')
    )
    await look()
    const views = await newBatches()
    expect(
      views.flatMap(({ scans }) => scans.map(({ name }) => name.replace(/^\d+-/, '')))
    ).toEqual(['Stra_e.pdf'])
    expect(await fs.readFile(outside)).toEqual(letter)
  })

  it('that are empty are kept apart and told of', async () => {
    folder = open({ partialMinutes: 0 })
    await put('empty.pdf', '')
    await look()
    const [view] = await newBatches()
    expect(view!.batch.problems).toEqual([
      'empty.pdf is empty: it was not read and lies in scans/done.'
    ])
    expect(view!.batch.state).toBe('held')
  })
})

describe('the stamp in a batch.yaml', () => {
  const earlier = new Date(Date.now() - 3_600_000).toISOString()

  it('counts when it names a clerk of ours, as a claim: nobody is said to have done it, and a person releases the batch', async () => {
    await runtime.database.pool.query(
      "insert into staff (id, email, name, role) values ('00000000-0000-4000-8000-0000000000aa', 'jane@town.example', 'Jane', 'mailroom') on conflict do nothing"
    )
    await put(
      'stamped/batch.yaml',
      `received: ${earlier}\nclerk: Jane@town.example\nreason: the scanner was broken\n`
    )
    await put('stamped/1.pdf', await typedPdf('stamped'))
    await look()
    const [view] = await newBatches()
    expect(view!.batch).toMatchObject({
      receivedAt: new Date(earlier),
      loggedBy: 'channel:postal',
      state: 'held'
    })
    expect(view!.batch.problems).toEqual([
      `The received stamp of ${earlier} was written in batch.yaml, in the name of Jane@town.example. Ask them, and release the batch only if they stamped it so.`
    ])
    const jane = 'staff:00000000-0000-4000-8000-0000000000aa'
    const { rows } = await runtime.database.pool.query(
      "select actor, data ->> 'claimed' as claimed from events where kind = 'batch.logged' and data ->> 'batch' = $1",
      [view!.batch.id]
    )
    expect(rows).toEqual([{ actor: 'channel:postal', claimed: jane }])
    await room.releaseBatch(view!.batch.id, jane, 'I stamped it')
    expect((await room.viewBatch(view!.batch.id))!.batch).toMatchObject({
      state: 'released',
      receivedAt: new Date(earlier)
    })
  })

  it.each([
    ['of nobody', `received: ${earlier}\n`, 'names no clerk of ours'],
    [
      'without a reason',
      `received: ${earlier}\nclerk: jane@town.example\n`,
      'A reason is required'
    ],
    [
      'of long ago',
      'received: 2020-01-01T00:00:00Z\nclerk: jane@town.example\nreason: found in a drawer\n',
      'may not lie in the future'
    ],
    ['that is no time', 'received: yesterday\n', 'batch.yaml:1: received'],
    ['in a file that is no YAML', '{{{', 'could not be used']
  ])('%s is not used, and a person is told', async (what, text, sentence) => {
    const before = new Date()
    await put('wrong/batch.yaml', text)
    await put('wrong/1.pdf', await typedPdf(`stamped ${what}`))
    await look()
    const [view] = await newBatches()
    expect(view!.batch.state).toBe('held')
    expect(view!.batch.problems.join(' ')).toContain(sentence)
    expect(view!.batch.receivedAt.getTime()).toBeGreaterThanOrEqual(before.getTime())
  })
})
