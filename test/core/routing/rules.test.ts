import { describe, expect, test } from '@jest/globals'
import type { Rule } from '../../../config/schema.ts'
import { routingInput, type RoutingInput } from '../../../core/routing/input.ts'
import { Router } from '../../../core/routing/rules.ts'

const input = (given: Partial<RoutingInput> = {}): RoutingInput => ({
  recipients: [],
  answers: {},
  subject: '',
  text: '',
  ...given
})
const router = (...rules: [department: string, when: Rule['when']][]) =>
  new Router(
    {
      version: '7',
      rules: rules.map(([department, when], index) => ({
        id: `rule-${index + 1}`,
        department,
        when
      }))
    },
    'general'
  )
const departments = (rules: Router, given: Partial<RoutingInput>) =>
  rules.decide(input(given)).map(({ department }) => department)

describe('words', () => {
  const matches = (word: string, text: string) =>
    departments(router(['parks', { bodyWords: [word] }]), { text })[0] === 'parks'

  test.each([
    ['pothole', 'a POTHOLE here'],
    ['pothole', 'Pothole'],
    ['pothole', 'the pothole.'],
    ['pothole', '(pothole)'],
    ['pothole', 'pothole-filled'],
    ['semáforo', 'el SEMAFORO no anda'],
    ['semaforo', 'semáforo'],
    ['street light', 'the street  light'],
    ['street light', 'street\r\n\tlight'],
    ['street light', 'Street\u00A0Light'],
    ['  street light ', 'the street light'],
    ['ﬁre', 'fire'],
    ['straße', 'in der STRAßE'],
    ['парк', 'в ПАРК!'],
    ['σκουπίδια', 'ΣΚΟΥΠΙΔΙΑ'],
    ['حديقة', 'في حديقة كبيرة'],
    ['حديقة', 'حَدِيقَة'],
    ['פארק', '"פארק"'],
    ['पार्क', 'यह पार्क है'],
    ['공원', '그 공원 에'],
    ['c++', 'we use c++ here'],
    ['$5', 'it costs $5'],
    ['公园', '我要投诉公园的灯'],
    ['ゴミ', '昨日のゴミが残っています'],
    ['ขยะ', 'มีขยะอยู่หน้าบ้าน'],
    ['ថង់', 'មានថង់នៅ'],
    ['ຂີ້ເຫຍື້ອ', 'ມີຂີ້ເຫຍື້ອຢູ່'],
    ['အမှိုက်', 'ဒီမှာအမှိုက်ရှိတယ်']
  ])('%j is found in %j', (word, text) => expect(matches(word, text)).toBe(true))

  test.each([
    ['park', 'parking'],
    ['park', 'ballpark'],
    ['park', 'park2'],
    ['pothole', 'pot hole'],
    ['street light', 'streetlight'],
    ['street light', 'street, light'],
    ['парк', 'парковка'],
    ['공원', '동물공원장'],
    ['.', 'anything'],
    ['.*', 'anything'],
    ['a|b', 'a'],
    ['[a-z]+', 'abc'],
    ['(', 'x'],
    ['\\', 'x'],
    ['^', 'x'],
    ['$', 'x'],
    ['park', ''],
    [' ', 'blank'],
    ['\u0301', 'an accent alone'],
    ['\u00B4', 'an accent alone']
  ])('%j is not found in %j', (word, text) => expect(matches(word, text)).toBe(false))

  test('are looked for where the rule says', () => {
    const rules = router(
      ['streets', { subjectWords: ['lamp'] }],
      ['parks', { bodyWords: ['lamp'] }],
      ['water', { words: ['pipe'] }]
    )
    expect(departments(rules, { subject: 'lamp' })).toEqual(['streets'])
    expect(departments(rules, { text: 'lamp' })).toEqual(['parks'])
    expect(departments(rules, { subject: 'pipe' })).toEqual(['water'])
    expect(departments(rules, { text: 'pipe' })).toEqual(['water'])
  })

  test('one blank word in a list does not make the rule match everything, nor nothing', () => {
    const rules = router(['parks', { words: [' ', 'swing'] }])
    expect([
      departments(rules, { text: 'a lamp' }),
      departments(rules, { text: 'a swing' })
    ]).toEqual([['general'], ['parks']])
  })

  test.each([
    ' '.repeat(50_000),
    'a '.repeat(25_000),
    'a'.repeat(50_000),
    `a${' '.repeat(49_999)}`
  ])('a text made to be slow comes to an end (%#)', (text) => {
    expect(
      departments(router(['parks', { words: ['a b', 'a a a a b', 'aaaa aaaa'] }]), { text })
    ).toEqual(['general'])
  })
})

