/** What a case is called, where only that is needed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { nameCase } from '../../../core/cases/named.ts'
import { viewCase } from '../../../core/cases/view.ts'
import { newId } from '../../../platform/ids.ts'
import { stand, take } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const ann = 'staff:ann'

test('it is called by its subject, or as it begins, or as whoever split it off said', async () => {
  const { caseId, receipt } = await stand(runtime, { subject: 'The swing', text: 'It broke.' })
  await take(runtime, ann)
  expect(await nameCase(runtime.db, caseId)).toEqual({
    subject: 'The swing',
    text: 'It broke.',
    receipt,
    department: 'parks',
    heldBy: ann
  })
  const part = await runtime.line.split(caseId, ann, 'A lamp, too')
  expect(await nameCase(runtime.db, part)).toMatchObject({
    subject: 'A lamp, too',
    heldBy: undefined
  })
  expect(await nameCase(runtime.db, newId())).toBeUndefined()
})

test('a joined case and the one it joined name each other', async () => {
  const [earlier, later] = [
    await stand(runtime, { subject: 'A pothole', text: `One. ${newId()}` }),
    await stand(runtime, { subject: 'The same pothole', text: `Two. ${newId()}` })
  ]
  await runtime.line.join({
    laterCaseId: later.caseId,
    earlierCaseId: earlier.caseId,
    actor: ann,
    reason: 'one hole'
  })
  const near = async (caseId: string) => {
    const { joinedInto, joinedCases } = (await viewCase(runtime.db, caseId))!
    return { joinedInto, joinedCases }
  }
  expect(await near(later.caseId)).toEqual({
    joinedInto: { caseId: earlier.caseId, about: 'A pothole', department: 'parks' },
    joinedCases: []
  })
  expect(await near(earlier.caseId)).toEqual({
    joinedInto: undefined,
    joinedCases: [{ caseId: later.caseId, about: 'The same pothole', department: 'parks' }]
  })
})
