import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { evaluateRoutes, readExamples } from '../../../core/evaluation/routing.ts'
import { suggestDepartment, type RoutedText } from '../../../core/routing/learned.ts'
import { trainRouter } from '../../../core/routing/train.ts'
import { corpusTest, readCorpus } from '../../helpers/corpora.ts'

const examples: RoutedText[] = [
  ...[
    'pothole in the road',
    'deep pothole near the bridge',
    'road surface broken',
    'the road has a hole'
  ].map((text) => ({ text, department: 'streets' })),
  ...[
    'bins not emptied',
    'missed rubbish collection',
    'rubbish and bins overflowing',
    'bins were missed again'
  ].map((text) => ({ text, department: 'waste' }))
]
const router = trainRouter(examples)

function csv(rows: readonly RoutedText[]): string {
  return [
    'text,label',
    ...rows.map(({ text, department }) => `"${text.replaceAll('"', '""')}",${department}`)
  ].join('\n')
}

describe('a learned suggestion', () => {
  test('names the department and the words that decided', () => {
    const { likeliest, words } = suggestDepartment(router, 'Another pothole in our road')
    expect(likeliest).toBe('streets')
    expect(words.map(({ word }) => word)).toEqual(expect.arrayContaining(['pothole', 'road']))
  })

  test('abstains below the confidence asked for, and always where no word is known', () => {
    expect(
      suggestDepartment(router, 'Another pothole in our road', 1.01).department
    ).toBeUndefined()
    expect(suggestDepartment(router, 'zyx 私は', 0).department).toBeUndefined()
  })

  test('does not depend on the order of the examples', () => {
    const again = trainRouter(examples.toReversed())
    expect(suggestDepartment(again, 'bins by the road')).toEqual(
      suggestDepartment(router, 'bins by the road')
    )
  })

  test.each([
    ['empty', ''],
    ['NUL', '\u0000'],
    ['a lone surrogate', '\uD800'],
    ['emoji', '👍🏽'],
    ['one letter', 'a'.repeat(1_000_000)],
    ['a megabyte of words', 'bins '.repeat(200_000)]
  ])('a text of %s is read without failing', (_, text) => {
    expect(suggestDepartment(router, text).confidence).toBeLessThanOrEqual(1)
  })

  test('is a share of certainty for any text, and case and spacing do not change it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('pothole', 'bins', 'road', 'missed', 'the', 'zebra')),
        (words) => {
          const one = suggestDepartment(router, words.join(' '))
          expect(one.confidence).toBeGreaterThan(0)
          expect(suggestDepartment(router, words.join('\n  ').toUpperCase())).toEqual(one)
        }
      )
    )
  })

  test('no examples teach nothing, and are counted as such', () => {
    expect(evaluateRoutes('text,label\n', csv(examples))).toMatchObject({
      trained: 0,
      departments: 0,
      accuracy: 0
    })
  })

  test('rows without a text or label are counted as rejected', () => {
    expect(readExamples('text,label\nbins,waste\n,waste\nroad,\nroad\n')).toEqual({
      examples: [{ text: 'bins', department: 'waste' }],
      rejected: 3
    })
  })
})

// Least accuracy over all and of what is suggested: measured on a fixed fifth of each file, less a
// small margin.
const least: Record<string, [number, number]> = {
  'routing/boston311_service.csv': [0.89, 0.92],
  'routing/boston311_agency.csv': [0.71, 0.83],
  'routing/uk_written_questions.csv': [0.63, 0.86],
  'routing/uk_petitions.csv': [0.57, 0.75],
  'routing/cfpb_complaints.csv': [0.68, 0.76]
}

describe('on public corpora, a fifth held out by the hash of its text', () => {
  for (const name of Object.keys(least))
    corpusTest([name], `${name} keeps its figures`, () => {
      const parts = Map.groupBy(
        readExamples(readCorpus(name)).examples,
        ({ text }) => (createHash('sha256').update(text).digest()[0] ?? 0) % 5 === 0
      )
      const { accuracy, macroF1, atConfidence, trained, tested } = evaluateRoutes(
        csv(parts.get(false) ?? []),
        csv(parts.get(true) ?? [])
      )
      console.info(
        `${name}: ${trained} learned, ${tested} tested, accuracy ${accuracy.toFixed(3)}, macro-F1 ${macroF1.toFixed(3)}, ${JSON.stringify(atConfidence)}`
      )
      expect(accuracy).toBeGreaterThanOrEqual(least[name]?.[0] ?? 1)
      expect(atConfidence.accuracy).toBeGreaterThanOrEqual(least[name]?.[1] ?? 1)
      return tested
    })
})
