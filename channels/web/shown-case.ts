/** One of the cases that a message is dealt with as, in the words of its resident's page. */
import type { Agency } from '../../config/agency.ts'
import type { LatestAnswer, ResidentCase } from '../../core/contacts/resident-page.ts'
import type { CodeWay } from '../../core/intake/address-proofs.ts'
import type { Frame } from '../../platform/pages/frame.ts'
import { drawLine, type LineFigure } from './line-figure.ts'
import { shownSteps, type ShownStep } from './shown-steps.ts'
import { waysToHear } from './ways-to-hear.ts'

export interface Proving {
  /** By which ways a code can be sent from here; without any, nothing is offered that needs one. */
  readonly codeWays: readonly CodeWay[]
  /** It has answers, and a code can reach an address or number of it, so that they are read here. */
  readonly canProve: boolean
}

export interface ShownCase {
  readonly caseId: string | undefined
  /** Its state in plain words. */
  readonly heading: string
  readonly line: LineFigure | undefined
  readonly lineWords: string
  readonly wait: string | undefined
  /** What it came to, or that it was answered. */
  readonly outcome: string | undefined
  /** What became of the latest answer where it is not simply words that were sent. */
  readonly latest: { readonly text: string; readonly ways: readonly string[] } | undefined
  /** Which answers are still to come. */
  readonly coming: readonly string[]
  /** Answers of it can be read here, after a code. */
  readonly canRead: boolean
  /** Why an answer cannot be read here, and how else to hear it. */
  readonly elsewhere: { readonly why: string; readonly ways: readonly string[] } | undefined
  readonly next: string
  readonly steps: readonly ShownStep[]
}

export function shownCase(
  agency: Agency,
  view: ResidentCase,
  frame: Frame,
  { codeWays, canProve }: Proving
): ShownCase {
  const { t, say } = frame
  const latest = view.latest && latestWords(agency, view.latest, frame)
  const hasElsewhere = view.hasAnswers && !canProve && !latest?.ways.length
  const answered = view.hasAnswers && !latest ? t('answer.there') : undefined
  return {
    caseId: view.caseId,
    heading: headingOf(view, frame),
    line: view.place && view.waiting ? drawLine(view.place, view.waiting) : undefined,
    lineWords: lineWords(view, frame),
    wait: view.place ? waitWords(view, frame) : undefined,
    outcome: view.outcome ? say(view.outcome) : answered,
    latest,
    coming: (view.coming ?? []).map((way) => t(`answer.coming.${way}`)),
    canRead: view.hasAnswers && canProve,
    elsewhere: hasElsewhere
      ? {
          why: t(codeWays.length > 0 ? 'answer.noWay' : 'answer.noCodes'),
          ways: waysToHear(agency, frame)
        }
      : undefined,
    next: nextWords(view, frame),
    steps: shownSteps(view, frame)
  }
}

function latestWords(
  agency: Agency,
  { fate, way, at }: LatestAnswer,
  frame: Frame
): NonNullable<ShownCase['latest']> {
  const byHand = way === 'letter' || way === 'call'
  return {
    text: frame.t(`answer.latest.${fate}${byHand ? `.${way}` : ''}`, { at: frame.time(at) }),
    // An answer to somebody else is told to nobody who merely holds this receipt.
    ways: fate === 'returned' || fate === 'filed' ? waysToHear(agency, frame) : []
  }
}

const quiet: ReadonlySet<string> = new Set(['waiting', 'being-served'])

/** What happens next. Who is asked to do something is not told that there is nothing to do. */
function nextWords({ state, latest }: ResidentCase, { t }: Frame): string {
  const asked = latest !== undefined && latest.fate !== 'sent'
  const next = t(`status.next.${state}`)
  return quiet.has(state) && !asked ? `${next} ${t('status.nothingToDo')}` : next
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
