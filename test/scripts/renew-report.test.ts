import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

type Status = 'passed' | 'failed' | 'pending'

let dir: string
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-report-'))
})
afterAll(() => fs.rmSync(dir, { recursive: true }))

/** A report of jest, as far as it is read. */
function write(name: string, files: Record<string, Record<string, Status>>): string {
  const file = path.join(dir, name)
  const testResults = Object.entries(files).map(([short, tests]) => ({
    name: path.resolve(short),
    status:
      Object.keys(tests).length === 0 || Object.values(tests).includes('failed')
        ? 'failed'
        : 'passed',
    assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status }))
  }))
  fs.writeFileSync(file, JSON.stringify({ testResults }))
  return file
}

const run = (script: string, ...args: string[]) =>
  execFileSync(process.execPath, [`scripts/${script}.mjs`, ...args], { encoding: 'utf8' })

test('names the files that failed, and none of the others', () => {
  const report = write('first.json', {
    'test/a.test.ts': { one: 'passed', two: 'failed' },
    'test/b.test.ts': { three: 'passed' },
    'test/c.test.ts': {}
  })
  expect(run('renew-report', 'failed', report)).toBe('test/a.test.ts\ntest/c.test.ts\n')
})

test('what passed alone is named and counted as passed; what failed again counts as failed', () => {
  const report = write('report.json', {
    'test/a.test.ts': { one: 'passed', two: 'failed' },
    'test/b.test.ts': { three: 'passed', four: 'pending' },
    'test/c.test.ts': {},
    'test/d.test.ts': { five: 'failed' }
  })
  const again = write('again.json', {
    'test/a.test.ts': { one: 'passed', two: 'passed' },
    'test/c.test.ts': {},
    'test/d.test.ts': { five: 'failed' }
  })
  const said = run('renew-report', 'renew', report, again)
  expect(said).toMatch(/^failed beside other tests and passed alone.*test\/a\.test\.ts: two\n$/)
  expect(run('count-tests', report).trim()).toBe('3 passed, 2 failed, 1 skipped')
})
