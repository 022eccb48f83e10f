/** Large bodies are taken apart in a thread that may die without taking anything along. */
import { expect, test } from '@jest/globals'
import { runAside } from '../../../platform/http-bodies/aside.ts'

const module = (code: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`export default async (task) => { ${code} }`)}`
  )

test('its work comes back, and what it refuses with', async () => {
  expect(await runAside(module('return { done: task.length }'), 'four')).toBe(4)
  await expect(
    runAside(module("return { refused: 'INTAKE_TOO_LARGE', detail: 'so it is' }"), 0)
  ).rejects.toMatchObject({ code: 'INTAKE_TOO_LARGE', detail: 'so it is' })
})

test.each([
  ['that ends', 'process.exit(3)'],
  ['that throws', "throw new Error('broken')"],
  ['whose memory is full', 'const all = []; for (;;) all.push(new Array(1e6).fill(all.length))']
])(
  'a thread %s asks the sender to come again, and the next body gets its own',
  async (_what, code) => {
    await expect(runAside(module(code), 0)).rejects.toMatchObject({
      code: 'INTAKE_BUSY',
      retry: true
    })
    expect(await runAside(module('return { done: true }'), 0)).toBe(true)
  }
)
