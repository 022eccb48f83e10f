/** A thread of its own for learning: some twenty seconds of computing that must not keep a process from answering. */
import { parentPort, workerData } from 'node:worker_threads'
import { blocksOf } from './blocks.ts'
import type { Person } from './person.ts'
import { trainModel } from './train.ts'

const persons = workerData as Person[]
const port = parentPort!
port.postMessage(trainModel(persons, blocksOf(persons)))
