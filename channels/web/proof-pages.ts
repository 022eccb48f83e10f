/** Pages on which a resident proves an address, reads the agency's answers, and stops updates. */
import type { Agency } from '../../config/agency.ts'
import type { AddressProof, CodeAddress, ReadableAnswer } from '../../core/intake/address-proofs.ts'
import { maskAddress } from '../../core/contacts/mask-address.ts'
import { codeRates } from '../../platform/limits/rates.ts'
import { residentFrame, type Frame } from '../../platform/pages/frame.ts'
import { render } from '../../platform/pages/render.ts'

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
  const { proof, receipt, again } = shown
  const to = maskAddress(proof.address)
  const seconds = proof.secondsToNext
  const frame = frameFor(shown, 'code.title')
  return render('channels/web/code', {
    ...frame,
    ...shown,
    heading: frame.t('code.title'),
    sent:
      again && seconds > 0
        ? frame.t('code.justSent', { to, seconds })
        : frame.t('code.sentTo', { to, minutes: codeRates.codeMinutes }),
    isOver: proof.triesLeft === 0,
    back: proof.purpose === 'answer' ? `/r/${receipt}/answer` : `/r/${receipt}#updates`
  })
}

/** Where an address is chosen that a code is sent to; or how else to hear the answer. */
export function renderChoice(
  shown: Shown & { readonly addresses: readonly CodeAddress[] }
): string {
  const frame = frameFor(shown, 'answer.title')
  return render('channels/web/answer-choice', {
    ...frame,
    ...shown,
    heading: frame.t('answer.title'),
    choices: shown.addresses.map(({ way, address }) =>
      frame.t(`answer.send.${way}`, { to: maskAddress(address) })
    ),
    elsewhere: elsewhere(shown.agency, frame)
  })
}

/** The agency's own telephone and counter, where it says them. */
function elsewhere({ departments }: Agency, { t, say }: Frame): string[] {
  const { phone, counter } = departments.agency
  const ways = [
    ...(phone ? [t('answer.call', { phone })] : []),
    ...(counter ? [t('answer.counter', { counter: say(counter) })] : [])
  ]
  return ways.length > 0 ? ways : [t('answer.write')]
}

/** The answers themselves. */
export function renderAnswers(
  shown: Shown & { readonly answers: readonly ReadableAnswer[] }
): string {
  const frame = frameFor(shown, 'answer.ours')
  return render('channels/web/answers', {
    ...frame,
    ...shown,
    heading: frame.t('answer.ours'),
    answers: shown.answers.map((answer) => ({ ...answer, when: frame.time(answer.sentAt) })),
    closes: frame.t('answer.closes', { minutes: codeRates.openMinutes })
  })
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
