/**
 * A process of its own for learning: some twenty seconds of computing, and a heap that must not be
 * the intake's.
 */
import { endWithParent } from '../../platform/end-with-parent.ts'
import { blocksOf } from './blocks.ts'
import type { Person } from './person.ts'
import { trainModel } from './train.ts'

endWithParent()
process.on('message', (persons: Person[]) => {
  process.send?.(trainModel(persons, blocksOf(persons)), () => process.exit(0))
})
