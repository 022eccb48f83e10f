/** What the case page shows of the conversation, and its reply and note boxes. */
import type { Request, Response } from 'express'
import { outcomesOf } from '../../../config/outcomes.ts'
import { recognitionOf } from '../../../config/schema.ts'
import { viewThread, type CaseThread } from '../../../core/cases/thread.ts'
import type { CaseView } from '../../../core/cases/types.ts'
import { addressee, endings } from '../../../core/outbox/duties.ts'
import {
  replyWays,
  signedWords,
  subjectLine,
  type ReplyWay
} from '../../../core/outbox/reply-message.ts'
import { isSetUp } from '../../../core/outbox/set-up.ts'
import { segmentsOf } from '../../../core/outbox/text-segments.ts'
import { languageOf, recipientOf, usualSubject, waysOfCase } from '../../../core/replies/compose.ts'
import { colleaguesOf } from '../../../core/replies/colleagues.ts'
import { readDraft, type Draft } from '../../../core/replies/drafts.ts'
import { replyFiles } from '../../../core/replies/limits.ts'
import { savedFor } from '../../../core/replies/saved.ts'
import { mayReply, needsApproval } from '../../../core/replies/send.ts'
import type { Reply } from '../../../core/replies/view.ts'
import { keyOf, latestOfWriter, TYPED, type Way, usualWay } from '../../../core/replies/ways.ts'
import { newId } from '../../../platform/ids.ts'
import type { WebContext } from '../../context.ts'
import { actorOf, staffOf } from '../shared/authorization.ts'
import { choiceOf, choicesIn, wayWords } from './composer-fields.ts'
import { heading } from '../shared/heading.ts'
import { endingWords, phrase } from '../shared/words.ts'
import { unheardWords } from './unheard-words.ts'
import { shownMessages } from './shown-messages.ts'

/** What a person has to bring, until they say how it went. */
const toBring: Partial<Record<ReplyWay, string>> = {
  letter: 'to be printed and mailed',
  call: 'to be called'
}

const replyStates: Readonly<Record<Reply['state'], string>> = {
  proposed: 'waits for a second look',
  'sent-back': 'sent back to its writer, never sent',
  waiting: 'waiting to be sent',
  sent: 'sent',
  undeliverable: 'not delivered',
  failed: 'could not be sent'
}

export async function conversationModel(
  options: WebContext,
  view: CaseView,
  request: Request,
  response: Response
) {
  const actor = actorOf(response)
  const thread = await viewThread(options.db, view)
  const [reply, note, colleagues] = await Promise.all([
    readDraft(options.db, { caseId: view.caseId, author: actor, kind: 'reply' }),
    readDraft(options.db, { caseId: view.caseId, author: actor, kind: 'note' }),
    colleaguesOf(options.db, view, actor)
  ])
  return {
    thread,
    shown: shownMessages(view),
    me: actor,
    myId: staffOf(response).id,
    openDuties: thread.duties.filter(({ settled }) => !settled),
    composer: composerModel(options, view, reply, request.query['preview'] === '1'),
    noteBox: { draft: note, noteId: newId(), colleagues },
    mayReply: mayReply(view, actor),
    mentioned: isMentioned(thread, staffOf(response).id),
    endings,
    endingWords,
    addressee,
    phrase,
    unheard: ({ contactId, address, sentAt }: Reply) =>
      unheardWords(options, thereBefore(view, sentAt), { contactId, address }),
    replyState,
    wayWords
  }
}

/** How a reply stands. */
function replyState({ state, way }: Pick<Reply, 'state' | 'way'>): string {
  return (state === 'waiting' && way && toBring[way]) || replyStates[state]
}

/** Who does not get the reply, for each choice of where it goes. */
function unheardChoices(
  options: WebContext,
  view: CaseView,
  ways: readonly Way[]
): { readonly key: string; readonly people: readonly string[] }[] {
  const { country } = recognitionOf(options.agency().departments)
  const { contactId } = latestOfWriter(view.contacts, country)
  return [
    ...ways.map((one) => ({ key: keyOf(one), people: unheardWords(options, view, one) })),
    { key: TYPED, people: unheardWords(options, view, { contactId }) }
  ].filter(({ people }) => people.length > 0)
}

/** Who came to the case only after a reply was sent is no person whom it left out. */
function thereBefore({ contacts }: Pick<CaseView, 'contacts'>, sentAt: Date | undefined) {
  return { contacts: contacts.filter(({ linkedAt }) => !sentAt || linkedAt <= sentAt) }
}

/** What the case is about, never a code. */
export function subjectOf({ about, contacts }: Pick<CaseView, 'about' | 'contacts'>): string {
  const { envelope } = contacts[0] ?? {}
  return heading(about ?? envelope?.subject, envelope?.text ?? '')
}

function isMentioned({ items }: CaseThread, staffId: string): boolean {
  return items.some(
    (item) =>
      item.kind === 'note' && item.note.mentions.some((one) => one.staffId === staffId && !one.read)
  )
}

function composerModel(options: WebContext, view: CaseView, draft: Draft, preview: boolean) {
  const agency = options.agency()
  const ways = waysOfCase(agency, view)
  const usual = usualWay(ways)
  const language = languageOf(agency, view, draft.fields['language'])
  const chosen = recipientOf(agency, view, choiceOf(draft.fields))
  return {
    draft,
    replyId: newId(),
    ways: ways.map((one) => ({ ...one, key: keyOf(one) })),
    choices: choicesIn(draft.fields, agency, view.department),
    chosen: draft.fields['to'] ?? (usual ? keyOf(usual) : ways.length > 0 ? '' : TYPED),
    unheard: unheardChoices(options, view, ways),
    filed: replyWays.filter((way) => !isSetUp(options.settings, way)),
    other: TYPED,
    language,
    languages: agency.departments.agency.languages,
    subject: draft.fields['subject'] ?? usualSubject(view),
    saved: savedFor(agency, view.department),
    approval: needsApproval(agency, view.department),
    outcomes: outcomesOf(agency.departments, view.department),
    limits: replyFiles,
    preview:
      preview && chosen
        ? previewOf(options, view, { way: chosen, language, fields: draft.fields })
        : undefined
  }
}

/** The reply as the resident gets it. */
function previewOf(
  { agency }: WebContext,
  view: CaseView,
  {
    way: { way, address, contactId },
    language,
    fields
  }: { way: Way; language: string; fields: Draft['fields'] }
) {
  const receipt = view.contacts.find((one) => one.contactId === contactId)?.receipt ?? view.receipt
  const words = fields['text'] ?? ''
  const text = way === 'call' ? words : signedWords({ words, language }, receipt, agency())
  return {
    way,
    address,
    language,
    subject:
      way === 'mail'
        ? subjectLine({ subject: fields['subject'] ?? '', language }, receipt, agency())
        : undefined,
    text,
    parts: way === 'text' ? segmentsOf(text).count : undefined
  }
}
