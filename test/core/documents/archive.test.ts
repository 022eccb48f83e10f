/** Files packed into an archive are documents, within bounds. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { limits } from '../../../core/documents/limits.ts'
import { ReaderPool } from '../../../core/documents/pool.ts'
import { readDocument } from '../../../core/documents/read.ts'
import { docx, para, run, zipOf } from './office-fixtures.ts'

let pool: ReaderPool
beforeAll(() => {
  pool = new ReaderPool(2)
})
afterAll(() => pool.close())

const read = (files: Record<string, string | Buffer>) =>
  readDocument(zipOf(files), { attachments: true }, pool)

test('each is read by itself, in the order they were packed, without what systems add', async () => {
  const { outcome, reason, attachments } = await read({
    'letter.txt': 'Please close my account',
    'more/form.docx': docx(para(run('The form'))),
    '__MACOSX/._letter.txt': 'x',
    '.DS_Store': 'x'
  })
  expect([outcome, reason]).toEqual(['read', undefined])
  expect(attachments!.map(({ name, pages }) => [name, pages[0]?.text])).toEqual([
    ['letter.txt', 'Please close my account'],
    ['form.docx', 'The form']
  ])
})

test('more than are taken out are said; those within the bound are there', async () => {
  const some = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, no) => [`${no}.txt`, `Words of ${no}`]))
  const full = await read(some(limits.embeddedFiles))
  expect([full.reason, full.attachments!.length]).toEqual([undefined, limits.embeddedFiles])
  const over = await read(some(limits.embeddedFiles + 1))
  expect(over.attachments).toHaveLength(limits.embeddedFiles)
  expect(over.reason).toContain(`the first ${limits.embeddedFiles} were taken out`)
})

test('one that unpacks to more than is read costs no other', async () => {
  const { attachments } = await read({
    'letter.txt': 'Please close my account',
    'bomb.txt': Buffer.alloc(limits.embeddedBytes + 1, 120),
    'last.txt': 'The last'
  })
  expect(attachments!.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['letter.txt', 'read'],
    ['bomb.txt', 'withheld'],
    ['last.txt', 'read']
  ])
})

test('an empty one and a damaged one say so', async () => {
  expect(await read({})).toMatchObject({ reason: expect.stringContaining('No text was found') })
  const damaged = zipOf({ 'letter.txt': 'x'.repeat(1_000) })
  damaged.fill(0, damaged.length - 60)
  expect((await readDocument(damaged, {}, pool)).reason).toMatch(/damaged/)
})
