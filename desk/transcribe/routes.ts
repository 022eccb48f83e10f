/** The transcription bench: what machines could not read well, written down by a person. Its place in line is kept. */
import { Router, type Request, type Response } from 'express'
import { catalogue, type ErrorCode } from '../../core/errors.ts'
import { nativeName } from '../../core/pages/language.ts'
import { TRANSCRIPT_LIMIT, type Transcript, type Transcription } from '../../core/transcription.ts'
import { field, idParam } from '../fields.ts'
import { actorOf, requireStaff } from '../gate.ts'
import type { HttpOptions } from '../http-options.ts'
import { formatAge, refusal } from '../mailroom/shared.ts'
import { mailroomRoles, redirectWith, showPage, type PageTools } from '../pages.ts'
import { originalRoutes, viewOriginals, waitingOf } from './originals.ts'

/** More than one person writes down in a week; the first ones are what matters. */
const LISTED = 100
const MAX_NAME = 200
const MAX_ADDRESS = 500

/** Channels as people say them. */
const channelWords: Readonly<Record<string, string>> = { email: 'e-mail', sms: 'text message', phone: 'telephone', postal: 'letter', web: 'form', api: 'another system' }

const frame = { current: '/desk/transcribe', wide: true, scripts: ['forms.js', 'desk.js', 'bench.js'], by: (channel: string) => channelWords[channel] ?? channel }

export function transcribeRouter(options: HttpOptions, tools: PageTools): Router {
  const { transcription, settings } = options
  const router = Router({ caseSensitive: true })
  router.use('/transcribe', requireStaff(mailroomRoles))
  router.get('/transcribe', async (request, response) => {
    const { total, contacts } = await transcription.list(LISTED)
    showPage(tools, request, response, 'transcribe/list', { ...frame, title: 'Transcription', total, contacts, age: formatAge })
  })
  originalRoutes(router, options)
  router.get('/transcribe/:contact', async (request, response) => showOne(options, tools, request, response, await waitingOf(options, request)))
  router.post('/transcribe/:contact', async (request, response) => {
    const contactId = idParam(request, 'contact', 'NOT_FOUND')
    const typed = readTyped(request)
    const waiting = await transcription.find(contactId)
    const refused = waiting ? await transcription.transcribe(contactId, actorOf(response), toTranscript(typed, waiting.envelope)).then(() => undefined, refusal) : 'CONTACT_NOT_QUARANTINED'
    if (refused === 'TEXT_REQUIRED' && waiting) await showOne(options, tools, request, response, waiting, typed)
    else if (refused) showLate(tools, request, response, refused, typed)
    else await goOn(options, response, field(request, 'do', 10))
  })
  router.post('/transcribe/:contact/unreadable', async (request, response) => {
    const contactId = idParam(request, 'contact', 'NOT_FOUND')
    const done = await transcription.giveUp(contactId, actorOf(response), field(request, 'reason')).then(() => 'unreadable' as const, refusal)
    redirectWith(settings, response, done === 'REASON_REQUIRED' ? `/desk/transcribe/${contactId}` : '/desk/transcribe', done)
  })
  return router
}

/** To the earliest that still waits, or to the list. */
async function goOn({ transcription, settings }: HttpOptions, response: Response, wish: string): Promise<void> {
  const next = wish === 'next' ? (await transcription.list(1)).contacts[0] : undefined
  if (next) redirectWith(settings, response, `/desk/transcribe/${next.contactId}`, 'transcribed')
  else redirectWith(settings, response, '/desk/transcribe', wish === 'next' ? 'transcribed-last' : 'transcribed')
}

interface Typed { readonly text: string; readonly language: string; readonly senderName: string; readonly senderAddress: string }

function readTyped(request: Request): Typed {
  return {
    // One more than allowed, so that too long a text is refused and not cut.
    text: field(request, 'text', TRANSCRIPT_LIMIT + 1).replaceAll('\r\n', '\n'), language: field(request, 'language', 35), senderName: field(request, 'senderName', MAX_NAME),
    senderAddress: field(request, 'senderAddress', MAX_ADDRESS)
  }
}

/** What was heard or seen takes the place of what the machine made of it; numbers and mail addresses stay. */
function toTranscript({ text, language, senderName, senderAddress }: Typed, { sender }: Transcription['envelope']): Transcript {
  const { name: _, ...known } = sender
  const addresses = senderAddress === '' ? [] : [senderAddress, ...sender.addresses.slice(1)]
  return { text, ...(isTag(language) && language !== 'und' ? { language } : {}), sender: { ...known, ...(senderName ? { name: senderName } : {}), addresses } }
}

function isTag(language: string): boolean {
  return /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(language)
}

async function showOne(options: HttpOptions, tools: PageTools, request: Request, response: Response, waiting: Transcription, typed?: Typed): Promise<void> {
  const { envelope } = waiting
  const { languages } = options.agency().departments.agency
  const machine = envelope.text || envelope.documents.flatMap(({ text }) => text ?? []).join('\n\n')
  const tags = [...new Set([...languages, ...[envelope.language, typed?.language ?? 'und'].filter((tag) => tag !== 'und' && isTag(tag))])]
  showPage(tools, request, response, 'transcribe/one', {
    ...frame, title: `Write down ${waiting.receipt}`, waiting, originals: await viewOriginals(options, waiting), age: formatAge,
    problems: typed ? [{ field: 'text', text: `Text: ${catalogue.TEXT_REQUIRED.text}` }] : [],
    languageChoices: [...tags.map((tag) => ({ tag, name: nativeName(tag) })), { tag: 'und', name: 'as the text shows' }], most: TRANSCRIPT_LIMIT,
    machine, typed: typed ?? { text: envelope.text || (isWorthMending(waiting) ? machine : ''), language: envelope.language, senderName: envelope.sender.name ?? '', senderAddress: envelope.sender.addresses[0] ?? '' }
  }, typed ? 422 : 200)
}

/** Of a text with half its words wrong, mending takes longer than writing it down; it is shown beside the empty field then. */
const WORTH_MENDING = 0.5

function isWorthMending({ confidence }: Transcription): boolean {
  return confidence === undefined || confidence >= WORTH_MENDING
}

/** Somebody else was faster: what was typed is shown, so that it is not lost. */
function showLate(tools: PageTools, request: Request, response: Response, code: ErrorCode, written: Typed): void {
  showPage(tools, request, response, 'transcribe/late', { ...frame, title: 'Not saved', code, reason: catalogue[code].text, written }, catalogue[code].status)
}
