/**
 * Shows the state of a contact to whoever has its receipt, and takes what they add to it. Unknown,
 * malformed and hidden codes all get the same answer.
 */
import type { ChannelRequest, ChannelResponse, ChannelRoute } from '../../core/intake/channel.ts'
import { parseReceipt } from '../../core/contacts/receipts.ts'
import type { ResidentPage } from '../../core/contacts/resident-page.ts'
import { residentFrame } from '../../platform/pages/frame.ts'
import { render } from '../../platform/pages/render.ts'
import { publicUrl } from '../../config/settings.ts'
import type { WebIntake } from './intake.ts'
import { languageFor, page, redirect } from './pages.ts'
import { bindBrowser } from './binding.ts'
import { renderStatus, type News, type StatusPage } from './status-page.ts'
import { issueToken } from './token.ts'

/** Bytes of a urlencoded body with a typed code; a receipt has 20 characters. */
const MAX_CODE_BYTES = 4096

export function statusRoutes(intake: WebIntake): ChannelRoute[] {
  return [
    {
      method: 'get',
      path: '/r',
      maxBodyBytes: 0,
      handle: async (request) => askCode(intake, request)
    },
    {
      method: 'post',
      path: '/r',
      maxBodyBytes: MAX_CODE_BYTES,
      handle: async (request) =>
        redirect(
          pathOf(new URLSearchParams(new TextDecoder().decode(request.body)).get('code') ?? '')
        )
    },
    {
      method: 'get',
      path: '/r/:receipt',
      maxBodyBytes: 0,
      handle: (request) => showStatus(intake, request)
    },
    {
      method: 'get',
      path: '/r/:receipt/receipt.txt',
      maxBodyBytes: 0,
      handle: (request) => saveReceipt(intake, request)
    }
  ]
}

/** Every invalid code leads to the same path, which is no receipt's. */
function pathOf(code: string): string {
  return code.trim() === '' ? '/r' : `/r/${parseReceipt(code) ?? 'unknown'}`
}

function askCode(intake: WebIntake, request: ChannelRequest): ChannelResponse {
  const code = request.query.get('code')
  return code === null ? codePage(intake, request, false) : redirect(pathOf(code))
}

async function showStatus(intake: WebIntake, request: ChannelRequest): Promise<ChannelResponse> {
  const news = newsOf(request)
  const view = await findPage(intake, request, news === 'sent' || news === 'added')
  return view ? answerStatus(intake, request, view, { news }) : unknownCode(intake, request)
}

function newsOf({ query }: ChannelRequest): News | undefined {
  return (['sent', 'added', 'updates'] as const).find((news) => query.has(news))
}

/** What the code of the address shows; nothing for one that is none or unknown. */
export async function findPage(
  intake: WebIntake,
  request: ChannelRequest,
  isNew = false
): Promise<ResidentPage | undefined> {
  const receipt = parseReceipt(request.params['receipt'] ?? '')
  if (!receipt) return undefined
  return isNew ? pageInLine(intake, receipt) : intake.residentPage(receipt)
}

/** The same answer for every code that shows nothing, and the guess is counted. */
export async function unknownCode(
  intake: WebIntake,
  request: ChannelRequest
): Promise<ChannelResponse> {
  await intake.guessed('receipt', request.remoteAddress)
  return codePage(intake, request, true)
}

export async function answerStatus(
  intake: WebIntake,
  request: ChannelRequest,
  view: ResidentPage,
  shown: Pick<StatusPage, 'news' | 'typed' | 'typedAddress' | 'problems' | 'notice'>,
  status = 200
): Promise<ChannelResponse> {
  const agency = intake.agency()
  const { binding, cookies } = bindBrowser(intake, request)
  const proofs = intake.addressProofs()
  const body = await renderStatus({
    agency,
    language: languageFor(request, agency),
    view,
    url: `${publicUrl(intake.settings)}/r/${view.receipt}`,
    token: issueToken(intake.secret('form'), binding, addName(view.receipt), Date.now()),
    now: new Date(),
    codeWays: proofs.ways,
    canProve: view.hasAnswers && (await proofs.addressesOf(view.contactId)).length > 0,
    ...shown
  })
  return page(status, body, request, intake.settings, agency, cookies)
}

/** What a token for adding to this message is bound to: it fits no other. */
export function addName(receipt: string): string {
  return `add ${receipt}`
}

/**
 * How long the page of a form just sent waits for its place in line, in ms, because reading it
 * takes a moment.
 */
const WAIT_MS = 3_000
/**
 * Wait before the first look, in ms. Each further wait is half as long again, so that hundreds of
 * waiting pages cause little load.
 */
const LOOK_AFTER_MS = 100

async function pageInLine(intake: WebIntake, receipt: string): Promise<ResidentPage | undefined> {
  const deadline = performance.now() + WAIT_MS
  for (let wait = LOOK_AFTER_MS; ; wait *= 1.5) {
    const view = await intake.residentPage(receipt)
    if (view?.state !== 'received' || performance.now() > deadline) return view
    await new Promise((resolve) => {
      setTimeout(resolve, wait)
    })
  }
}

async function saveReceipt(intake: WebIntake, request: ChannelRequest): Promise<ChannelResponse> {
  const view = await findPage(intake, request)
  if (!view) return unknownCode(intake, request)
  const agency = intake.agency()
  const { t, agencyName, time } = residentFrame(agency, languageFor(request, agency), '/r/')
  const lines = [
    agencyName,
    `${t('status.receipt')}: ${view.receipt}`,
    `${t('status.step.received')}: ${time(view.arrivedAt)}`,
    `${publicUrl(intake.settings)}/r/${view.receipt}`,
    '',
    t('status.keep')
  ]
  return {
    status: 200,
    body: `${lines.join('\r\n')}\r\n`,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="${view.receipt}.txt"`
    }
  }
}

/** Never repeats the typed code, so that the answer reveals nothing about the reason. */
function codePage(intake: WebIntake, request: ChannelRequest, unknown: boolean): ChannelResponse {
  const agency = intake.agency()
  const frame = residentFrame(agency, languageFor(request, agency), '/r')
  const problem = unknown ? frame.t('error.RECEIPT_UNKNOWN') : undefined
  const title = `${unknown ? `${frame.t('form.errorPrefix')} ` : ''}${frame.t('status.title')}`
  return page(
    unknown ? 404 : 200,
    render('channels/web/ask-receipt', { ...frame, title, problem }),
    request,
    intake.settings,
    agency
  )
}
