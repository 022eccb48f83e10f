/** One of the cases that a message is dealt with as, in the words of its resident's page. */
import type { Agency } from '../../config/agency.ts'
import type { ResidentCase } from '../../core/contacts/resident-page.ts'
import type { Frame } from '../../platform/pages/frame.ts'
import { drawLine, type LineFigure } from './line-figure.ts'
import { shownSteps, type ShownStep } from './shown-steps.ts'
import { waysToHear } from './ways-to-hear.ts'

export interface ShownCase {
  readonly caseId: string | undefined
  /** Its state in plain words. */
  readonly heading: string
  readonly line: LineFigure | undefined
  readonly lineWords: string
  readonly wait: string | undefined
  /** What it came to, or that it was answered. */
  readonly outcome: string | undefined
  /** What became of the latest answer where it is not simply one that was sent, and what to do. */
  readonly latest: { readonly text: string; readonly ways: readonly string[] } | undefined
  readonly hasAnswers: boolean
  readonly next: string
  readonly steps: readonly ShownStep[]
}

export function shownCase(agency: Agency, view: ResidentCase, frame: Frame): ShownCase {
  const { t, say, time } = frame
  const { latest } = view
  const answered = view.hasAnswers && !latest ? t('answer.there') : undefined
  return {
    caseId: view.caseId,
    heading: headingOf(view, frame),
    line: view.place && view.waiting ? drawLine(view.place, view.waiting) : undefined,
    lineWords: lineWords(view, frame),
    wait: view.place ? waitWords(view, frame) : undefined,
    outcome: view.outcome ? say(view.outcome) : answered,
    latest: latest && {
      text: t(`answer.latest.${latest.fate}`, { at: time(latest.at) }),
      // An answer to somebody else is told to nobody who merely holds this receipt.
      ways: latest.fate === 'elsewhere' ? [] : waysToHear(agency, frame)
    },
    hasAnswers: view.hasAnswers,
    next: t(`status.next.${view.state}`),
    steps: shownSteps(view, frame)
  }
}

/** The state in plain words. */
function headingOf(view: ResidentCase, { t, say }: Frame): string {
  const department = say(view.departmentName)
  if (view.state === 'waiting' && view.place && view.waiting)
    return t('status.waitingAt', { place: view.place, waiting: view.waiting, department })
  return t(`status.state.${view.state}`, { department })
}

function lineWords({ place, waiting }: ResidentCase, { t }: Frame): string {
  if (!place || !waiting) return ''
  const [before, after] = [place - 1, waiting - place]
  return [
    before === 0
      ? t('status.nobodyBefore')
      : t(before === 1 ? 'status.oneBefore' : 'status.before', { before }),
    after === 0
      ? t('status.nobodyAfter')
      : t(after === 1 ? 'status.oneAfter' : 'status.after', { after }),
    t('status.order')
  ].join(' ')
}

/** The range in days and halves of them; or that too little is known. */
function waitWords({ wait }: ResidentCase, { t }: Frame): string {
  if (!wait) return t('status.wait.none')
  const unit = wait.unit === 'days' ? 'days' : 'working'
  const [share, from, to] = [wait.of10, inHalves(wait.from), inHalves(wait.to)]
  if (wait.to < 1) return t(`status.wait.${unit}.within`, { share })
  if (wait.from === 0 || wait.from === wait.to) return t(`status.wait.${unit}.upTo`, { share, to })
  return t(`status.wait.${unit}.range`, { share, from, to })
}

function inHalves(days: number): string {
  return String(days)
    .replace(/^0\.5$/, '½')
    .replace('.5', '½')
}
