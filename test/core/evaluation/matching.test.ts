import { describe, expect, test } from '@jest/globals'
import { MAX_FIELD, readCsv } from '../../../core/matching/csv.ts'
import { recogniseColumns } from '../../../core/matching/columns.ts'
import { evaluate } from '../../../core/evaluation/matching.ts'
import { clusterEdges } from '../../../core/matching/cluster.ts'

const left = [
  'id,first_name,last_name,dob,email,zip',
  '1,Robert,Alvarez,1971-06-24,bob.alvarez@example.com,62704',
  '2,Ann,Brennan,1980-02-11,ann@example.org,45402',
  '3,Ivan,Petrov,1990-01-05,,98901'
].join('\n')
const right = [
  'rec_id;x'.replace(';x', ',surname,given_name,date_of_birth,mail,postcode'),
  'a,Alvarez,Bob,06/24/1971,bob.alvarez@example.com,62704',
  'b,Brennan,Peter,1979-05-01,ann@example.org,45402',
  'c,Sokolova,Olga,1990-01-05,olga@example.net,98901'
].join('\n')

describe('evaluating a match of two files', () => {
  test('finds the one person both files know, and says how well', () => {
    const { figures } = evaluate(left, right, 'left,right\n1,a\n')
    expect(figures).toMatchObject({
      truePairs: 1,
      foundPairs: 1,
      precision: 1,
      recall: 1,
      f1: 1,
      automatic: { foundPairs: 1, precision: 1 }
    })
    expect(figures.seconds).toBeGreaterThan(0)
  })

  test('explains a pair bar by bar, and the bars add up to the score', () => {
    const explanation = evaluate(left, right, 'left,right\n1,a\n').explain('1', 'a')!
    expect(explanation.verdict).toEqual({ kind: 'linked' })
    expect(explanation.bars.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['prior', 'given', 'family', 'birth', 'email', 'place'])
    )
    expect(explanation.bars.reduce((sum, { bits }) => sum + bits, 0)).toBeCloseTo(
      explanation.bits,
      6
    )
  })

  test('keeps spouses who share a mailbox apart', () => {
    expect(evaluate(left, right, 'left,right\n').explain('2', 'b')?.verdict).toMatchObject({
      kind: 'possible',
      held: 'given names differ'
    })
  })

  test('knows no pair of unknown ids, and counts a true pair of unknown ids as missed', () => {
    const evaluated = evaluate(left, right, 'left,right\n1,a\n99,zz\n')
    expect(evaluated.explain('99', 'a')).toBeUndefined()
    expect(evaluated.figures).toMatchObject({ truePairs: 2, recall: 0.5 })
  })

  test('one file given twice means its duplicates, whichever way round the pair is written', () => {
    const file = `${left}\n4,Bob,Alvarez,1971-06-24,bob.alvarez@example.com,62704\n`
    expect(evaluate(file, file, 'left,right\n4,1\n').figures).toMatchObject({
      truePairs: 1,
      foundPairs: 1,
      f1: 1
    })
  })

  test('an empty file has nobody to find', () => {
    expect(evaluate('', '', '').figures).toMatchObject({
      truePairs: 0,
      foundPairs: 0,
      precision: 1,
      recall: 1
    })
    expect(evaluate('id,name\n', right, 'left,right\n').figures.foundPairs).toBe(0)
  })
})

describe('columns and rows', () => {
  test('takes the id from a column called so, else from the first', () => {
    expect(recogniseColumns({ columns: ['name', 'unique_id'], rows: [], rejects: [] }).id).toBe(1)
    expect(recogniseColumns({ columns: ['ref', 'surname'], rows: [], rejects: [] }).id).toBe(0)
  })

  test('a map decides where the usual names do not', () => {
    const { columns } = recogniseColumns(
      { columns: ['ref', 'nom'], rows: [], rejects: [] },
      { nom: 'family' }
    )
    expect(columns.get('family')).toEqual([1])
  })

  test('a column of firms called "name" holds organisations', () => {
    const { columns } = recogniseColumns({
      columns: ['id', 'Name'],
      rows: [
        ['1', 'Agilent Inc'],
        ['2', 'AKZO NOBEL N.V.'],
        ['3', 'Oak School']
      ],
      rejects: []
    })
    expect(columns.has('organisation')).toBe(true)
  })

  test('rejects what it cannot read, with its line, and keeps the rest', () => {
    const table = readCsv(
      `id,name\n1,Ann\n2,"Bob",x,y\n3,${'z'.repeat(MAX_FIELD)}\n4,${'z'.repeat(MAX_FIELD + 1)}\n`
    )
    expect(table.rows.map(([id]) => id)).toEqual(['1', '3'])
    expect(table.rejects).toEqual([
      { line: 3, reason: 'has 4 fields where the header has 2' },
      { line: 5, reason: `has a field longer than ${MAX_FIELD} characters` }
    ])
  })
})

// 0 and 1 are one family, 2 and 3 another; only 1 and 2 do not contradict.
function twoFamilies(a: number, b: number): { bits: number; against: boolean } {
  return { bits: 5, against: a < 2 !== b < 2 && a + b !== 3 }
}

describe('clusters', () => {
  const groups = [[0], [1], [2], [3]]
  const edges = [
    { left: 0, right: 1, bits: 20 },
    { left: 2, right: 3, bits: 19 },
    { left: 1, right: 2, bits: 8 }
  ]

  test('one odd link does not chain two families', () => {
    expect(clusterEdges(groups, edges, twoFamilies, -2).map((list) => list.sort())).toEqual([
      [0, 1],
      [2, 3]
    ])
  })

  test('rows that go together become one', () => {
    expect(
      clusterEdges(groups, edges, () => ({ bits: 5, against: false }), -2).map((list) =>
        list.sort()
      )
    ).toEqual([[0, 1, 2, 3]])
  })
})
