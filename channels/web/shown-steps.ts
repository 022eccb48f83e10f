/** What happened to a message, and what is still to come, as its resident reads it. */
import type { ResidentCase } from '../../core/contacts/resident-page.ts'
import type { Step } from '../../core/contacts/resident-steps.ts'
import type { Frame } from '../../platform/pages/frame.ts'

export interface ShownStep {
  readonly text: string
  readonly when: string
  readonly kind: 'done' | 'now' | 'ahead'
}

export function shownSteps(view: ResidentCase, frame: Frame): ShownStep[] {
  const { t } = frame
  const done = joinAdded(view.steps).map((step) => doneStep(step, view, frame))
  const ahead = (key: string) => ({ kind: 'ahead' as const, text: t(key), when: '' })
  const coming = (view.coming ?? []).map((way) => ahead(`status.step.coming.${way}`))
  const toAnswer = answerAhead(view, coming, ahead)
  if (view.state === 'waiting' && view.place && view.waiting) {
    const now = { place: view.place, waiting: view.waiting }
    return [
      ...done,
      { kind: 'now', text: t('status.step.waitingAt', now), when: t('status.step.now') },
      ahead('status.step.toRead'),
      ...toAnswer
    ]
  }
  if (view.state === 'received' || view.state === 'in-review')
    return [...done, ahead('status.step.toSort'), ahead('status.step.toRead'), ...toAnswer]
  return [
    ...done.slice(0, -1),
    ...done.slice(-1).map((step) => ({ ...step, kind: 'now' as const })),
    ...(view.state === 'being-served' ? toAnswer : coming)
  ]
}

function doneStep(
  { kind, at, until, departmentName, way, times }: JoinedStep,
  view: ResidentCase,
  { t, say, time, times: span }: Frame
): ShownStep {
  const department = say(departmentName ?? view.departmentName)
  const key = times > 1 ? 'addedMore' : way ? `${kind}.${way}` : kind
  return {
    kind: 'done',
    text: t(`status.step.${key}`, { department, times }),
    when: times > 1 ? span(at, until) : time(at)
  }
}

/** What was written and is still to come; else that an answer is. */
function answerAhead<T>(
  view: ResidentCase,
  coming: readonly T[],
  ahead: (key: string) => T
): readonly T[] {
  if (coming.length > 0 || isAnswered(view)) return coming
  return [ahead(hasHeard(view) ? 'status.step.toAnswerAgain' : 'status.step.toAnswer')]
}

const heard: ReadonlySet<string> = new Set(['answered', 'told'])

function hasHeard({ steps }: ResidentCase): boolean {
  return steps.some(({ kind }) => heard.has(kind))
}

/** An answer arrived, as far as is known, and nothing has come since that wants another. */
function isAnswered({ steps }: ResidentCase): boolean {
  const last = steps.findLast(
    ({ kind }) => heard.has(kind) || ['returned', 'added', 'reopened'].includes(kind)
  )
  return last !== undefined && heard.has(last.kind)
}

interface JoinedStep extends Step {
  readonly until: Date
  readonly times: number
}

/** Messages added one after the other are one step, from the first to the last of them. */
function joinAdded(steps: readonly Step[]): JoinedStep[] {
  const joined: JoinedStep[] = []
  for (const step of steps) {
    const last = joined.at(-1)
    if (step.kind === 'added' && last?.kind === 'added')
      joined[joined.length - 1] = { ...last, until: step.at, times: last.times + 1 }
    else joined.push({ ...step, until: step.at, times: 1 })
  }
  return joined
}
