/**
 * The transcription pages: a person types what machines could not read well. The contact keeps its
 * place in line.
 */
import { Router, type Request, type Response } from 'express'
import { catalogue, type ErrorCode } from '../../../platform/errors.ts'
import type { ChannelKind } from '../../../core/envelope.ts'
import { nativeName } from '../../../platform/pages/language.ts'
import {
  TRANSCRIPT_LIMIT,
  type Transcript,
  type Transcription
} from '../../../core/transcription/transcribe.ts'
import { field, idParam } from '../shared/fields.ts'
import { actorOf, requireStaff } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { formatAge } from '../shared/age.ts'
import { refusal } from '../shared/refusal.ts'
import { heading } from '../shared/heading.ts'
import { nameOf, sendersOf } from '../people/shared.ts'
import { mailroomRoles } from '../shared/roles.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { channelWords } from '../shared/words.ts'
import { refuseForms } from '../unsent/refused.ts'
import { originalRoutes, viewOriginals, waitingOf } from './originals.ts'
import { nameActor } from '../shared/actor-names.ts'

/** More than one person transcribes in a week; only the first ones matter. */
const LISTED = 100
const MAX_NAME = 200
const MAX_ADDRESS = 500
const MAX_EMAIL = 254
const MAX_PHONE = 40

const frame = {
  current: '/desk/transcribe',
  scripts: ['forms.js', 'desk.js', 'work-screen.js'],
  by: (channel: ChannelKind) => channelWords[channel]
}

export function transcribeRouter(options: WebContext, tools: PageTools): Router {
  const { transcription, settings } = options
  const refuse = refuseForms(options, tools)
  const router = Router({ caseSensitive: true })
  router.use('/transcribe', requireStaff(mailroomRoles))
  router.get('/transcribe', async (request, response) => {
    const { total, contacts } = await transcription.list(LISTED)
    showPage(tools, request, response, 'transcribe/list', {
      ...frame,
      title: 'Transcription',
      total,
      contacts,
      age: formatAge
    })
  })
  originalRoutes(router, options)
  router.get('/transcribe/:contact', async (request, response) =>
    showOne(options, tools, request, response, { waiting: await waitingOf(options, request) })
  )
  router.post('/transcribe/:contact', async (request, response) => {
    const contactId = idParam(request, 'contact', 'NOT_FOUND')
    const typed = readTyped(request)
    const waiting = await transcription.find(contactId)
    const refused = waiting
      ? await transcription
          .transcribe(contactId, actorOf(response), toTranscript(typed, waiting.envelope))
          .then(() => undefined, refusal)
      : 'CONTACT_NOT_QUARANTINED'
    if (refused === 'TEXT_REQUIRED' && waiting)
      await showOne(options, tools, request, response, { waiting, typed })
    else if (refused) showLate(tools, request, response, refused, typed)
    else await goOn(options, response, field(request, 'do', 10))
  })
  router.post('/transcribe/:contact/unreadable', async (request, response) => {
    const contactId = idParam(request, 'contact', 'NOT_FOUND')
    await transcription.giveUp(contactId, actorOf(response), field(request, 'reason')).then(
      () => redirectWith(settings, response, '/desk/transcribe', 'unreadable'),
      (error: unknown) =>
        refuse(
          request,
          response,
          error,
          refusal(error) === 'REASON_REQUIRED'
            ? `/desk/transcribe/${contactId}`
            : '/desk/transcribe'
        )
    )
  })
  return router
}

/** Goes to the earliest contact that still waits, or to the list. */
async function goOn(
  { transcription, settings }: Pick<WebContext, 'transcription' | 'settings'>,
  response: Response,
  wish: string
): Promise<void> {
  const next = wish === 'next' ? (await transcription.list(1)).contacts[0] : undefined
  if (next) redirectWith(settings, response, `/desk/transcribe/${next.contactId}`, 'transcribed')
  else
    redirectWith(
      settings,
      response,
      '/desk/transcribe',
      wish === 'next' ? 'transcribed-last' : 'transcribed'
    )
}

