/**
 * What is pressed in the reply box or the note box. Before anything is done, the words of both and
 * the files are kept as drafts, so that no refusal loses them; the button names what is then done.
 */
import { Router, type Response } from 'express'
import type { Agency } from '../../../config/agency.ts'
import { takingOf } from '../../../config/schema.ts'
import { findOutcome } from '../../../config/outcomes.ts'
import { isSetUp } from '../../../core/outbox/set-up.ts'
import type { ReplyWay } from '../../../core/outbox/reply-message.ts'
import { endingOf } from '../../../core/cases/closing.ts'
import type { CaseView } from '../../../core/cases/types.ts'
import { addNaming } from '../../../core/replies/colleagues.ts'
import { checkReply, type NewReply } from '../../../core/replies/check.ts'
import { composeReply, savedWords } from '../../../core/replies/compose.ts'
import { removeDraftFile } from '../../../core/replies/draft-files.ts'
import { discardDraft, dropOther, keepDraft } from '../../../core/replies/drafts.ts'
import { isForNobody } from '../../../core/replies/notes.ts'
import { mayReply, sendReply } from '../../../core/replies/send.ts'
import { EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import type { WebContext } from '../../context.ts'
import { staffOf } from '../shared/authorization.ts'
import type { FormProtection } from '../shared/csrf.ts'
import { refusal } from '../shared/refusal.ts'
import { requireShown } from './shown-messages.ts'
import { redirectWith, type Flash } from '../shared/pages.ts'
import { keepBox, keepFiles, MAX_BODY_BYTES, parseBoxes, type Kept, type Value } from './boxes.ts'
import { choiceOf } from './composer-fields.ts'
import { findCase } from './find.ts'

interface Pressed {
  readonly view: CaseView
  readonly verb: string
  readonly reply: Kept | undefined
  readonly note: Kept | undefined
  /** Which messages the page showed; empty for a form that does not say. */
  readonly shown: string
}

type Done = { readonly to: string; readonly say?: Flash | ErrorCode }

/**
 * Runs before the general check of form tokens, because the token comes in the body with the files;
 * it makes that check itself before anything is kept.
 */
export function composeRouter(options: WebContext, protection: FormProtection): Router {
  const router = Router({ caseSensitive: true })
  router.post(
    '/cases/:id/compose',
    options.bodies.raw(MAX_BODY_BYTES, (type) => /^multipart\/form-data *;/i.test(type)),
    async (request, response) => {
      const submission = await parseBoxes(request)
      const values = new Map(submission.fields)
      await protection.checkFields(request, response, values)
      staffOf(response)
      const view = await findCase(options, request, response)
      const pressed = await keep(options, view, response, (name) => values.get(name) ?? '')
      const { reply, verb } = pressed
      const refused = reply && (await keepFiles(options, reply.key, submission))
      const back = `/desk/cases/${view.caseId}${isOfNote(verb) ? '#note' : '#reply'}`
      const done = refused
        ? { to: back, say: refused }
        : await act(options, pressed, back).catch((error: unknown) => ({
            to: back,
            say: refusal(error)
          }))
      if (done.say) redirectWith(options.settings, response, done.to, done.say)
      else response.redirect(303, done.to)
    }
  )
  return router
}

const isOfNote = (verb: string) => /^(?:note|(?:draft|discard)-note|drop-note-\d+)$/.test(verb)

async function keep(
  options: WebContext,
  view: CaseView,
  response: Response,
  value: Value
): Promise<Pressed> {
  const verb = value('do')
  const ofNote = isOfNote(verb)
  const box = (kind: 'reply' | 'note', aside: boolean) =>
    keepBox(options, view, response, { kind, value, aside })
  const [reply, note] = [await box('reply', ofNote), await box('note', !ofNote)]
  if (!(ofNote ? note : reply)) throw new EvenhandError('BAD_REQUEST', 'a box without an id')
  return { view, verb, reply, note, shown: value('shown') }
}

async function act(options: WebContext, pressed: Pressed, back: string): Promise<Done> {
  const { view, verb, reply, note, shown } = pressed
  if (note && isOfNote(verb)) return actOnNote(options, view, note, { verb, back })
  return actOnReply(options, view, reply!, { verb, back, shown })
}

interface Button {
  readonly verb: string
  /** The page at the box. */
  readonly back: string
}

interface ReplyButton extends Button {
  readonly shown: string
}

async function actOnNote(
  { db }: WebContext,
  view: CaseView,
  { key, fields, becomes, draft }: Kept,
  { verb, back }: Button
): Promise<Done> {
  if (verb === 'discard-note') return discard(db, key, back)
  const [, seen] = /^drop-note-(\d+)$/.exec(verb) ?? []
  if (seen) await dropOther(db, key, Number(seen))
  if (verb === 'note' && draft.sent) return { to: back, say: 'kept-before' }
  if (verb !== 'note') return { to: back, say: 'draft-kept' }
  const { text = '', mention: picked } = fields
  const told = await addNaming(db, view, { noteId: becomes, actor: key.author, text, picked })
  return { to: back, say: isForNobody(text, told) ? 'note-for-nobody' : 'note-kept' }
}

async function discard(db: WebContext['db'], key: Kept['key'], back: string): Promise<Done> {
  await discardDraft(db, key)
  return { to: back, say: 'draft-discarded' }
}

async function actOnReply(
  options: WebContext,
  view: CaseView,
  reply: Kept,
  { verb, back, shown }: ReplyButton
): Promise<Done> {
  const { db } = options
  const [, deed, number] = /^(remove|drop)-(\d+)$/.exec(verb) ?? []
  if (deed === 'remove') await removeDraftFile(db, { ...reply.key, position: Number(number) })
  if (deed === 'drop') await dropOther(db, reply.key, Number(number))
  if (deed) return { to: back }
  if (verb === 'discard') return discard(db, reply.key, back)
  if (verb === 'insert') {
    await insert(options, view, reply)
    return { to: back }
  }
  if (verb === 'preview') {
    await checkReply(db, options.agency(), replyOf(options, view, reply))
    return { to: `/desk/cases/${view.caseId}?preview=1#preview` }
  }
  if (verb === 'attach') return { to: back, say: 'files-kept' }
  if (verb !== 'send' && verb !== 'send-close' && verb !== 'send-close-next')
    return { to: back, say: 'draft-kept' }
  if (reply.draft.sent) return { to: back, say: 'sent-before' }
  return send(options, view, reply, { verb, shown })
}

/** Puts a saved reply at the end of the words. */
async function insert(
  { db, agency }: WebContext,
  view: CaseView,
  { key, draft, fields, becomes }: Kept
): Promise<void> {
  const { text, language, saved = '' } = fields
  const words = savedWords(agency(), view, saved, language)
  if (words === undefined) return
  const both = [text ?? '', words].filter(Boolean).join('\n\n')
  const { version } = draft
  await keepDraft(db, { ...key, version, fields: { ...fields, text: both }, becomes })
}

/** What the box holds, as a reply: the same for a look at it and for sending. */
function replyOf({ agency }: WebContext, view: CaseView, kept: Kept): NewReply {
  const { subject = '', text, language } = kept.fields
  const choice = { ...choiceOf(kept.fields), subject, text, language }
  const reply = composeReply(agency(), view, choice)
  return { ...reply, replyId: kept.becomes, actor: kept.key.author }
}

interface Sending {
  readonly verb: 'send' | 'send-close' | 'send-close-next'
  readonly shown: string
}

async function send(
  options: WebContext,
  view: CaseView,
  kept: Kept,
  { verb, shown }: Sending
): Promise<Done> {
  const { agency } = options
  const { key, becomes: replyId } = kept
  const { outcomeId = '', outcome = '' } = kept.fields
  const closes = verb !== 'send'
  // A page from before somebody else acted: its words are kept, and what has happened is looked at,
  // before anything is said against the words.
  if (closes ? view.heldBy !== key.author : !mayReply(view, key.author))
    throw new EvenhandError('CASE_NOT_TAKEN')
  const reply = replyOf(options, view, kept)
  const byHand = broughtByHand[reply.way]
  const isFiled = isSetUp(options.settings, reply.way) ? undefined : filed
  const say = byHand?.say ?? isFiled?.['reply-sent'] ?? 'reply-sent'
  const page = `/desk/cases/${view.caseId}`
  if (closes && !outcomeId && !outcome) throw new EvenhandError('REPLY_OUTCOME')
  const closing = endingOf(agency, view.caseId, key.author, {
    outcomeId,
    words: outcome || yetToBring(agency(), view, outcomeId, byHand?.closed ?? (isFiled && unsent)),
    // The resident reads "answered" once the answer has reached them, and not before.
    answer: replyId,
    reason: byHand?.reason
  })
  const sent = await sendReply(options, reply, closes ? closing.end : undefined, (trx) =>
    requireShown(trx, view.caseId, shown)
  )
  if (sent === 'proposed') return { to: page, say: 'reply-proposed' }
  if (!closing.ended() || reply.way === 'letter') return { to: page, say }
  const done =
    verb === 'send-close'
      ? ({ to: '/desk', say: 'reply-closed' } as const)
      : await takeNext(options, view, key)
  const saying = byHand ? called : isFiled
  return { ...done, say: saying?.[done.say] ?? done.say }
}

/** What is said instead of a call, which is still to be made. */
const called = {
  'reply-closed': 'reply-call-closed',
  'reply-closed-next': 'reply-call-closed-next',
  'reply-closed-empty': 'reply-call-closed-empty'
} as const satisfies Partial<Record<Flash, Flash>>

/** What is said instead where nothing is set up to send the reply. */
const filed = {
  'reply-sent': 'reply-filed',
  'reply-closed': 'reply-filed-closed',
  'reply-closed-next': 'reply-filed-closed-next',
  'reply-closed-empty': 'reply-filed-closed-empty'
} as const satisfies Partial<Record<Flash, Flash>>

/** What a person brings is not sent yet when the case is closed. */
const broughtByHand: Partial<Record<ReplyWay, ByHand>> = {
  letter: {
    say: 'reply-letter',
    reason: 'A letter is to be printed and mailed.',
    closed: 'Closed with a letter to print and mail.'
  },
  call: {
    say: 'reply-call',
    reason: 'They are to be called.',
    closed: 'Closed with a call to make.'
  }
}

interface ByHand {
  readonly say: Flash
  readonly reason: string
  /** What colleagues read in place of an outcome that says "answered". */
  readonly closed: string
}

const unsent = 'Closed with a reply that nothing sends.'

/** Colleagues read no "answered" of a reply that a person still has to bring. */
function yetToBring(
  { departments }: Agency,
  { department }: CaseView,
  outcomeId: string,
  words: string | undefined
): string {
  return (findOutcome(departments, department, outcomeId)?.answered && words) || ''
}

async function takeNext(
  { line, agency }: WebContext,
  { department }: CaseView,
  { author }: Kept['key']
): Promise<{ readonly to: string; readonly say: 'reply-closed-next' | 'reply-closed-empty' }> {
  const taking = takingOf(agency().departments, department)
  const next = taking && (await line.takeNext({ department, actor: author, ...taking }))
  return next
    ? { to: `/desk/cases/${next.caseId}`, say: 'reply-closed-next' }
    : { to: '/desk', say: 'reply-closed-empty' }
}
