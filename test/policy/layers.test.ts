import { expect, test } from '@jest/globals'
import path from 'node:path'
import { readSources } from '../helpers/sources.ts'

/** What each room may import besides itself and libraries: dependencies point one way. */
const mayImport: Record<string, readonly string[]> = {
  config: [],
  core: ['config'],
  channels: ['core', 'config'],
  workers: ['core', 'config'],
  desk: ['core', 'config']
}
const rooms = Object.keys(mayImport)

interface Import { readonly from: string; readonly room: string; readonly to: string }

function importsOf(file: { path: string; text: string }): Import[] {
  return [...file.text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target]) => {
    const to = path.posix.normalize(path.posix.join(path.posix.dirname(file.path), target!))
    return { from: file.path, room: to.split('/')[0]!, to }
  })
}

function folderOf(file: string): string {
  return file.split('/').slice(0, 2).join('/')
}

test('dependencies point one way: channels, workers, desk → core → config', () => {
  const sources = readSources(rooms)
  const imports = sources.flatMap(importsOf)
  expect(imports.length).toBeGreaterThan(100)
  const wrong = imports.filter(({ from, room }) => room !== from.split('/')[0] && !mayImport[from.split('/')[0]!]!.includes(room))
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('channels do not import each other: each can be taken out alone', () => {
  const wrong = readSources(['channels']).filter(({ path: file }) => file.split('/').length > 2).flatMap(importsOf)
    .filter(({ from, room, to }) => room === 'channels' && folderOf(from) !== folderOf(to))
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('the line and the routes are decided where nobody can be seen: no import of senders, contacts or people', () => {
  const blind = readSources(['core/line', 'core/routing'])
  expect(blind.length).toBeGreaterThan(5)
  const wrong = blind.flatMap(importsOf).filter(({ to }) => /^core\/(contacts|constituents|matching|people|settle)/.test(to))
  expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})
