/** Shows a form and takes what was sent with it. */
import type { Agency } from '../../config/agency.ts'
import { FRONT_FORM } from '../../config/cross-checks.ts'
import type { Form } from '../../config/schema.ts'
import type {
  ChannelRequest,
  ChannelResponse,
  ChannelRoute,
  RawContact
} from '../../core/intake/channel.ts'
import type { WebIntake } from './intake.ts'
import { asEvenhandError, catalogue, EvenhandError, type ErrorCode } from '../../platform/errors.ts'
import { rates } from '../../platform/limits/rates.ts'
import { FixedWindowLimiter } from '../../platform/limits/fixed-window-limiter.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { parseReceipt } from '../../core/contacts/receipts.ts'
import type { StatusState } from '../../core/contacts/resident-status.ts'
import { errorText } from '../../platform/pages/error-page.ts'
import { inLanguage, translate } from '../../platform/pages/language.ts'
import { addForm } from './add-form.ts'
import { checkAnswers, receiptProblems, typed } from './answers.ts'
import { bindBrowser, sentBinding } from './binding.ts'
import { renderForm, type FormPage } from './form-page.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { languageFor, page, redirect } from './pages.ts'
import { snapshotForm } from './snapshot.ts'
import { parseSubmission, type Submission } from './submission.ts'
import { addName, answerStatus, findPage, unknownCode } from './status-routes.ts'
import { checkToken, deliveryId, issueToken } from './token.ts'

/**
 * Browsers counted separately: more than can send in a minute. Further ones would share one count.
 */
const BROWSERS = 200_000

/**
 * The routes of all forms. The form is looked up at each request, so that a changed configuration
 * shows at once.
 */
export function formRoutes(intake: WebIntake): ChannelRoute[] {
  const browsers = new FixedWindowLimiter(rates.formsPerBrowser, BROWSERS)
  const show = {
    method: 'get',
    maxBodyBytes: 0,
    handle: async (request: ChannelRequest) => showForm(intake, request)
  } as const
  const take = {
    method: 'post',
    maxBodyBytes: MAX_BODY_BYTES,
    keepsText: true,
    handle: (request: ChannelRequest) => takeForm(intake, request, browsers)
  } as const
  return [
    ...['/', '/f/:form'].flatMap((path) => [
      { ...show, path },
      { ...take, path }
    ]),
    {
      ...take,
      path: '/r/:receipt',
      handle: (request: ChannelRequest) => takeMore(intake, request, browsers)
    }
  ]
}

function showForm(intake: WebIntake, request: ChannelRequest): ChannelResponse {
  const visit = beginVisit(intake, request)
  return visit.answer(200, {})
}

async function takeForm(
  intake: WebIntake,
  request: ChannelRequest,
  browsers: FixedWindowLimiter
): Promise<ChannelResponse> {
  const submission = await readSubmission(request)
  const visit = beginVisit(intake, request, typed(submission, '_language'))
  const { form, language, secret, binding, t, say } = visit
  const problems = checkAnswers(form, submission, t, say)
  // If the body exceeded its bounds, its token may have been dropped with the rest.
  if (submission.exceeded.length > 0)
    return visit.answer(statusOf('INTAKE_TOO_LARGE'), { submission, problems })
  const nonce = checkToken(secret, typed(submission, '_token'), binding, form.id, Date.now())
  if (!nonce)
    return visit.answer(statusOf('FORM_EXPIRED'), { submission, notice: t('form.expired') })
  const earlier =
    problems.length > 0 ? undefined : await findEarlier(intake, request, form, submission)
  if (earlier === 'unknown') problems.push(...receiptProblems(form, submission, t, say))
  if (problems.length > 0) return visit.answer(statusOf('FORM_INVALID'), { submission, problems })
  if (!browsers.take(binding!))
    return withRetry(
      visit.answer(statusOf('RATE_LIMITED'), {
        submission,
        notice: errorText('RATE_LIMITED', { t })
      })
    )
  const raw = makeRaw(
    request,
    form,
    language,
    submission,
    deliveryId(secret, nonce, submission),
    say
  )
  try {
    const { receipt } = await intake.accept(raw)
    return redirect(
      typeof earlier === 'object' ? `/r/${earlier.receipt}?added=1` : `/r/${receipt}?sent=1`
    )
  } catch (error) {
    const { code, status, retry } = asEvenhandError(error)
    if (!retry) throw error
    intake.log.warn({ code, form: form.id }, 'a form could not be accepted')
    return withRetry(visit.answer(status, { submission, notice: errorText(code, { t }) }))
  }
}

interface Visit {
  readonly form: Form
  readonly language: string
  readonly secret: Uint8Array
  /** The browser's cookie as sent. */
  readonly binding: string | undefined
  readonly t: ReturnType<typeof translate>
  say(text: Readonly<Record<string, string>>): string
  answer(
    status: number,
    shown: Pick<FormPage, 'submission' | 'problems' | 'notice'>
  ): ChannelResponse
}

