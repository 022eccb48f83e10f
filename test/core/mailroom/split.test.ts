import { afterAll, describe, expect, it } from '@jest/globals'
import { assert, array, boolean, constantFrom, integer, property, record } from 'fast-check'
import { closeReaders } from '../../../core/documents/read.ts'
import { signSeparator } from '../../../core/documents/separators.ts'
import { findBarcodes } from '../../helpers/barcodes.ts'
import { countPages, differenceIn } from '../../../core/mailroom/page-count.ts'
import { arrange } from '../../../core/mailroom/arrange.ts'
import {
  drawRanks,
  fromRuns,
  newSeed,
  sealOf,
  toRuns
} from '../../../core/mailroom/random-order.ts'
import { rotatedBox } from '../../../core/mailroom/pictures.ts'
import {
  split,
  type SplitBatch,
  type SplitRules,
  type SplitSheet
} from '../../../core/mailroom/split.ts'
import { corpusFile, corpusTest, listCorpus, readCorpus } from '../../helpers/corpora.ts'

const secret = Buffer.from('a secret of this installation')
const rules: SplitRules = { secret, sheets: ['PATCHT'], numberPrefix: undefined, mark: undefined }
const batch: SplitBatch = { id: 'tray-7', expected: undefined, printed: 0 }
afterAll(closeReaders)

const plain: SplitSheet = {
  opens: false,
  blank: false,
  withheld: false,
  codes: [],
  kindSet: undefined,
  startsSet: undefined
}
const page: SplitSheet = plain
const blank: SplitSheet = { ...plain, blank: true }
const bought: SplitSheet = { ...plain, codes: ['PATCHT'] }
const own = (letter: number, name = batch.id): SplitSheet => ({
  ...plain,
  codes: [signSeparator({ batch: name, letter }, secret)]
})

/** The stack as one file: letters as a string of numbers, "|" for separators, "_" for blanks. */
function parted(
  sheets: SplitSheet[],
  more: Partial<SplitBatch> = {}
): { shape: string; problems: readonly string[] } {
  const found = split(
    sheets.map((sheet, index) => (index === 0 ? { ...sheet, opens: true } : sheet)),
    { ...batch, ...more },
    rules
  )
  return {
    shape: found.sheets
      .map(({ kind, letter }) => (kind === 'separator' ? '|' : kind === 'blank' ? '_' : letter))
      .join(''),
    problems: found.problems
  }
}

