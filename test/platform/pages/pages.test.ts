import { describe, expect, test } from '@jest/globals'
import { loadAgency } from '../../../config/agency.ts'
import { catalogue, type ErrorCode } from '../../../platform/errors.ts'
import { renderError } from '../../../platform/pages/error-page.ts'
import { residentFrame } from '../../../platform/pages/frame.ts'
import {
  direction,
  formatTime,
  formatTimes,
  inLanguage,
  nativeName,
  pickLanguage,
  translate
} from '../../../platform/pages/language.ts'
import { render } from '../../../platform/pages/render.ts'

describe('the language of a page', () => {
  const offered = ['en', 'es', 'zh-Hans']
  test.each([
    ['the one asked for in the address', { query: 'es', cookie: 'en', accept: 'en' }, 'es'],
    ['the one remembered', { cookie: 'es', accept: 'en' }, 'es'],
    ['the one the browser wants most', { accept: 'fr, es;q=0.9, en;q=0.5' }, 'es'],
    ["a region's language", { accept: 'es-MX' }, 'es'],
    ['the first one where none is wanted', {}, 'en'],
    ['the first one where none of the wanted is offered', { accept: 'ht' }, 'en'],
    [
      'the first one where one asked for is not offered',
      { query: '../../etc', cookie: '<script>' },
      'en'
    ],
    ['the first one where the header is nonsense', { accept: `${'x;q=z,'.repeat(10_000)}` }, 'en']
  ])('is %s', (_what, wish, expected) => expect(pickLanguage(wish, offered)).toBe(expected))

  test.each([
    ['ar', 'rtl'],
    ['he', 'rtl'],
    ['fa', 'rtl'],
    ['ur', 'rtl'],
    ['en', 'ltr'],
    ['es', 'ltr'],
    ['zh-Hans', 'ltr']
  ])('%s runs %s', (language, expected) => {
    expect(direction(language)).toBe(expected)
  })

  test('is named as its speakers name it', () =>
    expect(['es', 'vi', 'ar'].map(nativeName)).toEqual(['Español', 'Tiếng Việt', 'العربية']))
})

describe('a sentence', () => {
  const locales = {
    en: { hello: 'Hello {name}', only: 'Only here' },
    es: { hello: 'Hola, {name}' }
  }
  test('is said in the language with its words filled in', () =>
    expect(translate(locales, 'es')('hello', { name: 'Ana' })).toBe('Hola, Ana'))
  test('is said in English where it is not translated', () =>
    expect(translate(locales, 'es')('only')).toBe('Only here'))
  test('keeps a placeholder that nothing fills', () =>
    expect(translate(locales, 'en')('hello')).toBe('Hello {name}'))
  test('never takes what was filled in for a placeholder', () =>
    expect(translate(locales, 'en')('hello', { name: '{name}{only}' })).toBe('Hello {name}{only}'))
})

test("a text of the agency is shown in its first language where it lacks the visitor's", () => {
  expect(inLanguage({ en: 'Streets', es: 'Calles' }, 'vi', 'es')).toBe('Calles')
  expect(inLanguage({}, 'vi', 'es')).toBe('')
})

test("a time is shown in the agency's zone with the zone's name", () => {
  expect(formatTime(new Date('2025-01-31T23:30:00Z'), 'en', 'America/Chicago')).toBe(
    'January 31, 2025 at 5:30 PM CST'
  )
})

test.each(['es', 'fr', 'zh', 'ar'])(
  'where %s has no short name for the zone, it is named and not counted from Greenwich',
  (language) => {
    const shown = formatTime(new Date('2025-01-31T23:30:00Z'), language, 'America/Chicago')
    expect(shown).not.toMatch(/GMT|UTC|غرينتش|[-−]\p{Nd}/u)
  }
)

test('a span says once what its ends have in common', () => {
  const [from, to] = [new Date('2025-01-31T15:00:00Z'), new Date('2025-01-31T16:30:00Z')]
  expect(formatTimes(from, to, 'en', 'America/Chicago')).toMatch(
    /^January 31, 2025, 9:00\s–\s10:30\sAM CST$/
  )
  expect(formatTime(from, 'es', 'America/Chicago')).toMatch(/hora central$/)
})

test('whatever is filled into a page is escaped', async () => {
  const frame = residentFrame(await loadAgency('config'), 'en', '/')
  const hostile = '<script>alert(1)</script>"\'&'
  const page = render('platform/pages/error', {
    ...frame,
    title: hostile,
    heading: hostile,
    text: hostile,
    back: { href: hostile, text: hostile }
  })
  expect(page).not.toContain('<script>alert')
  expect(page.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;&#39;&amp;/g)).toHaveLength(5)
})

test('a page in a language written from right to left says so', async () => {
  const page = renderError('NOT_FOUND', residentFrame(await loadAgency('config'), 'ar', '/'))
  expect(page).toContain('<html lang="ar" dir="rtl">')
})

test('every error has a page in every offered language', async () => {
  const agency = await loadAgency('config')
  for (const language of agency.departments.agency.languages) {
    for (const code of Object.keys(catalogue) as ErrorCode[]) {
      const page = renderError(code, residentFrame(agency, language, ''))
      expect(page).toMatch(/<h1>[^<.]+<\/h1>/)
      expect(page).not.toContain('error.')
    }
  }
})
