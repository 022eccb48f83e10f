/** The page behind a receipt, in the reader's language. */
import type { Agency } from '../../config/agency.ts'
import type { ResidentPage } from '../../core/contacts/resident-page.ts'
import type { Step } from '../../core/contacts/resident-steps.ts'
import { drawQrCodes, type QrCode } from '../../core/mailroom/qr.ts'
import { residentFrame, type Frame } from '../../platform/pages/frame.ts'
import { render } from '../../platform/pages/render.ts'
import type { Problem } from './answers.ts'
import { pickerOf } from './picker.ts'
import { drawLine } from './line-figure.ts'

/** What just happened, said once above the state. */
export type News = 'sent' | 'added' | 'updates'

export interface StatusPage {
  readonly agency: Agency
  readonly language: string
  readonly view: ResidentPage
  /** The page's whole address, for the QR code. */
  readonly url: string
  readonly token: string
  readonly now: Date
  readonly news?: News | undefined
  /** What was typed into "Add something", and what keeps it from being sent. */
  readonly typed?: string
  /** What was typed into "Get updates". */
  readonly typedAddress?: string
  readonly problems?: readonly Problem[]
  readonly notice?: string
}

/** Addresses of status pages are asked for again and again; a code takes 3 ms to draw. */
const codes = new Map<string, QrCode>()
const CODES_KEPT = 500

function casesKey({ all, ended }: NonNullable<ResidentPage['ownCases']>): string {
  return ended < all ? 'status.matters' : 'status.mattersEnded'
}

export async function renderStatus(page: StatusPage): Promise<string> {
  const { agency, language, view, problems = [] } = page
  const frame = residentFrame(agency, language, '/r/')
  const heading = headingOf(view, frame)
  const failed = problems.length > 0 || page.notice !== undefined
  return render('channels/web/status', {
    ...frame,
    languages: page.typed || failed ? [] : frame.languages,
    scripts: ['forms.js', 'photos.js', 'status.js'],
    title: `${failed ? `${frame.t('form.errorPrefix')} ` : ''}${heading}`,
    heading,
    view,
    news: page.news,
    outcome: view.outcome && frame.say(view.outcome),
    next: frame.t(`status.next.${view.state}`),
    line: view.place && view.waiting ? drawLine(view.place, view.waiting) : undefined,
    lineWords: lineWords(view, frame),
    ownCases: view.ownCases && frame.t(casesKey(view.ownCases), view.ownCases),
    wait: view.place ? waitWords(view, frame) : undefined,
    steps: stepsOf(view, frame),
    received: receivedOf(view, frame),
    url: page.url,
    qr: await codeOf(page.url),
    at: frame.time(page.now),
    ended: ['answered', 'closed', 'handed-off'].includes(view.state),
    canAdd: view.caseId !== undefined,
    token: page.token,
    typed: page.typed ?? '',
    typedAddress: page.typedAddress ?? '',
    notice: page.notice,
    problems,
    problemsHeading: frame.t('form.problems'),
    ...pickerOf(frame)
  })
}

/** The state in plain words: the page's one heading, and the first words of its title. */
function headingOf(view: ResidentPage, { t, say }: Frame): string {
  const department = say(view.departmentName)
  if (view.state === 'waiting' && view.place && view.waiting)
    return t('status.waitingAt', { place: view.place, waiting: view.waiting, department })
  return t(`status.state.${view.state}`, { department })
}

function lineWords({ place, waiting }: ResidentPage, { t }: Frame): string {
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
function waitWords({ wait }: ResidentPage, { t }: Frame): string {
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

interface ShownStep {
  readonly text: string
  readonly when: string
  readonly kind: 'done' | 'now' | 'ahead'
}

function stepsOf(view: ResidentPage, frame: Frame): ShownStep[] {
  const { t, say, time } = frame
  const done = joinAdded(view.steps).map(({ kind, at, departmentName, way, times }) => ({
    kind: 'done' as const,
    text: t(times > 1 ? 'status.step.addedMore' : `status.step.${way ? `${kind}.${way}` : kind}`, {
      department: say(departmentName ?? view.departmentName),
      times
    }),
    when: time(at)
  }))
  const ahead = (key: string) => ({ kind: 'ahead' as const, text: t(key), when: '' })
  const toAnswer = view.hasAnswers
    ? isAnswered(view)
      ? []
      : [ahead('status.step.toAnswerAgain')]
    : [ahead('status.step.toAnswer')]
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
    ...(view.state === 'being-served' ? toAnswer : [])
  ]
}

/** An answer was sent, and nothing has come since that wants another. */
function isAnswered({ steps }: ResidentPage): boolean {
  const last = steps.findLast(({ kind }) => ['answered', 'added', 'reopened'].includes(kind))
  return last?.kind === 'answered'
}

/** Messages added one after the other are one step. */
function joinAdded(steps: readonly Step[]): (Step & { times: number })[] {
  const joined: (Step & { times: number })[] = []
  for (const step of steps) {
    const last = joined.at(-1)
    if (step.kind === 'added' && last?.kind === 'added') last.times += 1
    else joined.push({ ...step, times: 1 })
  }
  return joined
}

function receivedOf(view: ResidentPage, { t, time }: Frame): { term: string; text: string }[] {
  return [
    { term: t('status.by'), text: t(`channel.${view.channel}`) },
    ...(view.files > 0
      ? [
          {
            term: t('status.with'),
            text: t(view.files === 1 ? 'status.oneFile' : 'status.files', { files: view.files })
          }
        ]
      : []),
    ...(view.told
      ? [
          {
            term: t('status.toldTo'),
            text: t('status.toldAt', { to: view.told.to, at: time(view.told.at) })
          }
        ]
      : []),
    ...view.updatesTo.map((to) => ({ term: t('updates.to'), text: to })),
    ...(view.inLineSince ? [{ term: t('status.since'), text: time(view.inLineSince) }] : []),
    ...(view.remindAt ? [{ term: t('status.remind'), text: time(view.remindAt) }] : [])
  ]
}

async function codeOf(url: string): Promise<QrCode> {
  const known = codes.get(url)
  if (known) return known
  const [code] = await drawQrCodes([url])
  if (codes.size >= CODES_KEPT) codes.delete(codes.keys().next().value!)
  codes.set(url, code!)
  return code!
}
