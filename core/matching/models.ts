import { sql } from 'kysely'
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { EvenhandError } from '../../platform/errors.ts'
import { blocksOf } from './blocks.ts'
import type { FieldName } from './fields.ts'
import { startingModel, type Model } from './model.ts'
import type { Person } from './person.ts'
import { trainModel } from './train.ts'
import type { Db } from '../../platform/db/database.ts'

/**
 * Persons drawn from the register to train on: enough for stable figures, few enough for a minute's
 * work.
 */
export const TRAINING_SAMPLE = 20_000
/** Below this many constituents there is nothing to learn from; the starting model serves. */
export const TRAINING_MINIMUM = 200

/** A model as the database holds it. */
interface StoredModel extends Omit<Model, 'frequencies' | 'words'> {
  readonly frequencies: Partial<Record<FieldName, [string, number][]>>
  readonly words: [string, number][]
}

/**
 * Learns a model from the agency's own register, without labels, and stores it. A contact is taken
 * to come from someone known with even odds, so the prior is half over the register's size.
 */
export async function trainOnRegister(
  db: Db,
  train: (persons: Person[]) => Promise<Model> = trainHere
): Promise<Model> {
  const size = await registerSize(db)
  const { persons, hashed } = await sampleOf(db, size)
  const learned = persons.length < TRAINING_MINIMUM ? startingModel() : await train(persons)
  const model = { ...learned, prior: priorFor(size) }
  await sql`insert into matching_models (model, trained_on, register_size, hashed)
      values (${JSON.stringify(pack(model))}::jsonb, ${persons.length}, ${size},
      ${hashed})`.execute(db)
  return model
}

async function trainHere(persons: Person[]): Promise<Model> {
  return trainModel(persons, blocksOf(persons))
}

/** Trains in a process of its own: twenty thousand persons are some twenty seconds of computing. */
export function trainApart(persons: Person[]): Promise<Model> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./train-process.ts', import.meta.url)), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--no-warnings', '--max-old-space-size=1024'],
      env: { PATH: process.env['PATH'] }
    })
    child.once('message', (model) => resolve(model as Model))
    child.on('error', () => child.kill('SIGKILL'))
    child.once('exit', () =>
      reject(new EvenhandError('INTERNAL', 'the training ended without a model'))
    )
    child.send(persons)
  })
}

/** Growth of the register after which it is learnt from again. */
const GROWN = 1.5

/**
 * Learns again where the register has grown by half since the last time, or is large enough for the
 * first. Answers whether it did. Cheap when there is nothing to do: a count of the register.
 */
export async function trainIfGrown(db: Db): Promise<boolean> {
  const { rows } = await sql<{ size: string; known: string }>`
    select (select count(*) from constituents) as size, coalesce((select register_size
      from matching_models order by id desc limit 1), 0) as known`.execute(db)
  const [size, known] = [Number(rows[0]!.size), Number(rows[0]!.known)]
  if (size < TRAINING_MINIMUM || size < known * GROWN) return false
  await trainOnRegister(db, trainApart)
  return true
}

/**
 * The newest model, with the prior of the register as it is now; the starting one where none was
 * trained.
 */
export async function currentModel(db: Db): Promise<Model> {
  const { rows } = await sql<{
    model: StoredModel
  }>`select model from matching_models order by id desc limit 1`.execute(db)
  const size = await registerSize(db)
  const model = rows[0] ? unpack(rows[0].model) : startingModel()
  return { ...model, prior: priorFor(size) }
}

function priorFor(size: number): number {
  return 0.5 / Math.max(100, size)
}

async function registerSize(db: Db): Promise<number> {
  const { rows } = await sql<{ size: string }>`select count(*) as size from constituents`.execute(
    db
  )
  return Number(rows[0]!.size)
}

/**
 * Readable and hashed persons have nothing in common: while a register is being converted, the
 * larger part is learnt from.
 */
async function sampleOf(db: Db, size: number): Promise<{ persons: Person[]; hashed: boolean }> {
  const share = Math.min(100, (TRAINING_SAMPLE / Math.max(1, size)) * 100)
  const { rows } = await sql<{ comparable: Person; hashed: boolean }>`
    select comparable, hashed from constituents tablesample bernoulli (${share}) repeatable (20311)
      limit ${TRAINING_SAMPLE}
  `.execute(db)
  const hashed = rows.filter((row) => row.hashed).length * 2 > rows.length
  return {
    persons: rows.filter((row) => row.hashed === hashed).map((row) => row.comparable),
    hashed
  }
}

/**
 * A value held by one in ten thousand or fewer weighs like any rare one; leaving those out keeps
 * the model small.
 */
const RARE = 0.0001

function pack(model: Model): StoredModel {
  const entries = Object.entries(model.frequencies).map(([field, values]) => [
    field,
    [...values].filter(([, share]) => share > RARE)
  ])
  return {
    ...model,
    frequencies: Object.fromEntries(entries),
    words: [...model.words].filter(([, share]) => share > RARE)
  }
}

function unpack(stored: StoredModel): Model {
  const entries = Object.entries(stored.frequencies).map(([field, values]) => [
    field,
    new Map(values)
  ])
  return { ...stored, frequencies: Object.fromEntries(entries), words: new Map(stored.words) }
}
