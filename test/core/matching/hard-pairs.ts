import { readFileSync } from 'node:fs'
import { compareUnder, scoreOf, startingModel, type Model } from '../../../core/matching/model.ts'
import { personOfRow, recogniseColumns } from '../../../core/matching/columns.ts'
import type { Person } from '../../../core/matching/person.ts'
import { judge, type PairVerdict } from '../../../core/matching/verdict.ts'

/** As written by residents, before any normalisation. */
export interface Written {
  readonly name?: string
  readonly given?: string
  readonly family?: string
  readonly birth?: string
  readonly email?: string
  readonly phone?: string
  readonly address?: string
  readonly number?: string
}

export interface HardGroup {
  readonly group: string
  readonly why: string
  /**
   * linked: one person, and surely so. apart: two persons, or not to be told by machine; review is
   * right, a link is not.
   */
  readonly expected: 'linked' | 'apart'
  readonly pairs: readonly (readonly [Written, Written])[]
}

export const hardGroups: readonly HardGroup[] = JSON.parse(
  readFileSync(new URL('../../fixtures/matching/hard-pairs.json', import.meta.url), 'utf8')
) as HardGroup[]

const columnNames = {
  name: 'full_name',
  given: 'given_name',
  family: 'surname',
  birth: 'dob',
  email: 'email',
  phone: 'phone',
  address: 'full_address',
  number: 'ssn'
} as const

/**
 * A written person in comparable form, by the same way a CSV row takes; `order` arranges the
 * columns.
 */
export function personOf(
  written: Written,
  order: readonly (keyof Written)[] = Object.keys(columnNames) as (keyof Written)[]
): Person {
  const columns = ['id', ...order.map((field) => columnNames[field])]
  const row = ['1', ...order.map((field) => written[field] ?? '')]
  return personOfRow(row, recogniseColumns({ columns, rows: [], rejects: [] }))
}

const model = startingModel(10_000)

/** The verdict before any training, as on an agency's first day. */
export function verdictOf(
  a: Person,
  b: Person,
  under: Model = model
): PairVerdict & { readonly bits: number } {
  const comparison = compareUnder(under, a, b)
  const bits = scoreOf(under, comparison)
  return { ...judge(bits, comparison), bits }
}
