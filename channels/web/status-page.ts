/** The page behind a receipt, in the reader's language. */
import type { Agency } from '../../config/agency.ts'
import type { ResidentPage } from '../../core/contacts/resident-page.ts'
import type { CodeWay } from '../../core/intake/address-proofs.ts'
import { drawQrCodes, type QrCode } from '../../core/mailroom/qr.ts'
import { residentFrame, type Frame } from '../../platform/pages/frame.ts'
import { render } from '../../platform/pages/render.ts'
import type { Problem } from './answers.ts'
import { pickerOf } from './picker.ts'
import { shownCase, type Proving, type ShownCase } from './shown-case.ts'

/** What just happened, said once above the state. */
export type News = 'sent' | 'added' | 'updates'

export interface StatusPage extends Proving {
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

export async function renderStatus(page: StatusPage): Promise<string> {
  const { agency, language, view, problems = [] } = page
  const frame = residentFrame(agency, language, '/r/')
  const codes = page.codeWays.length > 0
  const cases = view.cases.map((one) => shownCase(agency, one, frame, page))
  const heading = headingOf(view, cases, frame)
  const failed = problems.length > 0 || page.notice !== undefined
  return render('channels/web/status', {
    ...frame,
    languages: page.typed || failed ? [] : frame.languages,
    scripts: ['forms.js', 'photos.js', 'status.js'],
    title: `${failed ? `${frame.t('form.errorPrefix')} ` : ''}${heading}`,
    heading,
    view,
    news: page.news,
    cases,
    received: receivedOf(view, frame),
    url: page.url,
    qr: await codeOf(page.url),
    at: frame.time(page.now),
    ended: ended.has(view.state),
    canRead: cases.some(({ canRead }) => canRead),
    canGetUpdates: view.canGetUpdates && codes,
    addressLabel: frame.t(addressKey('updates.address', page.codeWays)),
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

/** The sentence of a key for both ways, or for the one that there is. */
export function addressKey(key: string, ways: readonly CodeWay[]): string {
  return ways.length === 1 ? `${key}.${ways[0]!}` : key
}

const ended: ReadonlySet<string> = new Set(['answered', 'closed', 'handed-off'])

/** The page's one heading, and the first words of its title. */
function headingOf(view: ResidentPage, cases: readonly ShownCase[], { t }: Frame): string {
  if (cases.length === 1) return cases[0]!.heading
  const [all, over] = [cases.length, view.cases.filter(({ state }) => ended.has(state)).length]
  if (over === 0) return t('status.mattersOpen', { all })
  return t(over < all ? 'status.matters' : 'status.mattersEnded', { all, ended: over })
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
            text: t(view.told.filed ? 'status.toldFiled' : 'status.toldAt', {
              to: view.told.to,
              at: time(view.told.at)
            })
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
