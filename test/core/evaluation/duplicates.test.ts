import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { ocrCopies } from '../../../bench/ocr-copies.ts'
import { evaluateDuplicates } from '../../../core/evaluation/duplicates.ts'
import { corpusTest, readCorpus } from '../../helpers/corpora.ts'

const rows = [
  {
    id: 'a',
    person: 'p1',
    text: 'The bins in Mill Lane have not been emptied for three weeks and rats are about',
    cluster: 1
  },
  {
    id: 'b',
    person: 'p1',
    text: 'The bins in Mill Lane have not been emptied\r\nfor three weeks  and rats are about',
    cluster: 1
  },
  {
    id: 'c',
    person: 'p2',
    text: 'The bins in Mill Lane have not been emptied for three weeks and rats are about',
    cluster: 2
  },
  {
    id: 'd',
    person: 'p1',
    text: 'I should like to book the village hall for a wedding on the first Saturday in June',
    cluster: 3
  }
]

function lines(list: readonly unknown[]): string {
  return list.map((row) => JSON.stringify(row)).join('\n')
}

describe('evaluating duplicates', () => {
  test('counts pairs of the same person and none of different people', () => {
    expect(evaluateDuplicates(lines(rows))).toMatchObject({
      kind: 'duplicates',
      rows: 4,
      truePairs: 1,
      foundPairs: 1,
      precision: 1,
      recall: 1,
      f1: 1,
      sure: { foundPairs: 1 }
    })
  })

  test('does not depend on the order of the lines', () => {
    const { seconds: _, ...figures } = evaluateDuplicates(lines(rows))
    expect(evaluateDuplicates(lines(rows.toReversed()))).toMatchObject(figures)
  })

  test('lines that are no contact are counted, not fatal', () => {
    expect(evaluateDuplicates(`${lines(rows)}\n{"id": 1}\nnot json\n[]\nnull\n\n`)).toMatchObject({
      rows: 4,
      rejected: 4,
      truePairs: 1
    })
  })

  test('an empty file has no pairs', () => {
    expect(evaluateDuplicates('')).toMatchObject({
      rows: 0,
      truePairs: 0,
      foundPairs: 0,
      precision: 1,
      recall: 1
    })
  })

  test('a file that names campaigns is measured by its campaigns', () => {
    const letter =
      'I urge the council to keep the library open on Saturdays because working families cannot come on any other day of the week. '.repeat(
        2
      )
    const campaign = [
      letter,
      `${letter} My daughter learned to read there.`,
      'Something else entirely, about parking.'
    ].map((text, i) => ({ id: i, person: `p${i}`, text, campaign: i < 2 ? 'c' : null }))
    expect(evaluateDuplicates(lines(campaign))).toMatchObject({
      kind: 'campaigns',
      truePairs: 1,
      foundPairs: 1,
      f1: 1,
      campaigns: { groups: 1, grouped: 2 }
    })
  })
})

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

// One text of each cluster or campaign, so that every other text is another matter.
function distinctTexts(name: string): string[] {
  const rows = readCorpus(name)
    .split('\n')
    .filter((line) => line !== '')
    .map(
      (line) =>
        JSON.parse(line) as { id: string; text: string; cluster?: string; campaign?: string }
    )
  const first = new Map(
    rows
      .filter(({ text }) => text.length >= 60)
      .map((row) => [row.campaign ?? row.cluster ?? row.id, row.text])
  )
  // In an order that has nothing to do with who wrote them.
  return [...new Set(first.values())].sort((a, b) => (digest(a) < digest(b) ? -1 : 1))
}

// Least figures: measured on each file, less a small margin.
const least: Record<string, { precision: number; recall: number; sure?: number }> = {
  'duplicates/boston311.jsonl': { precision: 0.56, recall: 0.72 },
  'duplicates/uk_petitions.jsonl': { precision: 0.9, recall: 0 },
  'duplicates/uk_written_questions_grouped.jsonl': { precision: 0.67, recall: 0.25, sure: 0.99 },
  'campaigns/us_rulemaking.jsonl': { precision: 0.95, recall: 0.98 }
}

describe('on public corpora', () => {
  for (const name of Object.keys(least))
    corpusTest([name], `${name} keeps its figures`, () => {
      const { precision, recall, sure, rows: count } = evaluateDuplicates(readCorpus(name))
      console.info(
        `${name}: ${count} contacts, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`
      )
      expect(precision).toBeGreaterThanOrEqual(least[name]?.precision ?? 1)
      expect(recall).toBeGreaterThanOrEqual(least[name]?.recall ?? 1)
      expect(sure?.precision ?? 1).toBeGreaterThanOrEqual(least[name]?.sure ?? 0)
      return count
    })

  for (const name of Object.keys(least))
    corpusTest(
      [name],
      `copies of ${name} with 5 % character error are found: recall ≥ 0.95`,
      () => {
        const { precision, recall, truePairs, sure } = evaluateDuplicates(
          ocrCopies(distinctTexts(name).slice(0, 300), { rate: 0.05, perPerson: 5, people: true })
        )
        console.info(
          `${name}: ${truePairs} copies, precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}, ${sure?.foundPairs ?? 0} sure`
        )
        expect(recall).toBeGreaterThanOrEqual(0.95)
        expect(sure?.precision ?? 1).toBe(1)
        expect(precision).toBeGreaterThanOrEqual(0.975)
        return truePairs
      }
    )
})
