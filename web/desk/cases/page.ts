/** What the page of one case shows. */
import type { Request, Response } from 'express'
import { outcomesOf } from '../../../config/outcomes.ts'
import type { CaseEvent } from '../../../core/contacts/find.ts'
import type { ShownDocument } from '../../../core/cases/document-service.ts'
import type { CaseContact, CaseView } from '../../../core/cases/types.ts'
import { FILED } from '../../../core/line/answered.ts'
import { dueDates } from '../../../core/clocks/of-cases.ts'
import { originatorIn, type OriginatorDecision } from '../../../core/people/originator.ts'
import { traitsOf } from '../../../core/intake/traits.ts'
import { catalogue, EvenhandError, type ErrorCode } from '../../../platform/errors.ts'
import { formatLocalTime } from '../../../platform/local-time.ts'
import type { WebContext } from '../../context.ts'
import { railModel } from '../home/rail.ts'
import { peopleModel } from '../people/on-case.ts'
import { actorNames, nameActor } from '../shared/actor-names.ts'
import { actorOf, staffOf } from '../shared/authorization.ts'
import { namesDepartments } from '../shared/departments.ts'
import { sayDue } from '../shared/due.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { freeingRoles } from '../shared/roles.ts'
import { endingWords, stepWords } from '../shared/words.ts'
import type { formModel } from '../unsent/form.ts'
import { conversationModel, subjectOf } from './conversation.ts'
import { findCase } from './find.ts'
import { vouching } from './vouching.ts'

/** Names of ledger events in plain words. */
const eventWords: Readonly<Record<string, string>> = {
  'case.entered': 'came into the line',
  'case.taken': 'taken',
  'case.returned': 'given back',
  'case.passed': 'passed over',
  'case.paused': 'waits for its resident',
  'case.resumed': 'came back to its place',
  'case.transferred': 'transferred',
  'case.handed-off': 'handed off',
  'case.reopened': 'reopened',
  'case.closed': 'closed',
  'case.split': 'split: another matter has a case of its own',
  'case.answered': 'a reply written',
  'case.noted': 'a note for staff',
  'reply.proposed': 'a reply written, for a second look',
  'reply.sent-back': 'a reply sent back to its writer',
  'case.joined': 'joined into an earlier case',
  'case.unjoined': 'put back at its own place',
  'answer.opened': 'the answer was read on the page behind the receipt',
  'contact.joined': 'another contact joined',
  'contact.released': 'taken out of quarantine',
  'contact.transcribed': 'written down',
  'constituent.linked': 'it was said who on record it is',
  'constituent.unlinked': 'who on record it is was taken back',
  'contact.left': 'a contact went back to a case of its own'
}

/** What a person has to do, by the kind of duty. */
const dutyWords: Readonly<Record<string, string>> = {
  undelivered: 'a reply did not arrive: somebody has to tell the resident',
  complaint: 'a reply was reported as unwanted: somebody has to look at it',
  letter: 'a letter to print and mail',
  call: 'a call to make'
}

/** What somebody said of who wrote a message that a colleague passed on. */
const attributions: Readonly<Record<OriginatorDecision, string>> = {
  accepted: 'said to be written by whom its text names',
  refused: 'said not to be written by whom its text names',
  'taken-back': 'what was said of its writer was taken back'
}

/** What became of what we sent, as other mail systems and carriers report it. */
const deliveries: Readonly<Record<string, string>> = {
  [FILED]: 'written to a file, not sent: nothing is set up to send it',
  delayed: 'delayed on the way',
  relayed: 'passed on',
  expanded: 'passed on to several',
  delivered: 'delivered',
  read: 'read',
  deleted: 'deleted unread',
  complaint: 'reported as unwanted'
}

/** An ended case is due no more. */
function openOnly({ caseId, department, state, arrivedAt, standsSince }: CaseView) {
  const open = ['waiting', 'taken', 'waiting-for-resident'].includes(state)
  return open ? [{ caseId, department, arrivedAt: standsSince ?? arrivedAt }] : []
}

