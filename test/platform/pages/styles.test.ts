import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'

const root = path.resolve(import.meta.dirname, '../../..')
const assets = path.join(root, 'platform/pages/assets')
const sheets = fs.readdirSync(assets).filter((name) => name.endsWith('.css'))
const css = Object.fromEntries(
  sheets.map((name) => [name, fs.readFileSync(path.join(assets, name), 'utf8')])
)
const templates = ['platform', 'channels', 'web'].flatMap((room) =>
  fs
    .readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.eta'))
    .map(
      (name) => [`${room}/${name}`, fs.readFileSync(path.join(root, room, name), 'utf8')] as const
    )
)

describe('the style sheets', () => {
  test('are at most 60 KB together', () => {
    const bytes = Object.values(css).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThanOrEqual(60_000)
  })

  test.each(sheets)('%s takes its colours from the tokens', (name) => {
    const rules = css[name]!.replace(/\/\*.*?\*\//gs, '').replace(/:root \{.*?\}/gs, '')
    const colours = rules.match(/#[0-9a-f]{3,8}\b/gi) ?? []
    // White paper is white in every mode: scans and codes stand on it.
    expect(colours.filter((colour) => colour !== '#fff')).toEqual([])
  })

  test('say every colour again for dark mode', () => {
    const [light = '', dark = ''] = css['base.css']!.match(/:root \{.*?\}/gs)!
    const names = (block: string) =>
      [...block.matchAll(/(--[a-z-]+): #/g)].map(([, name]) => name).toSorted()
    expect(names(dark)).toEqual(names(light))
  })
})

test.each(templates)('%s has no styles of its own, and no classes of another design', (_, text) => {
  expect(text).not.toMatch(/\sstyle="|<style/)
  expect(text).not.toMatch(/class="[^"]*\b(usa|eh)-/)
})

test.each(templates)('%s names only icons that there are', (_, text) => {
  const sprite = fs.readFileSync(path.join(assets, 'icons.svg'), 'utf8')
  for (const [, name] of text.matchAll(/it\.icon\('([a-z]+)'\)/g))
    expect(sprite).toContain(`id="${name}"`)
})
