/** Pages on which a resident proves an address, reads the agency's answers, and stops updates. */
import type { Agency } from '../../config/agency.ts'
import type { AddressProof, CodeAddress, ReadableAnswer } from '../../core/intake/address-proofs.ts'
import { maskAddress } from '../../core/contacts/mask-address.ts'
import { codeRates } from '../../platform/limits/rates.ts'
import { residentFrame, type Frame } from '../../platform/pages/frame.ts'
import { render } from '../../platform/pages/render.ts'
import { waysToHear } from './ways-to-hear.ts'

interface Shown {
  readonly agency: Agency
  readonly language: string
  readonly receipt: string
  readonly token: string
  /** What went wrong, above the page's own words. */
  readonly problem?: string | undefined
}

function frameFor({ agency, language, problem }: Shown, key: string): Frame & { title: string } {
  const frame = residentFrame(agency, language, '/r/')
  const title = frame.t(key)
  return { ...frame, title: problem ? `${frame.t('form.errorPrefix')} ${title}` : title }
}

/** Where a code is typed; without a field once its tries or its time are over. */
export function renderCode(
  shown: Shown & {
    readonly proofId: string
    readonly proof: AddressProof
    /** It was asked for once more, so soon that none was sent. */
    readonly again: boolean
  }
): string {
  const { proof, receipt } = shown
  const frame = frameFor(shown, 'code.title')
  return render('channels/web/code', {
    ...frame,
    ...shown,
    heading: frame.t('code.title'),
    sent: sentWords(shown, frame),
    isOver: proof.triesLeft === 0,
    back: proof.purpose === 'answer' ? `/r/${receipt}/answer` : `/r/${receipt}#updates`
  })
}

/** What was sent, how long it is good, and that a second press sent nothing. */
function sentWords(
  { proof, again }: { readonly proof: AddressProof; readonly again: boolean },
  { t }: Frame
): string {
  const words = { to: maskAddress(proof.address), seconds: proof.secondsToNext }
  if (proof.sending === 'failed') return t('code.failed', words)
  const minutes = Math.ceil(proof.secondsLeft / 60)
  const second = again
    ? [t(proof.secondsToNext > 0 ? 'code.noSecondYet' : 'code.noSecond', words)]
    : []
  return [
    t(`code.${proof.sending}`, words),
    t(minutes === 1 ? 'code.goodOne' : 'code.good', { minutes }),
    ...second
  ].join(' ')
}

/** Where an address is chosen that a code is sent to; or how else to hear the answer. */
export function renderChoice(
  shown: Shown & {
    readonly addresses: readonly CodeAddress[]
    /** Codes can be sent from here. */
    readonly codes: boolean
  }
): string {
  const frame = frameFor(shown, 'answer.title')
  return render('channels/web/answer-choice', {
    ...frame,
    ...shown,
    heading: frame.t('answer.title'),
    choices: shown.addresses.map(({ way, address }) =>
      frame.t(`answer.send.${way}`, { to: maskAddress(address) })
    ),
    elsewhere: waysToHear(shown.agency, frame)
  })
}

/**
 * The answers themselves.
 * @param shown with the cases that the message is dealt with as, in the order of its page
 */
export function renderAnswers(
  shown: Shown & { readonly answers: readonly ReadableAnswer[]; readonly cases: readonly string[] }
): string {
  const frame = frameFor(shown, 'answer.ours')
  return render('channels/web/answers', {
    ...frame,
    ...shown,
    heading: frame.t('answer.ours'),
    answers: shown.answers.map((answer) => ({
      ...answer,
      when: frame.t(`answer.at.${answer.fate}`, { at: frame.time(answer.at) }),
      of: ofCase(shown.cases, answer, frame)
    })),
    closes: frame.t('answer.closes', { minutes: codeRates.openMinutes })
  })
}

/** Which of several matters an answer is about. */
function ofCase(
  cases: readonly string[],
  { caseId }: ReadableAnswer,
  { t }: Frame
): string | undefined {
  const index = caseId === null ? -1 : cases.indexOf(caseId)
  return cases.length > 1 && index >= 0
    ? t('answer.ofMatter', { number: index + 1, all: cases.length })
    : undefined
}

/** Asks whether updates are to stop, or says that they have. */
export function renderStop(
  agency: Agency,
  language: string,
  stop: { readonly token: string; readonly done: boolean }
): string {
  const frame = residentFrame(agency, language, '/u/')
  const title = frame.t(stop.done ? 'stop.done' : 'stop.title')
  return render('channels/web/stop', { ...frame, ...stop, title })
}
