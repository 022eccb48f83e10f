import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { settingNames } from '../../config/settings.ts'
import { namesOnly, program, readSources } from '../helpers/sources.ts'

const readme = fs.readFileSync('README.md', 'utf8')
const papers = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].map(
    (file) => ({ path: file, text: fs.readFileSync(file, 'utf8') })
  ),
  ...readSources(['docs'], ['.md'])
]

/** First column of the README's table under a heading, without its backticks. */
function column(heading: string): string[] {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading))!
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell!)
}

describe('settings', () => {
  const names = settingNames

  test('every variable that is read is in the README, and every one in the README is read', () => {
    expect(names.length).toBeGreaterThan(10)
    expect(column('Environment').toSorted()).toEqual(names.toSorted())
  })

  test('the sample file names them all, each commented out', () => {
    const sample = fs.readFileSync('.env.example', 'utf8')
    expect([...sample.matchAll(/^# ?([A-Z_]+)=/gm)].map(([, name]) => name!).toSorted()).toEqual(
      names.toSorted()
    )
  })

  test('nothing but the settings reads the environment', () => {
    const allowed = new Set(['config/settings.ts', 'scripts/setup.mjs'])
    const read = readSources(program, ['.ts', '.mjs'])
      .filter(({ path }) => !allowed.has(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/process\.env(?:\.|\[')([A-Z_]+)/g)].map(([, name]) => `${path}: ${name}`)
      )
    // PATH finds programs, TESSDATA_PREFIX the data of one of them; a command's LOG_LEVEL only has
    // another default than a server's.
    expect(read.filter((line) => !/: (?:PATH|LOG_LEVEL|TESSDATA_PREFIX)$/.test(line))).toEqual([])
    expect(
      readSources(['platform', 'core', 'channels', 'workers', 'web'])
        .filter(({ text }) => /process\.env(?!\[)/.test(namesOnly(text)))
        .map(({ path }) => path)
    ).toEqual([])
  })
})

test('every command is in the README, and every one in the README exists', () => {
  const help = execFileSync(process.execPath, ['cli/evenhand.ts', '--help'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const commands = [...help.split('Commands:')[1]!.matchAll(/^ {2}([a-z-]+)/gm)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'help')
  expect([...new Set(column('Commands').map((cell) => cell.split(' ')[1]!))].toSorted()).toEqual(
    commands.toSorted()
  )
})

test('every link between the papers leads to a file, and every anchor to a heading', () => {
  const links = papers
    .flatMap(({ path: file, text }) =>
      [...text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)].map((match) => ({
        file,
        target: (match[1] ?? match[2])!
      }))
    )
    .filter(({ target }) => !/^(https?|mailto):/.test(target))
  expect(links.length).toBeGreaterThan(10)
  expect(links.filter(({ file, target }) => !leadsSomewhere(file, target))).toEqual([])
})

function leadsSomewhere(file: string, target: string): boolean {
  const [to = '', anchor] = target.split('#', 2)
  const found = to === '' ? file : path.join(path.dirname(file), to)
  if (!fs.existsSync(found)) return false
  if (anchor === undefined || !found.endsWith('.md')) return true
  const headings = [...fs.readFileSync(found, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-')
  )
  return headings.includes(anchor)
}

test('npm scripts that the papers name exist', () => {
  const { scripts } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>
  }
  const named = papers.flatMap(({ path: file, text }) =>
    [...text.matchAll(/npm run (?:-s )?([a-z:]+)/g)].map(([, name]) => ({ file, name: name! }))
  )
  expect(named.filter(({ name }) => !(name in scripts))).toEqual([])
})

test('files that the papers name exist, but for one that its reader makes and a way turned down', () => {
  const rooms = program.filter((room) => room !== 'scripts')
  const named = new RegExp(`\`((?:${rooms.join('|')})/[\\w./-]+)\``, 'g')
  const missing = papers.flatMap(({ path: file, text }) =>
    [...text.matchAll(named)]
      .filter(([, name]) => !fs.existsSync(name!))
      .map(([, name]) => `${file}: ${name}`)
  )
  expect(missing).toEqual([
    'docs/add-a-channel.md: channels/pigeon/index.ts',
    'docs/decisions/0002-commands-live-in-scripts.md: core/cli/'
  ])
})

test('every decision says when, whether it holds, why, what else was weighed, and what follows', () => {
  const decisions = readSources(['docs/decisions'], ['.md'])
  expect(decisions.length).toBeGreaterThan(3)
  const parts = [
    /^# \d{4} .+$/m,
    /^Date: \d{4}-\d{2}-\d{2}$/m,
    /^Status: /m,
    /^## Context$/m,
    /^## Options turned down$/m,
    /^## Decision$/m,
    /^## Consequences$/m
  ]
  expect(
    decisions.filter(({ text }) => !parts.every((part) => part.test(text))).map(({ path }) => path)
  ).toEqual([])
})
