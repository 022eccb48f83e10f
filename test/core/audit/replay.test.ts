import { describe, expect, test } from '@jest/globals'
import { LineReplay, type LineEvent } from '../../../core/audit/replay.ts'

type Step = [kind: string, caseId: string, data?: LineEvent['data'], actor?: string]

/** Case "c3" arrived third. */
const arrival = (caseId: string) => ({
  arrivedAt: `2026-03-02T08:00:00.00000${caseId.slice(1)}Z`,
  ordinal: Number(caseId.slice(1))
})
const entered = (caseId: string): Step => ['entered', caseId, arrival(caseId)]
const taken = (caseId: string, actor = 'staff:ann', passedOver?: string[]): Step => [
  'taken',
  caseId,
  passedOver ? { passedOver } : {},
  actor
]

function replay(steps: Step[]) {
  const line = new LineReplay()
  for (const [index, [kind, caseId, data = {}, actor = 'staff:ann']] of steps.entries()) {
    line.apply({
      kind: `case.${kind}`,
      department: 'parks',
      turn: String(index + 1),
      case_id: caseId,
      actor,
      data
    })
  }
  return line.result()
}

const three = [entered('c1'), entered('c2'), entered('c3')]

describe('a ledger that holds', () => {
  test.each<[string, Step[]]>([
    ['nothing happened', []],
    ['each taken in order of arrival', [...three, taken('c1'), taken('c2'), taken('c3')]],
    [
      'an earlier arrival that was read later is no overtake',
      [entered('c2'), taken('c2'), entered('c1'), taken('c1')]
    ],
    [
      'entered out of order, taken in order',
      [entered('c3'), entered('c1'), entered('c2'), taken('c1'), taken('c2'), taken('c3')]
    ],
    [
      'returned and taken again',
      [...three, taken('c1'), ['returned', 'c1'], taken('c1'), taken('c2')]
    ],
    [
      'closed, reopened, first again',
      [
        ...three,
        taken('c1'),
        ['closed', 'c1'],
        taken('c2'),
        ['reopened', 'c1', arrival('c1')],
        taken('c1'),
        taken('c3')
      ]
    ],
    [
      'handed off and reopened',
      [...three, taken('c1'), ['handed-off', 'c1'], ['reopened', 'c1', arrival('c1')], taken('c1')]
    ],
    [
      'joined while it waits, the next is taken',
      [...three, ['joined', 'c2', {}], taken('c1'), taken('c3')]
    ],
    [
      'joined by the one who holds it',
      [...three, taken('c1'), ['closed', 'c1'], taken('c2'), ['joined', 'c2'], taken('c3')]
    ],
    [
      'put back at its place between takes',
      [
        ...three,
        ['joined', 'c2'],
        taken('c1'),
        ['unjoined', 'c2', arrival('c2')],
        taken('c2'),
        taken('c3')
      ]
    ],
    [
      'put back after later ones were taken',
      [
        ...three,
        ['joined', 'c2'],
        taken('c1'),
        taken('c3'),
        ['unjoined', 'c2', arrival('c2')],
        taken('c2')
      ]
    ],
    [
      'came by transfer and is the earliest',
      [
        entered('c2'),
        ['transferred', 'c1', { ...arrival('c1'), from: 'water' }],
        taken('c1'),
        taken('c2')
      ]
    ],
    ['went by transfer', [...three, taken('c1'), taken('c2'), taken('c3')]],
    [
      'passed by the one who takes',
      [
        ...three,
        taken('c1'),
        ['passed', 'c1'],
        taken('c2', 'staff:ann', ['c1']),
        taken('c3', 'staff:ann', ['c1']),
        taken('c1')
      ]
    ],
    [
      'the passed one goes to a colleague',
      [...three, taken('c1'), ['passed', 'c1'], taken('c1', 'staff:bob'), taken('c2', 'staff:bob')]
    ],
    [
      'two pass, both go past',
      [
        ...three,
        taken('c1'),
        ['passed', 'c1'],
        taken('c1', 'staff:bob'),
        ['passed', 'c1', {}, 'staff:bob'],
        taken('c2', 'staff:bob', ['c1']),
        taken('c3', 'staff:ann', ['c1'])
      ]
    ]
  ])('%s', (_, steps) => {
    expect(replay(steps)).toMatchObject({
      overtakes: 0,
      problems: [],
      takes: steps.filter(([kind]) => kind === 'taken').length
    })
  })
})

