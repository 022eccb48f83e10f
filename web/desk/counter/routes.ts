/**
 * Taking down what somebody says at the counter or on the phone. The core decides arrival and line;
 * the page has no field for them.
 */
import { randomBytes } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import {
  checkEntry,
  choicesOf,
  counterContact,
  counterLimits,
  MAX_TEXT,
  sendingId,
  type CounterPerson,
  type EntryProblem
} from '../../../core/intake/counter-entry.ts'
import { asEvenhandError, catalogue, EvenhandError } from '../../../platform/errors.ts'
import { parseForm, type Submission } from '../../../platform/http-bodies/form.ts'
import type { FormProtection } from '../shared/csrf.ts'
import { actorOf, requireStaff, staffOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { spokenLanguages } from '../shared/languages.ts'
import { showPage, type PageTools } from '../shared/pages.ts'

/** Bytes: files, text as multipart, and headers of a hundred parts. */
const MAX_BODY_BYTES = counterLimits.fileBytes + counterLimits.textBytes + 64 * 1024

const details = ['name', 'phone', 'email', 'address'] as const
type Who = 'sender' | 'behalf'

/** What was typed, by field name. */
type Typed = ReadonlyMap<string, string>

const sentences: Record<EntryProblem, string> = {
  empty: 'Write what the person says, or add what they handed over.',
  'text-too-long': `The text has more than ${MAX_TEXT.toLocaleString('en')} characters. Shorten it, or add it as a file.`,
  'detail-too-long': 'A name, number or address has more than 500 characters.',
  'unknown-choice': 'Choose one of the topics offered.',
  'unknown-language': 'Choose one of the languages offered.',
  'files-too-large': `The files have more than ${counterLimits.fileBytes / 1024 ** 2} MB together.`
}

export function counterRouter(options: WebContext, tools: PageTools): Router {
  const router = Router()
  router.get('/counter', requireStaff(), (request, response) =>
    showForm(options, tools, request, response)
  )
  return router
}

/**
 * Runs before the general check of form tokens, because the token comes in the body with the files.
 * It makes that check itself before anything is kept. It reads the body before it knows who sends
 * it, as the public form does, so that a person whose session has ended gets back what they typed.
 */
export function takeDownRouter(
  options: WebContext,
  tools: PageTools,
  protection: FormProtection
): Router {
  const router = Router({ caseSensitive: true })
  router.post(
    '/counter',
    options.bodies.raw(MAX_BODY_BYTES, (type) => /^multipart\/form-data *;/i.test(type)),
    async (request, response) => {
      const submission = Buffer.isBuffer(request.body)
        ? await parseForm(
            request.body,
            String(request.headers['content-type']),
            counterLimits
          ).catch(() => undefined)
        : undefined
      if (!submission) throw new EvenhandError('BAD_REQUEST', 'not a form')
      const typed: Typed = new Map(submission.fields)
      await protection.checkFields(request, response, typed)
      staffOf(response)
      await takeDown(options, tools, request, response, { typed, submission })
    }
  )
  return router
}

async function takeDown(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  { typed, submission }: { readonly typed: Typed; readonly submission: Submission }
): Promise<void> {
  const entry = readTyped(options, typed, submission)
  const problems =
    submission.exceeded.length > 0
      ? submission.exceeded.map(exceededProblem)
      : checkEntry(options.agency(), entry)
  if (problems.length > 0) {
    const shown = problems.map(({ field, problem }) => ({ field, text: sentences[problem] }))
    return showForm(options, tools, request, response, {
      typed,
      problems: shown,
      filesGone: submission.files.length > 0,
      status: catalogue.FORM_INVALID.status
    })
  }
  const contact = counterContact(entry, { actor: actorOf(response) })
  try {
    const { receipt } = await options.acceptor.accept({
      ...contact,
      externalId: sendingId(options.secret('counter'), typed.get('_page') ?? '', contact)
    })
    response.redirect(303, `/desk/slips/${receipt}?new=1`)
  } catch (error) {
    const { retry, status, message } = asEvenhandError(error)
    if (!retry) throw error
    response.set('retry-after', '30')
    showForm(options, tools, request, response, {
      typed,
      problems: [{ text: message }],
      filesGone: submission.files.length > 0,
      status
    })
  }
}

function exceededProblem(bound: Submission['exceeded'][number]): {
  field: string
  problem: EntryProblem
} {
  return bound === 'text'
    ? { field: 'text', problem: 'text-too-long' }
    : { field: 'files', problem: 'files-too-large' }
}

function readTyped({ agency }: Pick<WebContext, 'agency'>, typed: Typed, { files }: Submission) {
  const value = (name: string) => typed.get(name)?.trim() || undefined
  const person = (who: Who): CounterPerson =>
    Object.fromEntries(
      details.flatMap((name) => (value(`${who}-${name}`) ? [[name, value(`${who}-${name}`)!]] : []))
    )
  const answers = Object.fromEntries(
    choicesOf(agency()).flatMap(({ id }) =>
      value(`answer-${id}`) ? [[id, value(`answer-${id}`)!]] : []
    )
  )
  const language = value('language')
  return {
    kind: value('kind') === 'call' ? ('call' as const) : ('walk-in' as const),
    text: typed.get('text') ?? '',
    answers,
    sender: person('sender'),
    behalf: person('behalf'),
    ...(language ? { language } : {}),
    files: files.map(({ name, mediaType, content }) => ({
      name,
      mediaType,
      content: content.toString('base64')
    }))
  }
}

/** A form that comes back, as it was filled in. */
interface Returned {
  readonly typed: Typed
  readonly problems: readonly { field?: string; text: string }[]
  readonly filesGone: boolean
  readonly status: number
}

function showForm(
  { agency }: Pick<WebContext, 'agency'>,
  tools: PageTools,
  request: Request,
  response: Response,
  shown?: Returned
): void {
  const { languages } = agency().departments.agency
  showPage(tools, request, response, 'counter/counter', {
    title: shown ? 'Error: Counter' : 'Counter',
    current: '/desk/counter',
    value: (name: string) => shown?.typed.get(name) ?? '',
    problems: shown?.problems ?? [],
    problemsHeading: 'Nothing is stored yet. Please check:',
    filesGone: shown?.filesGone ?? false,
    // One id per page: a second click on it is the same contact, the next page a new one.
    page: shown?.typed.get('_page') ?? randomBytes(16).toString('base64url'),
    choices: choicesOf(agency()),
    spoken: spokenLanguages(languages),
    details,
    status: shown?.status ?? 200
  })
}
