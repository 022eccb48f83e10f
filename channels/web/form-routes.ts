/** Showing a form and taking what was sent with it. */
import type { Agency } from '../../config/agency.ts'
import { FRONT_FORM } from '../../config/cross-checks.ts'
import type { Form } from '../../config/schema.ts'
import type { ChannelRequest, ChannelResponse, ChannelRoute, Intake, RawContact } from '../../core/channel.ts'
import { asEvenhandError, catalogue, EvenhandError, type ErrorCode } from '../../core/errors.ts'
import { setCookie } from '../../core/pages/cookies.ts'
import { errorText } from '../../core/pages/error-page.ts'
import { inLanguage, translate } from '../../core/pages/language.ts'
import { checkAnswers, typed } from './answers.ts'
import { renderForm, type FormPage } from './form-page.ts'
import { MAX_BODY_BYTES, POSTS_PER_MINUTE, VIEWS_PER_MINUTE } from './limits.ts'
import { isSecure, languageFor, page, redirect } from './pages.ts'
import { snapshotForm } from './snapshot.ts'
import { parseSubmission, type Submission } from './submission.ts'
import { checkToken, deliveryId, isBinding, issueToken, newBinding } from './token.ts'

const BINDING_COOKIE = 'evenhand-form'

/** The routes of all forms; which there are is looked up at each request, so that a changed configuration shows at once. */
export function formRoutes(collect: Intake): ChannelRoute[] {
  const show = { method: 'get', maxBodyBytes: 0, perMinute: VIEWS_PER_MINUTE, handle: async (request: ChannelRequest) => showForm(collect, request) } as const
  const take = { method: 'post', maxBodyBytes: MAX_BODY_BYTES, perMinute: POSTS_PER_MINUTE, handle: (request: ChannelRequest) => takeForm(collect, request) } as const
  return ['/', '/f/:form'].flatMap((path) => [{ ...show, path }, { ...take, path }])
}

function showForm(collect: Intake, request: ChannelRequest): ChannelResponse {
  const visit = beginVisit(collect, request)
  return visit.answer(200, {})
}

async function takeForm(collect: Intake, request: ChannelRequest): Promise<ChannelResponse> {
  const submission = await parseSubmission(request.body, contentType(request)).catch(() => { throw new EvenhandError('BAD_REQUEST', 'not a form') })
  const visit = beginVisit(collect, request, typed(submission, '_language'))
  const { form, language, secret, binding, t, say } = visit
  const problems = checkAnswers(form, submission, t, say)
  // A body beyond its bounds may have lost its token with the rest.
  if (submission.exceeded.length > 0) return visit.answer(statusOf('INTAKE_TOO_LARGE'), { submission, problems })
  const nonce = checkToken(secret, typed(submission, '_token'), binding, form.id, Date.now())
  if (!nonce) return visit.answer(statusOf('FORM_EXPIRED'), { submission, notice: t('form.expired') })
  if (problems.length > 0) return visit.answer(statusOf('FORM_INVALID'), { submission, problems })
  const raw = makeRaw(request, form, language, submission, deliveryId(secret, nonce, submission), say)
  try {
    return redirect(`/r/${(await collect.accept(raw)).receipt}?sent=1`)
  } catch (error) {
    const { code, status, retry } = asEvenhandError(error)
    if (!retry) throw error
    collect.log.warn({ code, form: form.id }, 'a form could not be accepted')
    return withRetry(visit.answer(status, { submission, notice: errorText(code, { t }) }))
  }
}

interface Visit {
  readonly form: Form
  readonly language: string
  readonly secret: Uint8Array
  /** The browser's cookie as it came. */
  readonly binding: string | undefined
  readonly t: ReturnType<typeof translate>
  say(text: Readonly<Record<string, string>>): string
  answer(status: number, shown: Pick<FormPage, 'submission' | 'problems' | 'notice'>): ChannelResponse
}

function beginVisit(collect: Intake, request: ChannelRequest, shownIn?: string): Visit {
  const agency = collect.agency()
  const form = findForm(agency, request.params['form'] ?? FRONT_FORM)
  const { languages } = agency.departments.agency
  const language = shownIn && languages.includes(shownIn) ? shownIn : languageFor(request, agency)
  const secret = collect.secret('form')
  const binding = request.cookies[BINDING_COOKIE]
  return {
    form, language, secret, binding,
    t: translate(agency.locales, language),
    say: (text) => inLanguage(text, language, languages[0] ?? 'en'),
    answer(status, shown) {
      const bound = isBinding(binding) ? binding : newBinding()
      const cookies = bound === binding ? [] : [setCookie(BINDING_COOKIE, bound, { secure: isSecure(collect.settings) })]
      const token = issueToken(secret, bound, form.id, Date.now())
      return page(status, renderForm({ agency, form, language, token, ...shown }), request, collect.settings, agency, cookies)
    }
  }
}

function findForm(agency: Agency, id: string): Form {
  const form = agency.forms.find((candidate) => candidate.id === id)
  if (!form) throw new EvenhandError('FORM_UNKNOWN')
  return form
}

/** No address, no browser, no cookie is kept: only the form and the language it was shown in. */
function makeRaw(request: ChannelRequest, form: Form, language: string, submission: Submission, externalId: string, say: Visit['say']): RawContact {
  return {
    channel: 'web',
    source: form.id,
    externalId,
    bytes: request.body,
    mediaType: contentType(request),
    evidence: { form: snapshotForm(form, say), language },
    ...(typed(submission, '_more') === '' ? {} : { quarantine: 'a field that people do not see was filled in' })
  }
}

function contentType(request: ChannelRequest): string {
  const type = request.headers['content-type']
  return (Array.isArray(type) ? type[0] : type) ?? ''
}

function statusOf(code: ErrorCode): number {
  return catalogue[code].status
}

function withRetry(response: ChannelResponse): ChannelResponse {
  return { ...response, headers: { ...response.headers, 'retry-after': '30' } }
}
