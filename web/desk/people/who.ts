/**
 * "This is from …": a person says who a contact is from, whatever the machine decided, or takes
 * that back. Nothing here moves a case.
 */
import { Router, type Request, type Response } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import { findNamedContact, type NamedContact } from '../../../core/people/named-contact.ts'
import type { PersonDecision } from '../../../core/people/review.ts'
import {
  constituentView,
  peopleOf,
  type ConstituentView,
  type ShownConstituent
} from '../../../core/people/view.ts'
import { field, idParam } from '../shared/fields.ts'
import { actorOf, departmentsOf, requireStaff, staffOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { mailroomRoles } from '../shared/roles.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'
import { nameOf, peopleFrame, peopleRoles, roleWords } from './shared.ts'
import { refuseForms } from '../unsent/refused.ts'
import { frame } from './frame.ts'

const MAX_NAME = 200
const MAX_EMAIL = 254
const MAX_PHONE = 40
const MAX_ADDRESS = 300

export function whoRouter(options: WebContext, tools: PageTools): Router {
  const { db, people, settings } = options
  const refuse = refuseForms(options, tools)
  const router = Router({ caseSensitive: true })
  const path = '/who/:contact/:role'
  router.use('/who', requireStaff([...new Set([...peopleRoles, ...mailroomRoles])]))
  router.get(path, async (request, response) => showWho(options, tools, request, response))
  // A POST, so that no name is in a URL or a log.
  router.post(`${path}/find`, async (request, response) =>
    showWho(options, tools, request, response, field(request, 'who', MAX_NAME))
  )
  router.post(path, async (request, response) => {
    const contact = await findContact(options, request, response)
    const decide = async () =>
      people.decide(
        contact,
        await readDecision(options, request, response),
        actorOf(response),
        field(request, 'reason') || 'a person said who it is'
      )
    await decide().then(
      () => redirectWith(settings, response, addressOf(contact), 'person-decided'),
      (error: unknown) => refuse(request, response, error, addressOf(contact))
    )
  })
  router.post(`${path}/links/:link/undo`, async (request, response) => {
    const contact = await findContact(options, request, response)
    const undo = async () => {
      const link = (await peopleOf(db, [contact.contactId])).find(
        ({ linkId, role }) => linkId === request.params['link'] && role === contact.role
      )
      if (!link) throw new EvenhandError('LINK_UNKNOWN')
      await people.undoLink(link.linkId, actorOf(response), field(request, 'reason'))
    }
    await undo().then(
      () => redirectWith(settings, response, addressOf(contact), 'link-undone'),
      (error: unknown) => refuse(request, response, error, addressOf(contact))
    )
  })
  return router
}

function addressOf({ contactId, role }: NamedContact): string {
  return `/desk/who/${contactId}/${role}`
}

/**
 * A contact of another department gets the same answer as one that does not exist. Mailroom staff
 * see letters and what waits for them. @throws NOT_FOUND
 */
async function findContact(
  { db }: Pick<WebContext, 'db'>,
  request: Request,
  response: Response
): Promise<NamedContact> {
  const contact = await findNamedContact(
    db,
    idParam(request, 'contact', 'NOT_FOUND'),
    String(request.params['role'])
  )
  if (!contact || !maySee(contact, response)) throw new EvenhandError('NOT_FOUND')
  return contact
}

function maySee({ cases, letter, quarantined }: NamedContact, response: Response): boolean {
  const { role } = staffOf(response)
  if (role === 'mailroom') return letter !== undefined || quarantined
  const mine = departmentsOf(staffOf(response))
  return (
    mine === undefined ||
    cases.some(
      ({ department, heldBy }) => mine.includes(department) || heldBy === actorOf(response)
    )
  )
}

/** Whom the user may choose. Of other departments' people, only those in the agency's register. */
function mayChoose(response: Response): (person: ConstituentView) => ShownConstituent | undefined {
  const mine = staffOf(response).role === 'mailroom' ? undefined : departmentsOf(staffOf(response))
  return (person) => {
    if (
      mine === undefined ||
      person.contacts.some(
        ({ department }) => department !== undefined && mine.includes(department)
      )
    )
      return person
    const shown = {
      ...person,
      names: registered(person.names),
      emails: registered(person.emails),
      phones: registered(person.phones),
      addresses: registered(person.addresses)
    }
    return shown.names.length + shown.emails.length + shown.phones.length + shown.addresses.length >
      0
      ? shown
      : undefined
  }
}

function registered(values: ShownConstituent['names']): ShownConstituent['names'] {
  return values.filter(({ source }) => !source.startsWith('contact:'))
}

/** @throws BAD_REQUEST; CONSTITUENT_UNKNOWN for a person that the user may not see */
async function readDecision(
  { db }: Pick<WebContext, 'db'>,
  request: Request,
  response: Response
): Promise<PersonDecision> {
  const who = field(request, 'person', 20)
  if (who === 'nobody') return { kind: 'nobody' }
  if (who === 'new') return { kind: 'new', named: readNamed(request) }
  if (who === '') throw new EvenhandError('BAD_REQUEST')
  if (!mayChoose(response)(await constituentView(db, who)))
    throw new EvenhandError('CONSTITUENT_UNKNOWN')
  return { kind: 'same', constituentId: who }
}

function readNamed(request: Request) {
  const name = field(request, 'name', MAX_NAME)
  const list = (id: string, limit: number) => [field(request, id, limit)].filter(Boolean)
  return {
    ...(name ? { name } : {}),
    emails: list('email', MAX_EMAIL),
    phones: list('phone', MAX_PHONE),
    addresses: list('address', MAX_ADDRESS)
  }
}

async function showWho(
  options: WebContext,
  tools: PageTools,
  request: Request,
  response: Response,
  typed = ''
): Promise<void> {
  const { db, people } = options
  const contact = await findContact(options, request, response)
  const links = (await peopleOf(db, [contact.contactId])).filter(
    ({ role }) => role === contact.role
  )
  const choose = mayChoose(response)
  const found =
    typed === ''
      ? []
      : (
          await Promise.all(
            (await people.find(typed)).map(({ constituentId }) =>
              constituentView(db, constituentId)
            )
          )
        ).flatMap((person) => choose(person) ?? [])
  const suggested = links.filter(({ verdict }) => verdict === 'possible')
  showPage(tools, request, response, 'people/who', {
    ...(await frame(options)),
    ...peopleFrame,
    title: whoWords[contact.role],
    contact,
    path: addressOf(contact),
    typed,
    nameOf,
    roleWords,
    searched: typed !== '',
    known: links.filter(({ verdict }) => verdict !== 'possible'),
    suggested,
    found: found.filter(
      ({ constituentId }) =>
        !suggested.some(({ constituent }) => constituent.constituentId === constituentId)
    ),
    places: placesOf(contact, response),
    mayOpenPeople: peopleRoles.includes(staffOf(response).role)
  })
}

export const whoWords = {
  sender: 'Who is this from?',
  subject: 'Whom is this about?',
  representative: 'Who speaks for them?',
  writer: 'Who wrote it first?'
} as const

/** Cases of the contact that the user may open. */
function placesOf(
  { contactId, cases, letter, unread }: NamedContact,
  response: Response
): { href: string; text: string }[] {
  const { role } = staffOf(response)
  const mine = departmentsOf(staffOf(response))
  const own =
    role === 'mailroom'
      ? undefined
      : cases.find(
          ({ department, heldBy }) =>
            mine === undefined || mine.includes(department) || heldBy === actorOf(response)
        )
  return [
    ...(own ? [{ href: `/desk/cases/${own.caseId}`, text: 'The case' }] : []),
    ...(letter && mailroomRoles.includes(role)
      ? [
          {
            href: `/desk/mailroom/batches/${letter.batchId}/letters/${letter.letterId}`,
            text: 'The letter'
          }
        ]
      : []),
    ...(unread && mailroomRoles.includes(role)
      ? [{ href: `/desk/transcribe/${contactId}`, text: 'Write it down' }]
      : [])
  ]
}
