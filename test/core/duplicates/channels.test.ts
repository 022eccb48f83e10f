/** The same words by two channels: what a subject, an answer or the sender's own particulars add. */
import { describe, expect, test } from '@jest/globals'
import { comparable } from '../../../core/duplicates/comparable.ts'
import { toContent, type Brought } from '../../../core/duplicates/envelope-content.ts'
import { ourNames } from '../../../core/duplicates/filler.ts'
import { judge } from '../../../core/duplicates/judge.ts'
import { loadAgency } from '../../../config/agency.ts'

const text =
  'My name is under the objection to the tree works at Elm Street that you sent round in spring. Please confirm it in writing.'
const ours = ourNames(await loadAgency('config'))

function kindOf(one: Partial<Brought>, other: Partial<Brought>): string {
  const [a, b] = [one, other].map((given) => ({
    text: comparable(text),
    content: toContent({ channel: 'email', language: 'en', text, documents: [], ...given }, ours),
    at: 0
  }))
  return judge(a!, b!, 'same').kind
}

const channels = ['web', 'sms', 'api', 'counter'] as const

describe.each(channels)('by mail with a subject, and by %s without one', (channel) => {
  test.each([
    'I withdraw this objection',
    'Please cancel this one',
    'Anulo lo siguiente',
    'Not the objection to the tree works',
    'Oak Avenue',
    'Permit 2024-118',
    'Re: withdrawn',
    'Hello, void'
  ])('"%s" says more: a person looks', (subject) => {
    expect([kindOf({ subject }, { channel }), kindOf({ channel }, { subject })]).toEqual([
      'likely',
      'likely'
    ])
  })

  test.each([
    'Tree works at Elm Street',
    'Re: Fwd: the objection',
    'AW: My objection',
    'Hello',
    'Contact form',
    'Parks and Recreation',
    'Calles y aceras',
    'Message from the website',
    'Question about the tree works'
  ])('"%s" says nothing that the text does not: they are one', (subject) => {
    expect([kindOf({ subject }, { channel }), kindOf({ channel }, { subject })]).toEqual([
      'sure',
      'sure'
    ])
  })
})

describe('an answer that only one of two channels was asked for', () => {
  test.each([
    [{ subject: 'Oak Avenue' }, { place: 'Elm Street' }],
    [{}, { place: 'Oak Avenue' }],
    [{}, { wish: 'cancel_it' }],
    [{}, { interpreter: 'no' }]
  ])('counts where it says more: %j / %j', (mail, answers) => {
    expect([
      kindOf(mail, { channel: 'api', answers }),
      kindOf({ channel: 'web', answers }, mail)
    ]).toEqual(['likely', 'likely'])
  })

  test.each([
    { place: 'Elm Street' },
    { topic: 'parks' },
    { topic: 'other' },
    { topic: 'Streets and Sidewalks' }
  ])('and not where the text says it too, or it names a department: %j', (answers) => {
    expect(kindOf({}, { channel: 'web', answers })).toBe('sure')
  })

  test('and not where the other has it for its subject', () => {
    const subject = 'Oak Avenue'
    expect(kindOf({ subject }, { channel: 'web', subject, answers: { subject } })).toBe('sure')
  })
})

describe("the sender's own particulars", () => {
  const sender = (more: Partial<NonNullable<Brought['sender']>>) => ({
    channel: 'web' as const,
    sender: { name: 'Ana Pereira', emails: [], phones: [], addresses: [], ...more }
  })
  test.each([
    ['address', { addresses: ['12 Oak Avenue'] }, { addresses: ['99 Elm Street'] }],
    ['flat', { addresses: ['12 Oak Avenue, Apt 4'] }, { addresses: ['12 Oak Avenue, Apt 5'] }],
    ['telephone number', { phones: ['(512) 555-0143'] }, { phones: ['(512) 555-0199'] }],
    ['code of the telephone', { phones: ['(512) 555-0143'] }, { phones: ['(412) 555-0143'] }],
    ['mail address', { emails: ['ana@one.example'] }, { emails: ['ana@two.example'] }]
  ])('another %s given is for a person: "at my address"', (_, one, other) => {
    expect([
      kindOf(sender(one), { ...sender(other), channel: 'api' }),
      kindOf(sender(one), sender(other))
    ]).toEqual(['likely', 'likely'])
  })

  test.each([
    ['written otherwise', { phones: ['+1 512 555 0143'] }, { phones: ['(512) 555-0143'] }],
    [
      'with other signs',
      { addresses: ['12 Oak Avenue, Town'] },
      { addresses: ['12 OAK AVENUE\nTown'] }
    ],
    ['in one of them only', { addresses: ['12 Oak Avenue'], phones: ['5125550143'] }, {}]
  ])('the same ones %s are no difference', (_, one, other) => {
    expect(kindOf(sender(one), { ...sender(other), channel: 'api' })).toBe('sure')
  })

  test('the address that a mail came from is not one that was given', () => {
    const from = (emails: string[]) => ({ emails, phones: [], addresses: [] })
    expect(
      kindOf({ sender: from(['ana@one.example']) }, { ...sender({ emails: ['ana@two.example'] }) })
    ).toBe('sure')
  })
})