function beginVisit(intake: WebIntake, request: ChannelRequest, shownIn?: string): Visit {
  const agency = intake.agency()
  const form = findForm(agency, request.params['form'] ?? FRONT_FORM)
  const { languages } = agency.departments.agency
  const language = shownIn && languages.includes(shownIn) ? shownIn : languageFor(request, agency)
  const secret = intake.secret('form')
  const binding = sentBinding(request)
  return {
    form,
    language,
    secret,
    binding,
    t: translate(agency.locales, language),
    say: (text) => inLanguage(text, language, languages[0] ?? 'en'),
    answer(status, shown) {
      const { binding: bound, cookies } = bindBrowser(intake, request)
      const token = issueToken(secret, bound, form.id, Date.now())
      return page(
        status,
        renderForm({ agency, form, language, token, ...shown }),
        request,
        intake.settings,
        agency,
        cookies
      )
    }
  }
}

/** Of a form that is too large, only what was typed. @throws BAD_REQUEST */
async function readSubmission(request: ChannelRequest): Promise<Submission> {
  if (request.textFields)
    return { fields: request.textFields, files: [], spans: [], exceeded: ['file-bytes'] }
  return parseSubmission(request.body, contentType(request)).catch(() => {
    throw new EvenhandError('BAD_REQUEST', 'not a form')
  })
}

/** States in which a message has a case that another one can join. */
const joinable: ReadonlySet<StatusState> = new Set([
  'waiting',
  'being-served',
  'waiting-for-resident',
  'answered',
  'closed',
  'handed-off'
])

/**
 * The earlier message that a receipt typed into the form names; "unknown" if there is none, and the
 * guess is counted.
 */
async function findEarlier(
  intake: WebIntake,
  request: ChannelRequest,
  form: Form,
  submission: Submission
): Promise<{ receipt: string } | 'unknown' | undefined> {
  const [given] = form.fields
    .filter(({ role }) => role === 'receipt')
    .map(({ id }) => typed(submission, id))
    .filter((value) => !isBlank(value))
  if (given === undefined) return undefined
  const receipt = parseReceipt(given)
  const view = receipt ? await intake.status(receipt) : undefined
  if (!receipt || !view) {
    await intake.guessed('receipt', request.remoteAddress)
    return 'unknown'
  }
  return joinable.has(view.state) ? { receipt } : undefined
}

/** Takes what is added on a status page: it joins the message of that page. */
async function takeMore(
  intake: WebIntake,
  request: ChannelRequest,
  browsers: FixedWindowLimiter
): Promise<ChannelResponse> {
  const view = await findPage(intake, request)
  if (!view) return unknownCode(intake, request)
  const submission = await readSubmission(request)
  const agency = intake.agency()
  const { languages } = agency.departments.agency
  const language = languageFor(request, agency)
  const t = translate(agency.locales, language)
  const say: Visit['say'] = (text) => inLanguage(text, language, languages[0] ?? 'en')
  const form = addForm(agency)
  const [secret, binding] = [intake.secret('form'), sentBinding(request)]
  const again = (code: ErrorCode, shown: Pick<FormPage, 'problems' | 'notice'>) =>
    answerStatus(
      intake,
      request,
      view,
      { typed: typed(submission, 'message'), ...shown },
      statusOf(code)
    )
  const problems = checkAnswers(form, submission, t, say)
  if (submission.exceeded.length > 0) return again('INTAKE_TOO_LARGE', { problems })
  const nonce = checkToken(
    secret,
    typed(submission, '_token'),
    binding,
    addName(view.receipt),
    Date.now()
  )
  if (!nonce || parseReceipt(typed(submission, 'receipt')) !== view.receipt)
    return again('FORM_EXPIRED', { notice: t('form.expired') })
  if (problems.length > 0) return again('FORM_INVALID', { problems })
  if (!browsers.take(binding!))
    return withRetry(await again('RATE_LIMITED', { notice: errorText('RATE_LIMITED', { t }) }))
  const id = deliveryId(secret, nonce, submission)
  try {
    await intake.accept(makeRaw(request, form, language, submission, id, say))
    return redirect(`/r/${view.receipt}?added=1`)
  } catch (error) {
    const { code, retry } = asEvenhandError(error)
    if (!retry) throw error
    intake.log.warn({ code, form: form.id }, 'a form could not be accepted')
    return withRetry(await again(code, { notice: errorText(code, { t }) }))
  }
}

function findForm(agency: Agency, id: string): Form {
  const form = agency.forms.find((candidate) => candidate.id === id)
  if (!form) throw new EvenhandError('FORM_UNKNOWN')
  return form
}

/** No address, browser or cookie is stored: only the form and the language it was shown in. */
function makeRaw(
  request: ChannelRequest,
  form: Form,
  language: string,
  submission: Submission,
  externalId: string,
  say: Visit['say']
): RawContact {
  return {
    channel: 'web',
    source: form.id,
    externalId,
    bytes: request.body,
    mediaType: contentType(request),
    evidence: { form: snapshotForm(form, say), language },
    ...(typed(submission, '_more') === ''
      ? {}
      : { quarantine: 'a field that people do not see was filled in' })
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