describe('an overtake', () => {
  test.each<[string, Step[]]>([
    ['a later arrival is taken first', [...three, taken('c2')]],
    ['the last is taken first', [...three, taken('c3')]],
    ['a returned case is overtaken', [...three, taken('c1'), ['returned', 'c1'], taken('c2')]],
    [
      'a reopened case is overtaken',
      [...three, taken('c1'), ['closed', 'c1'], ['reopened', 'c1', arrival('c1')], taken('c2')]
    ],
    [
      'a transferred case is overtaken',
      [entered('c2'), ['transferred', 'c1', arrival('c1')], taken('c2')]
    ],
    [
      'a case put back from a join is overtaken',
      [...three, ['joined', 'c1'], ['unjoined', 'c1', arrival('c1')], taken('c2')]
    ],
    [
      'the pass was before a join',
      [
        ...three,
        taken('c1'),
        ['passed', 'c1'],
        ['joined', 'c1'],
        ['unjoined', 'c1', arrival('c1')],
        taken('c2', 'staff:ann', ['c1'])
      ]
    ],
    [
      'passed by somebody else',
      [...three, taken('c1'), ['passed', 'c1', {}, 'staff:ann'], taken('c2', 'staff:bob', ['c1'])]
    ],
    [
      'passed, but the take does not say so',
      [...three, taken('c1'), ['passed', 'c1'], taken('c2')]
    ],
    ['the take says passed, but nobody passed', [...three, taken('c2', 'staff:ann', ['c1'])]],
    [
      'the pass was before a close',
      [
        ...three,
        taken('c1'),
        ['passed', 'c1'],
        taken('c1', 'staff:bob'),
        ['closed', 'c1'],
        ['reopened', 'c1', arrival('c1')],
        taken('c2', 'staff:ann', ['c1'])
      ]
    ],
    [
      'the pass was before a transfer away and back',
      [
        ...three,
        taken('c1'),
        ['passed', 'c1'],
        taken('c1', 'staff:bob'),
        ['transferred', 'c1', arrival('c1')],
        taken('c2', 'staff:ann', ['c1'])
      ]
    ]
  ])('%s', (_, steps) => {
    const result = replay(steps)
    expect(result.overtakes).toBe(1)
    expect(result.problems).toEqual([
      expect.stringMatching(
        /^parks, turn \d+: case c\d was taken before \d earlier arrivals?, the first being case c1$/
      )
    ])
  })

  test('names how many were overtaken, each counted once however often it came back', () => {
    const back: Step[] = [taken('c1'), ['returned', 'c1'], taken('c1'), ['returned', 'c1']]
    expect(replay([...three, ...back, taken('c3')]).problems).toEqual([
      'parks, turn 8: case c3 was taken before 2 earlier arrivals, the first being case c1'
    ])
  })

  test('a tie in time is broken by the ordinal', () => {
    const at = arrival('c1').arrivedAt
    const result = replay([
      ['entered', 'c1', { arrivedAt: at, ordinal: 1 }],
      ['entered', 'c2', { arrivedAt: at, ordinal: 2 }],
      taken('c2'),
      taken('c1')
    ])
    expect(result.overtakes).toBe(1)
  })
})

describe('a ledger that cannot be true', () => {
  test.each<[string, Step[], RegExp]>([
    ['a case taken that never came', [taken('c1')], /c1 was taken but did not stand/],
    [
      'a case taken twice',
      [entered('c1'), taken('c1'), taken('c1')],
      /c1 was taken but did not stand/
    ],
    [
      'a case taken after it was joined',
      [entered('c1'), ['joined', 'c1'], taken('c1')],
      /c1 was taken but did not stand/
    ],
    ['a case joined that never came', [['joined', 'c1']], /c1 was joined but never came/],
    [
      'a case put back twice',
      [
        entered('c1'),
        ['joined', 'c1'],
        ['unjoined', 'c1', arrival('c1')],
        ['unjoined', 'c1', arrival('c1')]
      ],
      /came into the line twice/
    ],
    ['a case that came twice', [entered('c1'), entered('c1')], /came into the line twice/],
    ['a return with no arrival on record', [['returned', 'c1']], /no arrival on record/],
    ['an end without a take', [entered('c1'), ['closed', 'c1']], /ended while it stood/],
    ['a hand-off without a take', [entered('c1'), ['handed-off', 'c1']], /ended while it stood/],
    [
      'an arrival that moved',
      [entered('c2'), ['joined', 'c2'], ['unjoined', 'c2', arrival('c1')]],
      /its arrival changed/
    ]
  ])('%s', (_, steps, problem) => {
    expect(replay(steps).problems).toEqual([expect.stringMatching(problem)])
  })
})
