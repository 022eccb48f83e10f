import { describe, expect, test } from '@jest/globals'
import type { Envelope } from '../../../core/envelope.ts'
import { unheardBy } from '../../../core/replies/unheard.ts'
import {
  keyOf,
  latestOfWriter,
  usualWay,
  waysOf,
  type WrittenContact
} from '../../../core/replies/ways.ts'

type Given = Partial<WrittenContact> & {
  readonly emails?: readonly string[]
  readonly phones?: readonly string[]
  readonly name?: string
}

function contact(contactId: string, { emails = [], phones = [], name, ...more }: Given) {
  const sender = { emails, phones, addresses: [], ...(name ? { name } : {}) }
  return {
    contactId,
    channel: 'web',
    kind: 'message' as const,
    arrivedAt: new Date('2026-11-03T15:00:00Z'),
    envelope: { sender, language: 'en' } as unknown as Envelope,
    ...more
  }
}

const rosa = contact('1', { name: 'Rosa', emails: ['rosa@x.example'], phones: ['+12175550142'] })
const marked = (ways: ReturnType<typeof waysOf>) =>
  ways.map((one) => [
    keyOf(one),
    ...(['later', 'another', 'returned'] as const).filter((mark) => one[mark])
  ])

describe('the way that a reply takes by itself', () => {
  const back = (address: string) =>
    [{ way: 'mail', address, at: new Date(), reason: 'no such mailbox' }] as const

  test('is one that was given at first, and serves', () => {
    expect(keyOf(usualWay(waysOf([rosa], 'US'))!)).toBe('mail rosa@x.example')
    const ways = waysOf([rosa], 'US', back('rosa@x.example'))
    expect(keyOf(usualWay(ways)!)).toBe('text +12175550142')
  })

  test('is none of a later message, whose writer may be anybody who holds the receipt', () => {
    const first = contact('1', { emails: ['rosa@x.example'] })
    const eve = contact('2', { emails: ['eve@x.example'] })
    expect(usualWay(waysOf([first, eve], 'US', back('rosa@x.example')))).toBeUndefined()
    expect(keyOf(usualWay(waysOf([first, eve], 'US'))!)).toBe('mail rosa@x.example')
    expect(keyOf(usualWay(waysOf([first], 'US', back('rosa@x.example')))!)).toBe(
      'mail rosa@x.example'
    )
  })
})

describe('ways of a case', () => {
  test('of a person whose case staff joined come last, marked as theirs', () => {
    const leo = contact('2', { name: 'Leo', emails: ['leo@x.example'], joined: true })
    const ways = waysOf([rosa, leo], 'US')
    expect(marked(ways)).toEqual([
      ['mail rosa@x.example'],
      ['text +12175550142'],
      ['call +12175550142'],
      ['mail leo@x.example', 'another']
    ])
    expect(ways.at(-1)).toMatchObject({ name: 'Leo', contactId: '2' })
  })

  test('are the only ones that a case without an address has: still marked', () => {
    const anonymous = contact('1', {})
    const leo = contact('2', { emails: ['leo@x.example'], joined: true })
    expect(marked(waysOf([anonymous, leo], 'US'))).toEqual([['mail leo@x.example', 'another']])
    const followUp = contact('2', { emails: ['rosa@x.example'] })
    expect(marked(waysOf([anonymous, followUp], 'US'))).toEqual([['mail rosa@x.example']])
  })

  test('given with a joined case are own where the person is, by an address or on record', () => {
    const same = contact('2', { phones: ['+12175550142'], emails: ['rd@x.example'], joined: true })
    expect(marked(waysOf([rosa, same], 'US'))).toContainEqual(['mail rd@x.example', 'later'])
    const known = contact('2', { emails: ['rd@x.example'], joined: true, personId: '7' })
    const ways = waysOf([{ ...rosa, personId: '7' }, known], 'US')
    expect(marked(ways)).toContainEqual(['mail rd@x.example', 'later'])
  })

  test('of a message by a receipt are another person’s where its sender is known as one', () => {
    const [first, second] = [
      { ...rosa, personId: '7' },
      contact('2', { emails: ['leo@x.example'], personId: '8' })
    ]
    expect(marked(waysOf([first, second], 'US')).at(-1)).toEqual(['mail leo@x.example', 'another'])
    expect(latestOfWriter([first, second], 'US').contactId).toBe('1')
  })

  test('to which nothing arrives come after those that serve', () => {
    const returned = [
      { way: 'mail', address: 'Rosa@x.example', at: new Date(), reason: 'it bounced' }
    ] as const
    expect(marked(waysOf([rosa], 'US', returned))).toEqual([
      ['text +12175550142'],
      ['call +12175550142'],
      ['mail rosa@x.example', 'returned']
    ])
  })
})

describe('who does not get a reply', () => {
  const maria = contact('2', { name: 'Maria', phones: ['217 555 0199'], joined: true })
  const names = (to: { contactId: string; address?: string }, ...more: Given[]) =>
    unheardBy(
      [rosa, maria, ...more.map((given, index) => contact(`m${index}`, given))],
      to,
      'US'
    ).map(({ name, ways }) => [name, ...ways])

  test('is each other person of the case, with what they gave', () => {
    expect(names({ contactId: '1', address: 'rosa@x.example' })).toEqual([
      ['Maria', 'text', 'call']
    ])
    expect(names({ contactId: '2', address: '+12175550199' })).toEqual([
      ['Rosa', 'mail', 'text', 'call']
    ])
  })

  test('is nobody who gave the address, in whichever of their messages', () => {
    expect(
      names(
        { contactId: '1', address: 'rosa@x.example' },
        { emails: ['rosa@x.example'], joined: true }
      )
    ).toEqual([['Maria', 'text', 'call']])
  })

  test('is named once, however often they wrote; without a name and an address, too', () => {
    const again = { phones: ['+12175550199'], joined: true }
    expect(names({ contactId: '1' }, again, { joined: true })).toEqual([
      ['Maria', 'text', 'call'],
      [undefined]
    ])
  })

  test('is not who sent a message by the receipt and gave nothing', () => {
    expect(names({ contactId: '1' }, {})).toEqual([['Maria', 'text', 'call']])
  })
})
