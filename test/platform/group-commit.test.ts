import { describe, expect, test } from '@jest/globals'
import { GroupCommit } from '../../platform/group-commit.ts'

/** A writer that records its sets and is let go by hand. */
function writer(
  options: Partial<ConstructorParameters<typeof GroupCommit<number, string>>[1]> = {},
  refuse: (set: number[]) => Error | undefined = () => undefined
) {
  const sets: number[][] = []
  let open = Promise.resolve()
  const group = new GroupCommit<number, string>(
    async (set) => {
      sets.push(set)
      await open
      const error = refuse(set)
      if (error) throw error
      return set.map((item) => `wrote ${item}`)
    },
    { maxItems: 4, maxPending: 10, ...options }
  )
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    open = promise
    return resolve
  }
  return { group, sets, hold }
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

test('each item gets its own result', async () => {
  const { group } = writer()
  expect(await Promise.all(numbers(9).map((n) => group.add(n)))).toEqual(
    numbers(9).map((n) => `wrote ${n}`)
  )
})

test('what comes together is written together, in the order it came, in sets of a bounded number', async () => {
  const { group, sets } = writer()
  await Promise.all(numbers(10).map((n) => group.add(n)))
  expect(sets).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9]
  ])
})

test('what comes while a set is written makes the next set', async () => {
  const { group, sets, hold } = writer()
  const letGo = hold()
  const first = group.add(1)
  while (sets.length === 0) await new Promise(setImmediate)
  const later = [group.add(2), group.add(3)]
  letGo()
  await Promise.all([first, ...later])
  expect(sets).toEqual([[1], [2, 3]])
})

test('sets are bounded in bytes; one item larger than the bound goes alone', async () => {
  const { group, sets } = writer({ maxBytes: 10, sizeOf: (n) => n })
  await Promise.all([5, 5, 1, 50, 3].map((n) => group.add(n)))
  expect(sets).toEqual([[5, 5], [1], [50], [3]])
})

test('it is full at its bound, counting what waits and what is being written, and free again afterwards', async () => {
  const { group, sets, hold } = writer({ maxPending: 6 })
  const letGo = hold()
  const added = numbers(5).map((n) => group.add(n))
  while (sets.length === 0) await new Promise(setImmediate)
  expect(group.full).toBe(false)
  added.push(group.add(5))
  expect(group.full).toBe(true)
  letGo()
  await Promise.all(added)
  expect(group.full).toBe(false)
})

test('idle waits for all that is in hand', async () => {
  const { group, sets } = writer()
  for (const n of numbers(9)) void group.add(n)
  await group.idle()
  expect(sets.flat()).toHaveLength(9)
  await group.idle()
})

describe('when writing fails', () => {
  const lost = Object.assign(new Error('the server went away'), { code: '57P01' })

  test('a lost connection rejects the whole set, once', async () => {
    const { group, sets } = writer({}, () => lost)
    const answers = await Promise.allSettled(numbers(4).map((n) => group.add(n)))
    expect(answers).toEqual(numbers(4).map(() => ({ status: 'rejected', reason: lost })))
    expect(sets).toHaveLength(1)
  })

  test('an item that is refused is refused alone', async () => {
    const { group, sets } = writer({}, (set) =>
      set.includes(2) ? new Error('no twos') : undefined
    )
    const answers = await Promise.allSettled(numbers(4).map((n) => group.add(n)))
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled'
    ])
    expect(sets).toEqual([[0, 1, 2, 3], [0], [1], [2], [3]])
  })

  test('later sets are written all the same', async () => {
    let broken = true
    const { group } = writer({}, () => (broken ? lost : undefined))
    await expect(group.add(1)).rejects.toBe(lost)
    broken = false
    await expect(group.add(2)).resolves.toBe('wrote 2')
  })

  test('an item whose size cannot be told fails alone', async () => {
    const { group } = writer({
      sizeOf: (n) => {
        if (n === 2) throw new TypeError('no size')
        return 1
      }
    })
    const answers = await Promise.allSettled(numbers(4).map((n) => group.add(n)))
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled'
    ])
  })
})