describe('our address', () => {
  test.each<[string, string, boolean]>([
    ['parks', 'parks@town.example', true],
    ['parks', 'PARKS@Town.Example', true],
    ['parks', 'parks+2026@town.example', true],
    ['Parks@Town.example', 'parks@town.example', true],
    ['parks@town.example', 'parks+x@town.example', true],
    ['parks@town.example', 'parks@elsewhere.example', false],
    ['parks', 'carparks@town.example', false],
    ['parks', 'parks.old@town.example', false],
    ['parks', '', false],
    ['parks', '@', false],
    ['parks', '+parks@town.example', false]
  ])('%j and a mail to %j: %p', (recipient, to, expected) => {
    expect(
      departments(router(['parks', { recipient: [recipient] }]), { recipients: [to] })
    ).toEqual([expected ? 'parks' : 'general'])
  })

  test('several of ours lead to several departments, each once', () => {
    const rules = router(
      ['parks', { recipient: ['parks', 'recreation'] }],
      ['water', { recipient: ['water'] }]
    )
    expect(
      departments(rules, {
        recipients: ['parks@a.example', 'water@a.example', 'recreation@a.example', 'jane@b.example']
      })
    ).toEqual(['parks', 'water'])
  })

  test('words decide for each address by itself', () => {
    const rules = router(
      ['streets', { recipient: ['parks'], words: ['lamp'] }],
      ['parks', { recipient: ['parks'] }],
      ['water', { recipient: ['water'] }]
    )
    expect(
      departments(rules, { recipients: ['parks@a.example', 'water@a.example'], text: 'a lamp' })
    ).toEqual(['streets', 'water'])
  })
})

describe('forms and answers', () => {
  test('a form leads where its rule says, a mail never by a form rule', () => {
    const rules = router(['streets', { form: ['streets'] }])
    expect(departments(rules, { form: 'streets' })).toEqual(['streets'])
    expect(departments(rules, { form: 'contact' })).toEqual(['general'])
    expect(
      routingInput({ channel: 'email', recipients: ['streets'], text: '' }).form
    ).toBeUndefined()
    expect(routingInput({ channel: 'web', recipients: ['streets'], text: '' }).form).toBe('streets')
  })

  test('an answer matches as a whole, and every field the rule names must', () => {
    const rules = router(['water', { answer: { topic: ['water', 'pipes'], urgent: ['no'] } }])
    expect(departments(rules, { answers: { topic: 'pipes', urgent: 'no' } })).toEqual(['water'])
    for (const answers of [
      { topic: 'pipes' },
      { topic: 'Pipes', urgent: 'no' },
      { topic: 'pipes ', urgent: 'no' }
    ])
      expect(departments(rules, { answers: answers as Record<string, string> })).toEqual([
        'general'
      ])
  })

  test('names that every object has are no answers', () => {
    expect(
      departments(router(['water', { answer: { constructor: ['x'], toString: ['y'] } }]), {})
    ).toEqual(['general'])
  })
})

test('the first rule that matches decides, and says which, why, and of what version', () => {
  const rules = router(['parks', { words: ['swing'] }], ['streets', { words: ['swing'] }])
  expect(rules.decide(input({ text: 'The Swing' }))).toEqual([
    {
      department: 'parks',
      rule: 'rule-1',
      version: '7',
      reason: 'rule "rule-1" matched',
      evidence: { words: 'Swing' }
    }
  ])
})

test('what no rule claims goes to general intake', () => {
  expect(router().decide(input())).toEqual([
    {
      department: 'general',
      rule: undefined,
      version: '7',
      reason: 'no rule matched, so general intake',
      evidence: {}
    }
  ])
})

const text = (given: string) => routingInput({ channel: 'email', recipients: [], text: given }).text

test('quoted lines of an earlier mail and text beyond a long letter are not looked at', () => {
  expect(text('new\n> old\n>> older\nmore')).toBe('new\nmore')
  expect(text('x'.repeat(60_000))).toHaveLength(50_000)
})

test('new words decide; what a mail quotes or passes on decides only where they say nothing', () => {
  const rules = router(['water', { words: ['meter'] }], ['streets', { words: ['lamp'] }])
  const route = (newText: string) =>
    rules.decide(
      routingInput({
        channel: 'email',
        recipients: [],
        text: `${newText}\n-----Original Message-----\nYour meter was read.`,
        newText
      })
    )[0]!
  expect(route('The lamp is out.')).toMatchObject({
    department: 'streets',
    reason: 'rule "rule-2" matched'
  })
  expect(route('See below.')).toMatchObject({
    department: 'water',
    reason: 'rule "rule-1" matched in what the mail quotes or passes on'
  })
})

test('words that were struck out and those of an image are not looked at, ornaments of tildes are', () => {
  expect(text('~~permit~~ licence [image: Water Works Union] 10^3')).toBe('  licence   10^3')
  expect(text('~~~ permit ~~~ and ~~ more')).toBe('~~~ permit ~~~ and ~~ more')
  expect(text('~~x'.repeat(15_000)).length).toBeLessThanOrEqual(50_000)
  expect(text('[image: '.repeat(6_000))).toHaveLength(48_000)
})
