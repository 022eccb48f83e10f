import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import sharp from 'sharp'
import { wordRecall } from '../../../core/evaluation/documents.ts'
import type { Recognised } from '../../../core/documents/reader/tsv.ts'
import { letterPng, truth } from './fixtures.ts'

const place = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/documents/${name}`, import.meta.url))
let folder: string
let letter: { data: Buffer; info: { width: number; height: number } }
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'evenhand-recognise-'))
  letter = await sharp(await letterPng())
    .greyscale()
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function recognise(
  languages: string,
  data = letter.data
): Promise<{ connected: boolean; result: Recognised & { failed?: string } }> {
  const file = path.join(folder, 'letter.grey')
  await writeFile(file, data)
  const args = [
    '--no-warnings',
    '--require',
    place('no-network.cjs'),
    place('recognise.ts'),
    file,
    String(letter.info.width),
    String(letter.info.height),
    languages
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env['PATH'], TMPDIR: folder }
  })
  return {
    connected: stdout.includes('\nconnects\n'),
    result: JSON.parse(/\nresult (.*)\n/.exec(stdout)![1]!)
  }
}

it('reads in several languages without a single request leaving the machine, which would be seen', async () => {
  const { connected, result } = await recognise('eng+spa')
  expect(wordRecall(truth, result.text)).toBeGreaterThan(0.97)
  expect(connected).toBe(false)
  expect(await recognise('from-afar')).toMatchObject({
    connected: true,
    result: { failed: expect.any(String) }
  })
})

it('refuses a language whose data is not there, and does not wait for it', async () => {
  expect((await recognise('tlh')).result.failed).toContain('whose data is not installed')
})

it('is not turned by pixels that look like the orientation of a photograph', async () => {
  const straight = await recognise('eng')
  const marked = Buffer.from(letter.data)
  marked.set([1, 18, 0, 3, 0, 0, 0, 1, 0, 6], 10)
  expect((await recognise('eng', marked)).result.words).toEqual(straight.result.words)
})