function happened({ kind, data }: CaseEvent): string {
  if ('splitFrom' in data) return 'split off from a case about two matters'
  if (data['freed'] === true) return 'given back for its holder'
  if (kind === 'duty.opened') return dutyWords[String(data['as'])] ?? 'something to do'
  if (kind === 'duty.settled') return endingWords[String(data['how'])] ?? 'done'
  if (kind === 'contact.attributed') return attributions[data['decision'] as OriginatorDecision]
  const later = kind === 'case.reopened' && ('followUp' in data || 'joins' in data)
  return later ? 'came back, at the place of a later message' : (eventWords[kind] ?? kind)
}

/** Pages of documents shown on a case's page, over all its contacts; each is a picture to load. */
const PAGES_ON_CASE = 12
/** Characters of a contact's text on a case's page: twenty-five dense pages. */
const TEXT_ON_CASE = 100_000

/** The contacts' documents, with pages of the first ones. */
async function documentsOf(
  { documents }: WebContext,
  view: CaseView
): Promise<Map<string, ShownDocument[]>> {
  const papers = new Map<string, ShownDocument[]>()
  let left = PAGES_ON_CASE
  for (const { contactId, envelope } of view.contacts) {
    if (!envelope || envelope.documents.length === 0) continue
    const found = await documents.list(contactId, left)
    left -= found.reduce((sum, { pages }) => sum + pages.length, 0)
    papers.set(contactId, found)
  }
  return papers
}

/** A form of the page that was refused, with what was typed into it. */
export interface RefusedForm {
  readonly code: ErrorCode
  readonly form: Awaited<ReturnType<typeof formModel>>
}

/** The page of one case. */
export async function showCase(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  refused?: RefusedForm
): Promise<void> {
  const view = await findCase(options, request, response)
  showPage(tools, request, response, 'cases/case', {
    ...(await caseModel(options, view, response)),
    rail: await railModel(options, response),
    current: '/desk',
    ...(await conversationModel(options, view, request, response)),
    // Its columns are as high as the screen, so what happened is said inside of one.
    ownFlash: true,
    scripts: ['forms.js', 'desk.js', 'live.js', 'idle.js', 'composer.js'],
    ...(refused && {
      refused: { text: catalogue[refused.code].text, form: refused.form },
      status: new EvenhandError(refused.code).status
    })
  })
}

async function caseModel(options: WebContext, view: CaseView, response: Response) {
  const { agency, db } = options
  const { departments } = agency().departments
  const names = await actorNames(options)
  const papers = await documentsOf(options, view)
  const due = await dueDates(db, agency().departments, openOnly(view))
  const dayFromNow = (days: number) =>
    formatLocalTime(
      new Date(Date.now() + days * 86_400_000),
      agency().departments.agency.timeZone
    ).slice(0, 10)
  return {
    ...(await peopleModel(options, view, response)),
    papers,
    textShown: TEXT_ON_CASE,
    /** The contact consists of its documents, so they are shown at once. */
    isPaper: ({ channel, envelope }: CaseContact) =>
      traitsOf(channel).medium === 'paper' ||
      envelope?.documents.some(({ text }) => text?.startsWith(envelope.text.slice(0, 100))),
    title: subjectOf(view),
    view,
    mine: view.heldBy === actorOf(response),
    mayFree: freeingRoles.includes(staffOf(response).role),
    vouching,
    originator: ({ envelope }: CaseContact) => envelope && originatorIn(envelope.evidence),
    due: due.get(view.caseId),
    sayDue,
    /** The first day on which a wait may end, and the one that is proposed. */
    days: { first: dayFromNow(1), usual: dayFromNow(14) },
    reopenable:
      view.state === 'closed' ||
      view.state === 'handed-off' ||
      (view.state === 'waiting' && view.standsSince !== undefined),
    happened,
    stepWords,
    became: (delivery: string | undefined) =>
      delivery === undefined ? undefined : deliveries[delivery],
    who: (actor: string) => nameActor(names, actor),
    departmentName: namesDepartments(agency()),
    outcomes: outcomesOf(agency().departments, view.department),
    otherDepartments: departments.filter(({ id }) => id !== view.department),
    /** The question as the resident saw it, if the form still has it. */
    question: (form: unknown, id: string) =>
      agency()
        .forms.find((known) => known.id === form)
        ?.fields.find((known) => known.id === id)?.label ?? { en: id },
    answer: (form: unknown, id: string, value: string) =>
      agency()
        .forms.find((known) => known.id === form)
        ?.fields.find((known) => known.id === id)
        ?.options?.find((option) => option.value === value)?.label ?? { en: value }
  }
}
