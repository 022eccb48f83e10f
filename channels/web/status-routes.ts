/** Where a contact stands, for whoever holds its receipt. Unknown, malformed and hidden codes get one and the same answer. */
import type { ChannelRequest, ChannelResponse, ChannelRoute, Intake } from '../../core/channel.ts'
import { residentFrame } from '../../core/pages/frame.ts'
import { render } from '../../core/pages/render.ts'
import { parseReceipt } from '../../core/receipts.ts'
import type { StatusView } from '../../core/status.ts'
import { STATUS_PER_MINUTE } from './limits.ts'
import { languageFor, page, redirect } from './pages.ts'

/** A typed code in a urlencoded body; a receipt has 20 characters. */
const MAX_CODE_BYTES = 4096

export function statusRoutes(collect: Intake): ChannelRoute[] {
  const perMinute = STATUS_PER_MINUTE
  return [
    { method: 'get', path: '/r', maxBodyBytes: 0, perMinute, handle: async (request) => askCode(collect, request) },
    { method: 'post', path: '/r', maxBodyBytes: MAX_CODE_BYTES, perMinute, handle: async (request) => redirect(pathOf(new URLSearchParams(new TextDecoder().decode(request.body)).get('code') ?? '')) },
    { method: 'get', path: '/r/:receipt', maxBodyBytes: 0, perMinute, handle: (request) => showStatus(collect, request) }
  ]
}

/** What is no receipt goes to one address that is none either. */
function pathOf(code: string): string {
  return code.trim() === '' ? '/r' : `/r/${parseReceipt(code) ?? 'unknown'}`
}

function askCode(collect: Intake, request: ChannelRequest): ChannelResponse {
  const code = request.query.get('code')
  return code === null ? codePage(collect, request, false) : redirect(pathOf(code))
}

async function showStatus(collect: Intake, request: ChannelRequest): Promise<ChannelResponse> {
  const receipt = parseReceipt(request.params['receipt'] ?? '')
  const view = receipt ? await (request.query.has('sent') ? statusInLine(collect, receipt) : collect.status(receipt)) : undefined
  if (!receipt || !view) return codePage(collect, request, true)
  const agency = collect.agency()
  const frame = residentFrame(agency, languageFor(request, agency), '/r/')
  const { t } = frame
  const body = render('channels/web/status', {
    ...frame,
    title: t(request.query.has('sent') ? 'status.sentTitle' : 'status.title'),
    sent: request.query.has('sent'),
    receipt,
    state: t(`status.state.${view.state}`),
    next: t(`status.next.${view.state}`),
    facts: factsOf(view, frame)
  })
  return page(200, body, request, collect.settings, agency)
}

/** Someone who has just sent a form sees their place: reading it takes a moment, and this long is worth waiting, in ms. */
const WAIT_MS = 3_000
const LOOK_EVERY_MS = 150

async function statusInLine(collect: Intake, receipt: string): Promise<StatusView | undefined> {
  const deadline = performance.now() + WAIT_MS
  for (;;) {
    const view = await collect.status(receipt)
    if (view?.state !== 'received' || performance.now() > deadline) return view
    await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY_MS) })
  }
}

function factsOf(view: StatusView, { t, say, time }: ReturnType<typeof residentFrame>): { term: string; text: string }[] {
  const department = say(view.departmentName)
  return [
    ...(department ? [{ term: t('status.department'), text: department }] : []),
    ...(view.place === undefined ? [] : [{ term: t('status.place'), text: t(view.place === 1 ? 'status.placeFirst' : 'status.placeIs', { place: view.place }) }]),
    { term: t('status.arrived'), text: time(view.arrivedAt) },
    { term: t('status.updated'), text: time(view.updatedAt) }
  ]
}

/** Never repeats the code it was asked for, so that the answer says nothing about why. */
function codePage(collect: Intake, request: ChannelRequest, unknown: boolean): ChannelResponse {
  const agency = collect.agency()
  const frame = residentFrame(agency, languageFor(request, agency), '/r')
  const problem = unknown ? frame.t('error.RECEIPT_UNKNOWN') : undefined
  const title = `${unknown ? `${frame.t('form.errorPrefix')} ` : ''}${frame.t('status.title')}`
  return page(unknown ? 404 : 200, render('channels/web/ask-receipt', { ...frame, title, problem }), request, collect.settings, agency)
}