describe('our own separator sheets', () => {
  it('part letters, and nothing is amiss when all are there', () => {
    expect(parted([own(1), page, page, own(2), page, own(3), page], { expected: 3 })).toEqual({
      shape: '|11|2|3',
      problems: []
    })
  })

  it('may be scanned with their backs, or printed on both sides', () => {
    expect(parted([own(1), blank, page, blank, own(2), blank, page])).toEqual({
      shape: '|_1_|_2',
      problems: []
    })
    expect(parted([own(1), own(1), page, own(2), own(2), page])).toEqual({
      shape: '||1||2',
      problems: []
    })
  })

  it.each([
    ['one is missing', [own(1), page, own(3), page], '|1|2', 'Separator sheet 2 is missing.'],
    [
      'one lies there twice',
      [own(1), page, own(2), page, own(2), page],
      '|1|2|3',
      'Separator sheet 2 lies at positions 3 and 5.'
    ],
    [
      'one is of another tray',
      [own(1), page, own(2), page, own(3, 'tray-8'), page],
      '|1|2|3',
      'Position 5 is a separator sheet of batch tray-8.'
    ],
    [
      'two follow each other',
      [own(1), page, own(2), own(3), page],
      '|1||2',
      'No page follows separator sheet 2.'
    ],
    [
      'pages lie before the first',
      [page, page, own(1), page],
      '11|2',
      'Positions 1 and 2 lie before the first separator sheet.'
    ],
    [
      'a bought sheet lies among them',
      [own(1), page, bought, page],
      '|111',
      'Position 3 looks like a bought separator sheet; this batch is split by its own.'
    ],
    [
      'a page could not be read',
      [own(1), page, { ...page, withheld: true }],
      '|11',
      'Position 3 could not be read by machine and may be a separator sheet.'
    ]
  ])('hold the batch for a person when %s', (_what, sheets, shape, problem) => {
    expect(parted(sheets)).toEqual({ shape, problems: [problem] })
  })

  it('hold it too when sheets were made for the tray and none is found, or fewer letters than were counted', () => {
    expect(parted([page, page], { printed: 4 }).problems).toEqual([
      'Separator sheets were printed for this batch, and none was found.'
    ])
    expect(parted([own(1), page], { expected: 2 }).problems).toEqual([
      'Separator sheet 2 is missing.',
      '1 letter was found where 2 were counted.'
    ])
  })

  it('that were printed and are not found leave it to bought ones, and a person looks', () => {
    expect(parted([bought, page, bought, page], { printed: 4 })).toEqual({
      shape: '|1|2',
      problems: [
        'Separator sheets were printed for this batch, and none was found; it was split by bought ones.'
      ]
    })
    expect(parted([bought, page, bought, page])).toEqual({ shape: '|1|2', problems: [] })
  })

  it('cannot be made by a resident: a code in a letter does not split it', () => {
    const forged = signSeparator({ batch: batch.id, letter: 2 }, Buffer.from('guess'))
    expect(parted([own(1), { ...page, codes: [forged, 'https://example.org'] }, page])).toEqual({
      shape: '|11',
      problems: []
    })
  })

  it('let a file that goes on where another ended stay with its letter, and ask', () => {
    expect(parted([own(1), page, { ...page, opens: true }, own(2), page])).toEqual({
      shape: '|11|2',
      problems: [
        'Position 3 opens a file without a separator sheet; it was put to the letter before it.'
      ]
    })
  })
})

describe('without sheets of our own', () => {
  it('each file is a letter, and bought sheets part it', () => {
    expect(parted([page, page, { ...page, opens: true }, bought, page])).toEqual({
      shape: '112|3',
      problems: []
    })
    expect(parted([bought, page, bought, bought, page, bought])).toEqual({
      shape: '|1||2|',
      problems: []
    })
  })

  it('a file of nothing but blank sheets stays a letter', () => {
    expect(parted([blank, blank])).toEqual({ shape: '11', problems: [] })
    expect(parted([page, blank, { ...blank, opens: true }])).toEqual({ shape: '1_2', problems: [] })
  })
})

describe('what a person says', () => {
  it('goes before what the machine found, and can be taken back', () => {
    const started = { ...page, startsSet: true }
    expect(parted([page, started, page]).shape).toBe('122')
    expect(parted([page, { ...page, opens: true, startsSet: false }]).shape).toBe('11')
    expect(
      parted([page, { ...bought, kindSet: 'page' }, { ...blank, kindSet: 'page' }]).shape
    ).toBe('111')
    expect(parted([page, { ...page, kindSet: 'separator' }, page]).shape).toBe('1|2')
  })
})

