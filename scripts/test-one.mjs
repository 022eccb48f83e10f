#!/usr/bin/env node
// Runs the test files named, and those in the folders named; a path that leads nowhere ends with a
// sentence instead of a green run of the rest.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const args = process.argv.slice(2)
// What follows a jest option that takes a value is no path.
const valued = new Set([
  '-t',
  '--testNamePattern',
  '-w',
  '--maxWorkers',
  '--testTimeout',
  '--shard',
  '--seed'
])
const paths = args.filter((arg, index) => !arg.startsWith('-') && !valued.has(args[index - 1]))
const options = args.filter((arg) => !paths.includes(arg))
const missing = paths.filter((name) => !fs.existsSync(name))
if (paths.length === 0 || missing.length > 0) {
  const said =
    missing.length > 0
      ? `There is no ${missing.join(', no ')}.`
      : 'Name test files or folders of them.'
  process.stderr.write(`${said} Such as: npm run test:one -- test/core/line/take.test.ts\n`)
  process.exit(2)
}
const files = paths.flatMap((name) => (fs.statSync(name).isDirectory() ? inside(name) : [name]))
if (files.length === 0) {
  process.stderr.write(`There are no tests in ${paths.join(', ')}.\n`)
  process.exit(2)
}
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--runTestsByPath',
  ...files,
  ...options
]
spawn(process.execPath, jest, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1))

function inside(folder) {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.join(folder, name))
}
