/** Taking down what somebody says at the counter or on the phone. Arrival and line are the core's; the page has no field for them. */
import { randomBytes } from 'node:crypto'
import express, { Router, type Request, type Response } from 'express'
import { checkEntry, choicesOf, counterContact, counterLimits, MAX_TEXT, sendingId, type CounterPerson, type EntryProblem } from '../core/counter.ts'
import { asEvenhandError, catalogue, EvenhandError } from '../core/errors.ts'
import { parseForm, type Submission } from '../core/form-body.ts'
import type { FormProtection } from './csrf.ts'
import { actorOf, requireStaff } from './gate.ts'
import type { HttpOptions } from './http-options.ts'
import { spokenLanguages } from './languages.ts'
import { showPage, type PageTools } from './pages.ts'

/** Files, text as multipart, and headers of a hundred parts. */
const MAX_BODY_BYTES = counterLimits.fileBytes + counterLimits.textBytes + 64 * 1024

const details = ['name', 'phone', 'email', 'address'] as const
type Who = 'sender' | 'behalf'

/** What was typed, by the name of its field. */
type Typed = ReadonlyMap<string, string>

const sentences: Record<EntryProblem, string> = {
  empty: 'Write what the person says, or add what they handed over.',
  'text-too-long': `The text has more than ${MAX_TEXT.toLocaleString('en')} characters. Shorten it, or add it as a file.`,
  'detail-too-long': 'A name, number or address has more than 500 characters.',
  'unknown-choice': 'Choose one of the topics offered.',
  'unknown-language': 'Choose one of the languages offered.',
  'files-too-large': `The files have more than ${counterLimits.fileBytes / 1024 ** 2} MB together.`
}

export function counterRouter(options: HttpOptions, tools: PageTools): Router {
  const router = Router()
  router.get('/counter', requireStaff(), (request, response) => showForm(options, tools, request, response))
  return router
}

/** Stands before the check of form tokens, as the token comes with the files; checks it itself before anything is kept. */
export function takeDownRouter(options: HttpOptions, tools: PageTools, protection: FormProtection): Router {
  const router = Router({ caseSensitive: true })
  router.post('/counter', requireStaff(), express.raw({ type: 'multipart/form-data', limit: MAX_BODY_BYTES, inflate: false }), async (request, response) => {
    const submission = Buffer.isBuffer(request.body) ? await parseForm(request.body, String(request.headers['content-type']), counterLimits).catch(() => undefined) : undefined
    if (!submission) throw new EvenhandError('BAD_REQUEST', 'not a form')
    const typed: Typed = new Map(submission.fields)
    await checkToken(protection, request, response, typed)
    await takeDown(options, tools, request, response, typed, submission)
  })
  return router
}

function checkToken({ check }: FormProtection, request: Request, response: Response, typed: Typed): Promise<void> {
  request.body = Object.fromEntries(typed)
  return new Promise((resolve, reject) => { void check(request, response, (error?: unknown) => (error ? reject(error as Error) : resolve())) })
}

async function takeDown(options: HttpOptions, tools: PageTools, request: Request, response: Response, typed: Typed, submission: Submission): Promise<void> {
  const entry = readTyped(options, typed, submission)
  const problems = submission.exceeded.length > 0 ? submission.exceeded.map(exceededProblem) : checkEntry(options.agency(), entry)
  if (problems.length > 0) {
    const shown = problems.map(({ field, problem }) => ({ field, text: sentences[problem] }))
    return showForm(options, tools, request, response, { typed, problems: shown, filesGone: submission.files.length > 0 }, catalogue.FORM_INVALID.status)
  }
  const contact = counterContact(entry, { actor: actorOf(response) })
  try {
    const { receipt } = await options.desk.accept({ ...contact, externalId: sendingId(options.secret('counter'), typed.get('_page') ?? '', contact) })
    response.redirect(303, `/desk/slips/${receipt}?new=1`)
  } catch (error) {
    const { retry, status, message } = asEvenhandError(error)
    if (!retry) throw error
    response.set('retry-after', '30')
    showForm(options, tools, request, response, { typed, problems: [{ text: message }], filesGone: submission.files.length > 0 }, status)
  }
}

function exceededProblem(bound: Submission['exceeded'][number]): { field: string; problem: EntryProblem } {
  return bound === 'text' ? { field: 'text', problem: 'text-too-long' } : { field: 'files', problem: 'files-too-large' }
}

function readTyped({ agency }: HttpOptions, typed: Typed, { files }: Submission) {
  const value = (name: string) => typed.get(name)?.trim() || undefined
  const person = (who: Who): CounterPerson => Object.fromEntries(details.flatMap((name) => value(`${who}-${name}`) ? [[name, value(`${who}-${name}`)!]] : []))
  const answers = Object.fromEntries(choicesOf(agency()).flatMap(({ id }) => value(`answer-${id}`) ? [[id, value(`answer-${id}`)!]] : []))
  const language = value('language')
  return {
    kind: value('kind') === 'call' ? 'call' as const : 'walk-in' as const, text: typed.get('text') ?? '', answers, sender: person('sender'), behalf: person('behalf'),
    ...(language ? { language } : {}), files: files.map(({ name, mediaType, content }) => ({ name, mediaType, content: content.toString('base64') }))
  }
}

interface Shown { readonly typed: Typed; readonly problems: readonly { field?: string; text: string }[]; readonly filesGone: boolean }

function showForm({ agency }: HttpOptions, tools: PageTools, request: Request, response: Response, shown?: Shown, status = 200): void {
  const { languages } = agency().departments.agency
  showPage(tools, request, response, 'counter', {
    title: shown ? 'Error: Counter' : 'Counter', current: '/desk/counter',
    value: (name: string) => shown?.typed.get(name) ?? '',
    problems: shown?.problems ?? [], problemsHeading: 'Nothing is stored yet. Please check:', filesGone: shown?.filesGone ?? false,
    // One for each page: a second click on it is the same contact, the next page is the next one.
    page: shown?.typed.get('_page') ?? randomBytes(16).toString('base64url'),
    choices: choicesOf(agency()), spoken: spokenLanguages(languages), details
  }, status)
}
