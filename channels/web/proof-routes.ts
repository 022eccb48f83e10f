/**
 * What a receipt alone does not open: the agency's answers, after a code sent to an address that
 * was given in the contact; and updates to an address, after a code sent there.
 */
import { create as contentDisposition } from 'content-disposition'
import type { ChannelRequest, ChannelResponse, ChannelRoute } from '../../core/intake/channel.ts'
import type { AddressProofs, CodeAddress, ProofPurpose } from '../../core/intake/address-proofs.ts'
import type { ResidentPage } from '../../core/contacts/resident-page.ts'
import { translate, type Translate } from '../../platform/pages/language.ts'
import { bindBrowser, sentBinding } from './binding.ts'
import type { WebIntake } from './intake.ts'
import { closeAnswers, openAnswers, openedProof } from './open-answers.ts'
import { languageFor, page, redirect } from './pages.ts'
import { renderAnswers, renderChoice, renderCode } from './proof-pages.ts'
import { addressKey } from './status-page.ts'
import { addName, answerStatus, findPage, unknownCode } from './status-routes.ts'
import { checkToken, issueToken } from './token.ts'

/** Bytes of a form with an address or a code. */
const MAX_FORM_BYTES = 4096

/** What a handler knows of the page that was asked for. */
interface Visit {
  readonly intake: WebIntake
  readonly proofs: AddressProofs
  readonly request: ChannelRequest
  readonly view: ResidentPage
  readonly language: string
  readonly t: Translate
}

type Handle = (visit: Visit) => Promise<ChannelResponse> | ChannelResponse

export function proofRoutes(intake: WebIntake): ChannelRoute[] {
  const proofs = intake.addressProofs()
  const at = (method: 'get' | 'post', path: string, handle: Handle): ChannelRoute => ({
    method,
    path: `/r/:receipt/${path}`,
    maxBodyBytes: method === 'get' ? 0 : MAX_FORM_BYTES,
    handle: async (request) => {
      const view = await findPage(intake, request)
      if (!view) return unknownCode(intake, request)
      const language = languageFor(request, intake.agency())
      const t = translate(intake.agency().locales, language)
      return handle({ intake, proofs, request, view, language, t })
    }
  })
  return [
    at('get', 'updates', ({ view }) => redirect(`/r/${view.receipt}`)),
    at('post', 'updates', askForUpdates),
    at('get', 'answer', showAnswers),
    at('post', 'answer', askForAnswers),
    at('post', 'answer/close', ({ intake: { settings }, view }) =>
      closeAnswers(settings, view.receipt)
    ),
    at('get', 'answer/:answer/:position', showFile),
    at('get', 'code/:proof', (visit) => showCode(visit)),
    at('post', 'code/:proof', takeCode)
  ]
}

function fieldsOf({ body }: ChannelRequest): URLSearchParams {
  return new URLSearchParams(new TextDecoder().decode(body))
}

/** Whether the form was sent from a page of ours for this receipt, in this browser. */
function isOurs({ intake, request, view }: Visit): boolean {
  const token = fieldsOf(request).get('_token') ?? undefined
  const name = addName(view.receipt)
  return (
    checkToken(intake.secret('form'), token, sentBinding(request), name, Date.now()) !== undefined
  )
}

async function askForUpdates(visit: Visit): Promise<ChannelResponse> {
  const { intake, proofs, request, view, t } = visit
  const typedAddress = fieldsOf(request).get('address') ?? ''
  const again = (text: string, status: number) =>
    answerStatus(
      intake,
      request,
      view,
      { typedAddress, problems: [{ field: 'updates', text }] },
      status
    )
  if (!isOurs(visit)) return again(t('form.expired'), 403)
  const address = proofs.addressFrom(typedAddress)
  if (!address || !view.canGetUpdates)
    return again(t(addressKey('updates.noAddress', proofs.ways)), 422)
  return (await sendCode(visit, 'updates', address)) ?? again(t('code.spent'), 429)
}

