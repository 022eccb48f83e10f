import { describe, expect } from '@jest/globals'
import { readCsv } from '../../../core/matching/csv.ts'
import { evaluate } from '../../../core/evaluation/matching.ts'
import { corpusTest, readCorpus } from '../../helpers/corpora.ts'

interface Corpus {
  readonly name: string
  readonly file: string
  /** The person a row is about, from the column that holds the truth. */
  readonly truth: { readonly column: string; readonly read?: (value: string) => string }
  /** The rows' own id, where it is not the first column or called so. */
  readonly id: string
  /** Rows used; all where absent. The whole of the largest set takes a minute. */
  readonly rows?: number
  /** Measured when last changed, less a small margin. */
  readonly atLeast: {
    readonly precision: number
    readonly recall: number
    readonly f1: number
    readonly automatic: number
  }
}

const recNumber = (value: string): string => value.split('-')[1]!

const corpora: readonly Corpus[] = [
  {
    name: 'FEBRL 1',
    file: 'febrl/dataset1.csv',
    id: 'rec_id',
    truth: { column: 'rec_id', read: recNumber },
    atLeast: { precision: 0.999, recall: 0.97, f1: 0.985, automatic: 0.999 }
  },
  {
    name: 'FEBRL 3',
    file: 'febrl/dataset3.csv',
    id: 'rec_id',
    truth: { column: 'rec_id', read: recNumber },
    atLeast: { precision: 0.999, recall: 0.965, f1: 0.981, automatic: 0.999 }
  },
  {
    name: 'fake_1000',
    file: 'splink/fake_1000.csv',
    id: 'unique_id',
    truth: { column: 'cluster' },
    atLeast: { precision: 0.995, recall: 0.9, f1: 0.95, automatic: 0.995 }
  },
  {
    name: 'Chicago childcare',
    file: 'dedupe/chicago_early_childhood_half.csv',
    id: 'Id',
    truth: { column: 'True Id' },
    atLeast: { precision: 0.9, recall: 0.97, f1: 0.93, automatic: 0.995 }
  },
  {
    name: 'historical, first 6,000 rows',
    file: 'splink/historical_50k_half.csv',
    id: 'unique_id',
    rows: 6_000,
    truth: { column: 'cluster' },
    atLeast: { precision: 0.99, recall: 0.73, f1: 0.84, automatic: 0.999 }
  }
]

function csv(rows: readonly (readonly string[])[]): string {
  return rows
    .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
    .join('\n')
}

/** The file with its truth taken out, and the truth as pairs. */
function prepare(corpus: Corpus): { text: string; truth: string } {
  const table = readCsv(readCorpus(`record-linkage/${corpus.file}`))
  const rows = table.rows.slice(0, corpus.rows)
  const [id, at] = [table.columns.indexOf(corpus.id), table.columns.indexOf(corpus.truth.column)]
  const kept = table.columns
    .map((_, index) => index)
    .filter((index) => index === id || index !== at)
  const persons = new Map<string, string[]>()
  for (const row of rows) {
    const person = corpus.truth.read?.(row[at]!) ?? row[at]!
    persons.set(person, [...(persons.get(person) ?? []), row[id]!])
  }
  const pairs = [...persons.values()].flatMap((ids) =>
    ids.flatMap((left, index) => ids.slice(index + 1).map((right) => [left, right]))
  )
  return {
    text: csv([table.columns, ...rows].map((row) => kept.map((index) => row[index] ?? ''))),
    truth: csv([['left', 'right'], ...pairs])
  }
}

describe('record-linkage corpora, without labels and with one set of thresholds', () => {
  for (const corpus of corpora)
    corpusTest(
      [`record-linkage/${corpus.file}`],
      `${corpus.name} is matched as well as last measured`,
      () => {
        const { text, truth } = prepare(corpus)
        const { figures } = evaluate(text, text, truth)
        const { automatic } = figures
        process.stderr.write(
          `${corpus.name}: ${figures.truePairs} true pairs; P ${figures.precision.toFixed(4)} R ${figures.recall.toFixed(4)} F1 ${figures.f1.toFixed(4)}; automatic P ${automatic.precision.toFixed(4)} R ${automatic.recall.toFixed(4)}; ${figures.seconds.toFixed(0)} s\n`
        )
        expect(figures.precision).toBeGreaterThanOrEqual(corpus.atLeast.precision)
        expect(figures.recall).toBeGreaterThanOrEqual(corpus.atLeast.recall)
        expect(figures.f1).toBeGreaterThanOrEqual(corpus.atLeast.f1)
        expect(automatic.precision).toBeGreaterThanOrEqual(corpus.atLeast.automatic)
        return figures.truePairs
      },
      600_000
    )
})
