/** Cases at the command line: all of a receipt, who acts, and who wrote what was passed on. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import fs from 'node:fs'
import { emptyLine, stand, take, town } from '../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { runEvenhand, temporaryFolder } from '../helpers/running.ts'

let runtime: TestRuntime
let folder: string
beforeAll(async () => {
  runtime = await createTestRuntime()
  folder = temporaryFolder()
})
afterEach(() => emptyLine(runtime))
afterAll(async () => {
  await runtime.remove()
  fs.rmSync(folder, { recursive: true, force: true })
})

const run = (...args: string[]) =>
  runEvenhand(args, {
    DATABASE_URL: runtime.settings.DATABASE_URL!,
    DATA_DIR: folder,
    LOG_LEVEL: 'silent'
  })

test('all cases of a receipt are shown, each with its heading', async () => {
  const stood = await stand(runtime, { subject: 'The swing', text: crypto.randomUUID() })
  expect((await run('show', stood.receipt)).stdout).not.toContain('The swing')
  await take(runtime, 'cli:ann')
  const about = 'A lamp by the gate'
  const part = await runtime.line.split(stood.caseId, 'cli:ann', about, { into: 'streets' })
  const { stdout } = await run('show', stood.receipt)
  expect(stdout).toContain(`  case ${stood.caseId}  taken in parks: The swing\n`)
  expect(stdout).toContain(`  case ${part}  waiting in streets, place 1: A lamp by the gate\n`)
  expect(JSON.parse((await run('show', stood.receipt, '--json')).stdout).cases).toMatchObject([
    { caseId: stood.caseId, about: 'The swing' },
    { caseId: part, about }
  ])
  await emptyLine(runtime, 'streets')
})

test('where no account is set up, a name is recorded as typed, and that is said', async () => {
  const stood = await stand(runtime, { text: crypto.randomUUID() })
  const taken = await run('take', 'parks', '--as', 'ann')
  expect([taken.code, taken.stderr]).toEqual([0, expect.stringContaining('No account is set up')])
  expect(await run('return', stood.caseId, 'a slip', '--as', 'ann')).toMatchObject({ code: 0 })
})

test('who wrote what a colleague passed on is listed, accepted and taken back', async () => {
  const stood = await stand(runtime, {
    to: town('parks'),
    text: crypto.randomUUID(),
    sender: { name: 'Max', emails: ['max@willowcreek.example'] },
    evidence: { originator: { name: 'Ana Ruiz', email: 'ana@oak.example' } }
  })
  const line = `${stood.receipt}  parks  by Ana Ruiz, ana@oak.example, passed on by max@willowcreek.example\n`
  expect((await run('originators', 'parks')).stdout).toBe(line)
  expect(await run('originator', stood.receipt, 'accepted')).toMatchObject({
    code: 0,
    stdout: `${stood.receipt}  accepted: from ana@oak.example\n`
  })
  expect((await run('originators')).stdout).toBe('Of no contact has anybody to say who wrote it.\n')
  expect((await run('originator', stood.receipt, 'accepted')).code).toBe(1)
  const back = await run('originator', stood.receipt, 'taken-back', '--json')
  expect(JSON.parse(back.stdout)).toMatchObject({
    originator: { email: 'ana@oak.example' },
    sender: { emails: ['max@willowcreek.example'] }
  })
  expect((await run('originators')).stdout).toBe(line)
})