interface Typed {
  readonly text: string
  readonly language: string
  readonly senderName: string
  readonly senderAddress: string
  readonly senderEmail: string
  readonly senderPhone: string
}

function readTyped(request: Request): Typed {
  return {
    // One character more than allowed, so that too long a text is refused and not cut.
    text: field(request, 'text', TRANSCRIPT_LIMIT + 1).replaceAll('\r\n', '\n'),
    language: field(request, 'language', 35),
    senderName: field(request, 'senderName', MAX_NAME),
    senderAddress: field(request, 'senderAddress', MAX_ADDRESS),
    senderEmail: field(request, 'senderEmail', MAX_EMAIL),
    senderPhone: field(request, 'senderPhone', MAX_PHONE)
  }
}

/**
 * The transcript replaces the text that the machine made. If another number was given, the number
 * it came from is kept beside it.
 */
function toTranscript(
  { text, language, senderName, senderAddress, senderEmail, senderPhone }: Typed,
  { sender }: Transcription['envelope']
): Transcript {
  const addresses = senderAddress === '' ? [] : [senderAddress, ...sender.addresses.slice(1)]
  return {
    text,
    ...(isTag(language) && language !== 'und' ? { language } : {}),
    sender: {
      ...(senderName ? { name: senderName } : {}),
      emails: beside(senderEmail, sender.emails),
      phones: beside(senderPhone, sender.phones),
      addresses
    }
  }
}

function beside(given: string, known: readonly string[]): readonly string[] {
  return given === '' ? known : [...new Set([...known, given])]
}

function isTag(language: string): boolean {
  return /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(language)
}

async function showOne(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  { waiting, typed }: { readonly waiting: Transcription; readonly typed?: Typed }
): Promise<void> {
  const { envelope } = waiting
  const { languages } = options.agency().departments.agency
  const machine = envelope.text || envelope.documents.flatMap(({ text }) => text ?? []).join('\n\n')
  const tags = [
    ...new Set([
      ...languages,
      ...[envelope.language, typed?.language ?? 'und'].filter((tag) => tag !== 'und' && isTag(tag))
    ])
  ]
  const names = await options.staff.names()
  showPage(tools, request, response, 'transcribe/one', {
    ...frame,
    linked: await sendersOf(options, waiting.contactId),
    nameOf,
    who: (actor: string) => nameActor(names, actor),
    title: `Write down: ${heading(waiting.envelope.subject, waiting.envelope.text)}`,
    waiting,
    originals: await viewOriginals(options, waiting),
    age: formatAge,
    problems: typed ? [{ field: 'text', text: `Text: ${catalogue.TEXT_REQUIRED.text}` }] : [],
    languageChoices: [
      ...tags.map((tag) => ({ tag, name: nativeName(tag) })),
      { tag: 'und', name: 'as the text shows' }
    ],
    most: TRANSCRIPT_LIMIT,
    machine,
    typed: typed ?? {
      text: envelope.text || (isWorthMending(waiting) ? machine : ''),
      language: envelope.language,
      senderName: envelope.sender.name ?? '',
      senderAddress: envelope.sender.addresses[0] ?? '',
      senderEmail: '',
      senderPhone: ''
    },
    status: typed ? 422 : 200
  })
}

/**
 * If half the words are wrong, correcting a text takes longer than typing it. Below this confidence
 * the text is shown beside an empty field.
 */
const WORTH_MENDING = 0.5

function isWorthMending({ confidence }: Transcription): boolean {
  return confidence === undefined || confidence >= WORTH_MENDING
}

/** Somebody else has transcribed it first. What was typed is shown, so that it is not lost. */
function showLate(
  tools: PageTools,
  request: Request,
  response: Response,
  code: ErrorCode,
  written: Typed
): void {
  showPage(tools, request, response, 'transcribe/late', {
    ...frame,
    title: 'Not saved',
    code,
    reason: catalogue[code].text,
    written,
    status: catalogue[code].status
  })
}