describe('fronts and backs scanned as two stacks', () => {
  const fronts = { id: 'f', name: 'fronts.pdf', side: 'fronts' as const, pages: 3 }
  const backs = { id: 'b', name: 'backs.pdf', side: 'backs' as const, pages: 3 }
  const order = (...scans: Parameters<typeof arrange>[0][number][]) =>
    arrange(scans)
      .sheets.map(({ scanId, page: number }) => `${scanId}${number}`)
      .join(' ')

  it('are laid together, backs from last to first', () => {
    expect(order(fronts, backs)).toBe('f1 b3 f2 b2 f3 b1')
    expect(arrange([fronts, backs]).problems).toEqual([])
    expect(order(fronts, { ...fronts, id: 'g' }, backs, { ...backs, id: 'c' })).toBe(
      'f1 b3 f2 b2 f3 b1 g1 c3 g2 c2 g3 c1'
    )
  })

  it.each([
    [
      'counts differ',
      [fronts, { ...backs, pages: 2 }],
      'f1 f2 f3 b1 b2',
      'fronts.pdf has 3 fronts, backs.pdf has 2 backs: they were not laid together.'
    ],
    [
      'backs are missing',
      [fronts],
      'f1 f2 f3',
      'fronts.pdf holds fronts, and there are no backs to it.'
    ],
    [
      'fronts are missing',
      [backs],
      'b1 b2 b3',
      'backs.pdf holds backs, and there are no fronts to it.'
    ]
  ])('keep every page and ask a person when %s', (_what, scans, sheets, problem) => {
    expect(order(...scans)).toBe(sheets)
    expect(arrange(scans).problems).toEqual([problem])
  })
})

const anySheet = record({
  opens: boolean(),
  blank: boolean(),
  withheld: boolean(),
  codes: array(constantFrom('PATCHT', 'x', ...[1, 2].map((letter) => own(letter).codes[0]!)), {
    maxLength: 2
  }),
  kindSet: constantFrom(undefined, 'page', 'separator', 'blank'),
  startsSet: constantFrom(undefined, true, false)
})

describe('whatever lies in a stack', () => {
  it('every sheet is in exactly one letter, a separator or blank, letters are numbered without gaps, and the account balances', () => {
    assert(
      property(
        array(anySheet as unknown as ReturnType<typeof record<SplitSheet>>, { maxLength: 30 }),
        (sheets) => {
          const found = split(sheets, batch, rules)
          expect(
            found.sheets.every(({ kind, letter }) => (kind === 'page') === (letter !== undefined))
          ).toBe(true)
          const numbers = found.sheets.flatMap(({ letter }) => letter ?? [])
          expect([...new Set(numbers)]).toEqual(
            Array.from({ length: found.letters }, (_, index) => index + 1)
          )
          const account = countPages(
            sheets.length,
            found.sheets.map((sheet, index) => ({ ...sheet, withheld: sheets[index]!.withheld }))
          )
          expect(account.balanced).toBe(true)
        }
      )
    )
  })

  it('a page that is lost on the way shows in the account', () => {
    const account = countPages(4, [
      { kind: 'page', letter: 1, withheld: false },
      { kind: 'separator', letter: undefined, withheld: false },
      { kind: 'blank', letter: undefined, withheld: false }
    ])
    expect(account.balanced).toBe(false)
    expect(differenceIn(account)).toBe(
      '4 pages came in and 3 are accounted for: 1 in letters, 1 separators, 1 blank, 0 not read.'
    )
  })
})

describe('a word on a turned page', () => {
  it('lies where the turned picture shows it', () => {
    expect(rotatedBox([10, 20, 30, 25], 0, 100, 200)).toEqual([10, 20, 30, 25])
    expect(rotatedBox([10, 20, 30, 25], 90, 100, 200)).toEqual([175, 10, 180, 30])
    expect(rotatedBox([10, 20, 30, 25], 180, 100, 200)).toEqual([70, 175, 90, 180])
    expect(rotatedBox([10, 20, 30, 25], 270, 100, 200)).toEqual([20, 70, 25, 90])
  })
})

