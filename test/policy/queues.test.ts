import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import { stageQueues } from '../../platform/queues/job-queues.ts'
import { readSources } from '../helpers/sources.ts'

test('every stage queue has a worker, and every worker a stage queue', () => {
  const stages = [...stageQueues]
  const worked = readSources(['workers']).flatMap(({ text }) =>
    [...text.matchAll(/queues\.work(?:<\w+>)?\(\s*'([a-z-]+)'/g)].map(([, name]) => name!)
  )
  expect(worked.toSorted()).toEqual(stages.toSorted())
})

test('every worker file is started by workers/index.ts', () => {
  const index = fs.readFileSync('workers/index.ts', 'utf8')
  const files = readSources(['workers']).filter(
    ({ path }) => path !== 'workers/index.ts' && path !== 'workers/recovery-sweep.ts'
  )
  const starters = files.flatMap(({ text }) =>
    [...text.matchAll(/export function (start\w+)/g)].map(([, name]) => name!)
  )
  expect(starters.length).toBe(files.length)
  expect(starters.filter((name) => !index.includes(`${name}(`))).toEqual([])
})
