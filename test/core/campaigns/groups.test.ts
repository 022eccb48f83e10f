import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { CampaignGroups } from '../../../core/campaigns/groups.ts'
import { evaluateCampaigns } from '../../../core/evaluation/campaigns.ts'
import { sameLetter } from '../../../core/campaigns/overlap.ts'
import { comparable } from '../../../core/duplicates/comparable.ts'
import { corpusTest, readCorpus } from '../../helpers/corpora.ts'

const form =
  'I write to ask the council to reject the plan to close the Saturday service of the public library. Working families cannot come on ' +
  'any other day, and for many children it is the only quiet place to read. Please find the money elsewhere and keep the doors open for all of us.'
const own =
  'My grandfather taught himself English in the reading room downstairs, and I sat beside him with picture books until I could read them to him.'
const other =
  'The new bicycle lane on Harbour Road ends in the middle of a crossing, and twice this month I have seen somebody thrown over a bonnet there.'

function groupsOf(texts: readonly string[]): number[][] {
  const groups = new CampaignGroups()
  for (const text of texts) groups.add(comparable(text))
  return groups.groups()
}

describe('campaigns', () => {
  test('a form letter is one campaign with personal paragraphs before, after and within, and other letters stay out', () => {
    expect(
      groupsOf([
        form,
        other,
        `${own}\n\n${form}`,
        `${form}\n\n${own}`,
        form.replace('Please', `${own} Please`)
      ])
    ).toEqual([[0, 2, 3, 4]])
  })

  test('"see attached" of many people is no campaign', () => {
    expect(groupsOf(Array.from({ length: 20 }, () => 'See attached file(s)'))).toEqual([])
  })

  test('thousands of one letter are one group, and the work per letter stays bounded', () => {
    const letters = Array.from(
      { length: 3_000 },
      (_, no) => `Dear councillor ${no}, ${form} Yours, resident ${no * 7}`
    )
    expect(groupsOf(letters).map((members) => members.length)).toEqual([3_000])
  })

  test('whether two texts are one letter does not depend on their order, on case or on spacing', () => {
    const texts = fc
      .array(fc.constantFrom(...form.split('. '), ...own.split(', '), other), { maxLength: 8 })
      .map((parts) => parts.join('. '))
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const one = sameLetter(comparable(a), comparable(b))
        expect(sameLetter(comparable(b), comparable(a))).toBe(one)
        expect(sameLetter(comparable(a.toUpperCase()), comparable(b.replaceAll(' ', '\n  ')))).toBe(
          one
        )
      })
    )
  })

  test.each([
    ['empty', ''],
    ['NUL', '\u0000'],
    ['one letter', 'a'.repeat(1_000_000)],
    ['emoji', '👍🏽'.repeat(100)],
    ['right to left', 'זה מכתב '.repeat(100)]
  ])('texts of %s are grouped without failing', (_, text) => {
    expect(groupsOf([text, text, form])).not.toContainEqual([0, 1, 2])
  })

  function f1Of(name: string, rows: { text: string; campaign: string | null }[]): number {
    const { f1, precision, recall } = evaluateCampaigns(rows)
    console.info(
      `${name}: ${rows.length} contacts, precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}, F1 ${f1.toFixed(4)}`
    )
    return f1
  }

  test('our own letters are grouped with pairwise F1 of at least 0.97', () => {
    expect(
      f1Of('own', [
        { text: form, campaign: 'a' },
        { text: `${form} ${own}`, campaign: 'a' },
        { text: other, campaign: null }
      ])
    ).toBeGreaterThanOrEqual(0.97)
  })

  corpusTest(
    ['campaigns/us_rulemaking.jsonl'],
    'letters to a rulemaking are grouped with pairwise F1 of at least 0.97',
    () => {
      const rows = readCorpus('campaigns/us_rulemaking.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { text: string; campaign: string | null })
      expect(f1Of('us_rulemaking', rows)).toBeGreaterThanOrEqual(0.97)
      return rows.length
    }
  )
})
