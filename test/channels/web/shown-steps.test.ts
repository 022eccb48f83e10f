import { expect, test } from '@jest/globals'
import { loadAgency } from '../../../config/agency.ts'
import { shownSteps } from '../../../channels/web/shown-steps.ts'
import type { Step } from '../../../core/contacts/resident-steps.ts'
import { residentFrame } from '../../../platform/pages/frame.ts'

const at = (day: number) => new Date(Date.UTC(2026, 10, day, 15, 0))

async function shown(steps: readonly Step[], language = 'en') {
  const frame = residentFrame(await loadAgency('config'), language, '/r/')
  const view = {
    state: 'being-served',
    departmentName: { en: 'Parks' },
    arrivedAt: at(1),
    updatedAt: at(1),
    steps,
    hasAnswers: false
  } as const
  return shownSteps(view, frame).map(({ text, when }) => [text, when])
}

test('messages added one after the other are one step, from the first to the last of them', async () => {
  const steps: Step[] = [
    { kind: 'received', at: at(1) },
    ...[3, 4, 5].map((day) => ({ kind: 'added', at: at(day) }) as const),
    { kind: 'taken', at: at(6) },
    { kind: 'added', at: at(7) }
  ]
  expect(await shown(steps)).toEqual([
    ['Received', 'November 1, 2026 at 9:00 AM CST'],
    [
      '3 more messages were added',
      expect.stringMatching(/^November 3, [^–]+ CST\s–\sNovember 5, 2026 at 9:00\sAM CST$/)
    ],
    ['Taken up by a person', 'November 6, 2026 at 9:00 AM CST'],
    ['Another message was added', 'November 7, 2026 at 9:00 AM CST'],
    ['Answered', '']
  ])
  expect((await shown(steps, 'es'))[1]![1]).toMatch(/^3 .+ hora central/)
})

test('what did not arrive, was only written or went elsewhere leaves the answer to come', async () => {
  for (const kind of ['returned', 'filed', 'elsewhere'] as const)
    expect((await shown([{ kind, at: at(2) }])).at(-1)).toEqual(['Answered', ''])
  const answered = [
    { kind: 'answered', at: at(2) },
    { kind: 'returned', at: at(3) }
  ] as const
  expect((await shown(answered)).at(-1)).toEqual(['Answered again', ''])
  expect((await shown([{ kind: 'told', way: 'called', at: at(3) }])).at(-1)![0]).toBe(
    'We told you by phone'
  )
})
