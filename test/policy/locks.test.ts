import { expect, test } from '@jest/globals'
import { program, readSources } from '../helpers/sources.ts'

test("the database's locks are taken in the file that has the list of their numbers", () => {
  const taking = readSources([...program, 'bench']).filter(({ text }) =>
    /pg_(?:try_)?advisory_/.test(text)
  )
  expect(taking.map(({ path }) => path)).toEqual(['platform/db/advisory-locks.ts'])
})
