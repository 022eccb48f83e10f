import { afterEach, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true })
})

/** Which rules a house of these files breaks, by the linter's own rules for dependencies. */
function brokenBy(files: Record<string, string>): string[] {
  const house = fs.mkdtempSync(path.join(os.tmpdir(), 'evenhand-house-'))
  folders.push(house)
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.join(house, path.dirname(name)), { recursive: true })
    fs.writeFileSync(path.join(house, name), text)
  }
  const program = path.resolve('node_modules/.bin/depcruise')
  const { stdout } = spawnSync(
    process.execPath,
    [program, '--config', path.resolve('.dependency-cruiser.mjs'), '--output-type', 'json', '.'],
    { cwd: house, encoding: 'utf8' }
  )
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string } }[] }
  }
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].toSorted()
}

const nobody = 'export interface Person { name: string }\n'

test('a house in which every arrow points down is as it should be', () => {
  expect(
    brokenBy({
      'core/line/take.ts':
        "import type { Event } from '../ledger/append.ts'\nexport const take = (event: Event) => event\n",
      'core/ledger/append.ts': 'export interface Event { kind: string }\n',
      'web/app.ts': "import { take } from '../core/line/take.ts'\nexport const app = take\n"
    })
  ).toEqual([])
})

test.each([
  [
    'a type of what stands above',
    'core-knows-nothing-above-it',
    {
      'core/a.ts':
        "import type { Person } from '../web/b.ts'\nexport const a = (one: Person) => one\n",
      'web/b.ts': nobody
    }
  ],
  [
    'the line and people, a step away',
    'the-line-cannot-reach-people',
    {
      'core/line/a.ts': "import { b } from '../cases/b.ts'\nexport const a = b\n",
      'core/cases/b.ts':
        "import type { Person } from '../people/c.ts'\nexport const b = (one: Person) => one\n",
      'core/people/c.ts': nobody
    }
  ],
  [
    'a circle of types',
    'no-circle',
    {
      'core/a.ts': "import type { B } from './b.ts'\nexport type A = B | 1\n",
      'core/b.ts': "import type { A } from './a.ts'\nexport type B = A | 2\n"
    }
  ],
  [
    'a room of the core that knows a later one',
    'ledger-knows-no-room-after-it',
    {
      'core/ledger/a.ts':
        "import type { Person } from '../line/b.ts'\nexport const a = (one: Person) => one\n",
      'core/line/b.ts': nobody
    }
  ],
  [
    'a client of a service outside in the core',
    'core-knows-no-provider',
    {
      'core/outbox/a.ts':
        "import type { B } from '../../platform/providers/twilio/b.ts'\nexport type A = B\n",
      'platform/providers/twilio/b.ts': 'export type B = 1\n'
    }
  ],
  [
    "a provider's own library in the core",
    'core-knows-no-provider',
    {
      'core/outbox/a.ts': "import type { Twilio } from 'twilio'\nexport type A = Twilio\n",
      'node_modules/twilio/package.json': '{ "name": "twilio", "main": "index.js" }\n',
      'node_modules/twilio/index.js': 'module.exports = {}\n'
    }
  ],
  [
    'two channels',
    'a-channel-knows-no-other',
    {
      'channels/sms/a.ts':
        "import type { Person } from '../fax/b.ts'\nexport const a = (one: Person) => one\n",
      'channels/fax/b.ts': nobody
    }
  ]
])('%s is named', (_, rule, files) => {
  expect(brokenBy(files)).toContain(rule)
})

test('every room of the core has its place in the order, and in the tree that newcomers read', async () => {
  const rooms = fs
    .readdirSync('core', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
  const { forbidden } = (
    (await import(path.resolve('.dependency-cruiser.mjs'))) as {
      default: { forbidden: { name: string; to: { path?: string } }[] }
    }
  ).default
  const ordered = forbidden.flatMap(
    ({ name }) => /^([a-z]+)-knows-no-room-after-it$/.exec(name)?.[1] ?? []
  )
  const last = /([a-z]+)\)\/$/.exec(
    forbidden.find(({ name }) => name === `${ordered.at(-1)}-knows-no-room-after-it`)!.to.path!
  )![1]!
  expect([...ordered, last].toSorted()).toEqual(rooms)
  const tree = fs.readFileSync('ARCHITECTURE.md', 'utf8')
  expect(rooms.filter((room) => !tree.includes(`${room}/`))).toEqual([])
})