async function askForAnswers(visit: Visit): Promise<ChannelResponse> {
  const { proofs, request, view, t } = visit
  if (!isOurs(visit)) return showChoice(visit, t('form.expired'), 403)
  const addresses = await proofs.addressesOf(view.contactId)
  const address = addresses[Number(fieldsOf(request).get('to') ?? 0)]
  if (!address) return showChoice(visit, t('error.BAD_REQUEST'), 422)
  return (await sendCode(visit, 'answer', address)) ?? showChoice(visit, t('code.spent'), 429)
}

/** Undefined where today's codes are used up. */
async function sendCode(
  { proofs, view, language }: Visit,
  purpose: ProofPurpose,
  address: CodeAddress
): Promise<ChannelResponse | undefined> {
  const asked = await proofs.ask({ ...address, contactId: view.contactId, purpose, language })
  if (asked === 'spent') return undefined
  const again = asked.sentBefore ? '?again=1' : ''
  return redirect(`/r/${view.receipt}/code/${asked.proofId}${again}`)
}

/** A page of this room, with a token for its form. */
function shown(
  visit: Visit,
  status: number,
  problem: string | undefined,
  draw: (common: {
    agency: ReturnType<WebIntake['agency']>
    language: string
    receipt: string
    token: string
    problem: string | undefined
  }) => string
): ChannelResponse {
  const { intake, request, view, language } = visit
  const agency = intake.agency()
  const { receipt } = view
  const { binding, cookies } = bindBrowser(intake, request)
  const token = issueToken(intake.secret('form'), binding, addName(receipt), Date.now())
  const body = draw({ agency, language, receipt, token, problem })
  return page(status, body, request, intake.settings, agency, cookies)
}

async function showChoice(visit: Visit, problem?: string, status = 200): Promise<ChannelResponse> {
  const addresses = await visit.proofs.addressesOf(visit.view.contactId)
  return shown(visit, status, problem, (common) =>
    renderChoice({ ...common, addresses, codes: visit.proofs.ways.length > 0 })
  )
}

async function showAnswers(visit: Visit): Promise<ChannelResponse> {
  const { intake, proofs, request, view } = visit
  const proofId = openedProof(intake, request, view.receipt)
  const answers = proofId && (await proofs.answers(view.contactId, proofId))
  const cases = view.cases.flatMap(({ caseId }) => caseId ?? [])
  return answers
    ? shown(visit, 200, undefined, (common) => renderAnswers({ ...common, answers, cases }))
    : showChoice(visit)
}

async function showFile(visit: Visit): Promise<ChannelResponse> {
  const { intake, proofs, request, view } = visit
  const { answer: answerId = '', position = '' } = request.params
  const proofId = openedProof(intake, request, view.receipt)
  const file =
    proofId && /^\d{1,3}$/.test(position)
      ? await proofs.answerFile(view.contactId, proofId, { answerId, position: Number(position) })
      : undefined
  if (!file) return showChoice(visit, undefined, 404)
  return {
    status: 200,
    body: file.content,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': contentDisposition(file.name),
      'cache-control': 'no-store'
    }
  }
}

async function showCode(visit: Visit, problem?: string, status = 200): Promise<ChannelResponse> {
  const { intake, proofs, request, view } = visit
  const proofId = request.params['proof'] ?? ''
  const proof = await proofs.find(view.contactId, proofId)
  return proof
    ? shown(visit, status, problem, (common) =>
        renderCode({ ...common, proofId, proof, again: request.query.has('again') })
      )
    : unknownCode(intake, request)
}

async function takeCode(visit: Visit): Promise<ChannelResponse> {
  const { intake, proofs, request, view, t } = visit
  if (!isOurs(visit)) return showCode(visit, t('form.expired'), 403)
  const proofId = request.params['proof'] ?? ''
  const verdict = await proofs.check(view.contactId, proofId, fieldsOf(request).get('code') ?? '')
  if (verdict !== 'right') return showCode(visit, t(`code.${verdict}`), 422)
  const proof = await proofs.find(view.contactId, proofId)
  return proof?.purpose === 'answer'
    ? openAnswers(intake, view.receipt, proofId)
    : redirect(`/r/${view.receipt}?updates=1`)
}
