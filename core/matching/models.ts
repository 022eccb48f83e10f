import { sql, type Kysely } from 'kysely'
import { blocksOf } from './blocks.ts'
import type { FieldName } from './fields.ts'
import { startingModel, type Model } from './model.ts'
import type { Person } from './person.ts'
import { trainModel } from './train.ts'

/** Persons drawn from the register to train on: enough for stable figures, few enough for a minute's work. */
export const TRAINING_SAMPLE = 20_000
/** Below this many constituents there is nothing to learn from; the starting model serves. */
export const TRAINING_MINIMUM = 200

/** A model as the database holds it. */
interface StoredModel extends Omit<Model, 'frequencies' | 'words'> {
  readonly frequencies: Partial<Record<FieldName, [string, number][]>>
  readonly words: [string, number][]
}

/**
 * Learns a model from the agency's own register, without labels, and stores it. A contact is taken to come from someone known with
 * even odds, so the prior is half over the register's size.
 */
export async function trainOnRegister(db: Kysely<unknown>): Promise<Model> {
  const size = await registerSize(db)
  const persons = await sampleOf(db, size)
  const learned = persons.length < TRAINING_MINIMUM ? startingModel() : trainModel(persons, blocksOf(persons))
  const model = { ...learned, prior: priorFor(size) }
  await sql`insert into matching_models (model, trained_on) values (${JSON.stringify(pack(model))}::jsonb, ${persons.length})`.execute(db)
  return model
}

/** The newest model, with the prior of the register as it is now; the starting one where none was trained. */
export async function currentModel(db: Kysely<unknown>): Promise<Model> {
  const { rows } = await sql<{ model: StoredModel }>`select model from matching_models order by id desc limit 1`.execute(db)
  const size = await registerSize(db)
  const model = rows[0] ? unpack(rows[0].model) : startingModel()
  return { ...model, prior: priorFor(size) }
}

function priorFor(size: number): number {
  return 0.5 / Math.max(100, size)
}

async function registerSize(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql<{ size: string }>`select count(*) as size from constituents`.execute(db)
  return Number(rows[0]!.size)
}

async function sampleOf(db: Kysely<unknown>, size: number): Promise<Person[]> {
  const share = Math.min(100, TRAINING_SAMPLE / Math.max(1, size) * 100)
  const { rows } = await sql<{ comparable: Person }>`
    select comparable from constituents tablesample bernoulli (${share}) repeatable (20311) limit ${TRAINING_SAMPLE}
  `.execute(db)
  return rows.map((row) => row.comparable)
}

/** A value held by one in ten thousand or fewer weighs like any rare one; leaving those out keeps the model small. */
const RARE = 0.0001

function pack(model: Model): StoredModel {
  const entries = Object.entries(model.frequencies).map(([field, values]) => [field, [...values].filter(([, share]) => share > RARE)])
  return { ...model, frequencies: Object.fromEntries(entries), words: [...model.words].filter(([, share]) => share > RARE) }
}

function unpack(stored: StoredModel): Model {
  const entries = Object.entries(stored.frequencies).map(([field, values]) => [field, new Map(values)])
  return { ...stored, frequencies: Object.fromEntries(entries), words: new Map(stored.words) }
}