describe('the lot', () => {
  it('is a shuffle that who has the seed can do again, and no other seed gives', () => {
    assert(
      property(integer({ min: 0, max: 300 }), (count) => {
        const seed = newSeed()
        const ranks = drawRanks(seed, count)
        expect(ranks.toSorted((left, right) => left - right)).toEqual(
          Array.from({ length: count }, (_, index) => index)
        )
        expect(drawRanks(seed, count)).toEqual(ranks)
      }),
      { numRuns: 30 }
    )
    expect(drawRanks(newSeed(), 300)).not.toEqual(drawRanks(newSeed(), 300))
    expect(sealOf(Buffer.alloc(32))).not.toBe(sealOf(Buffer.alloc(32, 1)))
  })

  it('gives every place in the stack every rank alike: over 6,000 draws of six sheets no place is favoured', () => {
    const draws = 6_000
    const counts = Array.from({ length: 6 }, () => Array.from({ length: 6 }, () => 0))
    for (let draw = 0; draw < draws; draw++) {
      const seed = Buffer.alloc(32)
      seed.writeUInt32BE(draw)
      drawRanks(seed, 6).forEach((rank, place) => {
        counts[place]![rank]! += 1
      })
    }
    // 1,000 expected in each cell, standard deviation 29: five of them.
    for (const count of counts.flat()) expect(Math.abs(count - draws / 6)).toBeLessThan(145)
  })

  it('ordinals are written down as runs', () => {
    assert(
      property(array(integer({ min: 1, max: 500 }), { maxLength: 60 }), (numbers) => {
        const rising = [...new Set(numbers)].toSorted((left, right) => left - right)
        expect(fromRuns(toRuns(rising))).toEqual(rising)
      })
    )
    expect(toRuns([5, 6, 7, 9])).toEqual([
      [5, 7],
      [9, 9]
    ])
  })
})

interface Expected {
  readonly separators?: Record<string, boolean>
  readonly documents?: number
  readonly separator_string?: string
  readonly tag_pattern?: string
  readonly mode?: string
}
const stacks = 'barcode/paperless-separators'

corpusTest(
  [stacks],
  'stacks of the corpora are parted where their sheets say, with as many letters as there are',
  async () => {
    const expected = Object.entries(
      JSON.parse(readCorpus(`${stacks}/expected.json`)) as Record<string, Expected>
    ).filter(([name]) => name.endsWith('.pdf'))
    for (const [
      name,
      { separators = {}, documents, separator_string: sheet, tag_pattern: tag, mode }
    ] of expected) {
      const codes = await findBarcodes(corpusFile(`${stacks}/${name}`))
      const sheets = codes.map((found, index): SplitSheet => ({
        ...plain,
        opens: index === 0,
        codes: found.map(({ text }) => text)
      }))
      const found = split(sheets, batch, {
        ...rules,
        sheets: [sheet ?? 'PATCHT'],
        numberPrefix: mode ? 'ASN' : undefined,
        mark: tag ? new RegExp(tag) : undefined
      })
      const dropped = found.sheets.flatMap(({ kind }, index) => (kind === 'separator' ? index : []))
      expect([name, dropped]).toEqual([
        name,
        Object.entries(separators)
          .filter(([, keep]) => !keep)
          .map(([index]) => Number(index))
      ])
      const begun = found.sheets.flatMap(({ startedBy }, index) =>
        startedBy === 'number' || (startedBy === 'text' && tag) ? index : []
      )
      expect([name, begun]).toEqual([
        name,
        Object.entries(separators)
          .filter(([, keep]) => keep)
          .map(([index]) => Number(index))
      ])
      if (documents) expect([name, found.letters]).toEqual([name, documents])
    }
    return expected.length
  }
)

const pictures = ['falsepositives-2', 'qrcode-1', 'code128-1', 'pdf417-1'].map(
  (name) => `barcode/zxing/${name}`
)

corpusTest(pictures, 'pictures of the corpora without a separator split nothing', async () => {
  const without = pictures.flatMap((folder) => listCorpus(folder, /\.(png|jpg)$/))
  for (const file of without) {
    const [codes = []] = await findBarcodes(corpusFile(file))
    expect([
      file,
      split(
        [
          { ...page, opens: true },
          { ...page, codes: codes.map(({ text }) => text) }
        ],
        batch,
        rules
      ).letters
    ]).toEqual([file, 1])
  }
  return without.length
})
