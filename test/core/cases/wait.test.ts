/** A case waits for its resident's answer only where they were asked something. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { waitForResident } from '../../../core/cases/wait.ts'
import { dutiesOf, settleDuty } from '../../../core/outbox/duties.ts'
import { emptyLine, stand, take, tokenFor, town, type Stood } from '../../helpers/contacts.ts'
import { ask } from '../../helpers/replies.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const ann = 'staff:ann'
const rosa = { name: 'Rosa Delgado', emails: ['rosa@people.example'] }
let stood: Stood
beforeEach(async () => {
  await emptyLine(runtime)
  stood = await stand(runtime, { to: town('parks'), subject: 'A swing', sender: rosa })
  await take(runtime, ann)
})

const wait = () =>
  waitForResident(runtime, stood.caseId, {
    actor: ann,
    reason: 'which swing?',
    until: new Date(Date.now() + 7 * 86_400_000)
  })
const state = async () =>
  (
    await runtime.db
      .selectFrom('cases')
      .select('state')
      .where('id', '=', stood.caseId)
      .executeTakeFirstOrThrow()
  ).state

test('nothing went out: it stays with its holder, who is told to reply first', async () => {
  await expect(wait()).rejects.toMatchObject({ code: 'NOTHING_ASKED' })
  expect(await state()).toBe('taken')
})

test('a question is on its way', async () => {
  await ask(runtime, stood.caseId)
  await wait()
  expect(await state()).toBe('waiting-for-resident')
})

test('the question did not reach them', async () => {
  await ask(runtime, stood.caseId)
  const [duty] = await dutiesOf(runtime.db, [stood.caseId])
  await settleDuty(runtime.db, {
    dutyId: duty!.dutyId,
    actor: ann,
    how: 'unreachable',
    words: 'the number is dead'
  })
  await expect(wait()).rejects.toMatchObject({ code: 'NOTHING_ASKED' })
})

test('they have written since: that is the answer', async () => {
  await ask(runtime, stood.caseId)
  await stand(runtime, {
    to: town('parks'),
    tokens: [tokenFor(runtime, stood.receipt)],
    text: 'The left one.',
    sender: rosa
  })
  await expect(wait()).rejects.toMatchObject({ code: 'NOTHING_ASKED' })
})
