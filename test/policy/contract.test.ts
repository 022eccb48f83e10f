import { expect, test } from '@jest/globals'
import fs from 'node:fs'
import { channels } from '../../channels/index.ts'

test('every channel runs the contract suite', () => {
  const without = channels
    .map(({ kind }) => kind)
    .filter((kind) => {
      const file = `test/contract/${kind}.test.ts`
      return (
        !fs.existsSync(file) || !/\bchannelContract(<[^(]+>)?\(/.test(fs.readFileSync(file, 'utf8'))
      )
    })
  expect(without).toEqual([])
})
