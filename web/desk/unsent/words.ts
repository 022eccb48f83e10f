/**
 * Labels for the fields of a form that was not accepted, by the field names that forms of the desk
 * use.
 */
import { findDepartment } from '../../../config/departments.ts'
import type { Agency } from '../../../config/agency.ts'
import { inLanguage } from '../../../platform/pages/language.ts'
import { choicesIn } from '../cases/composer-fields.ts'
import { endingWords } from '../shared/words.ts'
import { isReply, pathOf } from './deeds.ts'
import type { Unsent } from './kept.ts'

type Field = Unsent['fields'][number]

export interface Typed {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly long: boolean
}

export interface Chosen {
  readonly label: string
  readonly value: string
}

/** Fields typed by hand, shown for checking. */
const typedLabels: Readonly<Record<string, string>> = {
  text: 'Text',
  outcome: 'Outcome',
  note: 'Note',
  to: 'To whom',
  reason: 'Reason',
  what: 'What it is',
  name: 'Name',
  email: 'E-mail address',
  phone: 'Phone',
  address: 'Address',
  senderName: 'Name of the sender',
  senderAddress: 'Address of the sender',
  senderEmail: 'E-mail address of the sender',
  senderPhone: 'Phone of the sender',
  postmark: 'Postmark',
  legalReceipt: 'Legal receipt',
  receivedAt: 'Received at',
  trackingNumber: 'Tracking number',
  location: 'Where it lies',
  expected: 'Letters expected',
  perMinute: 'Requests a minute',
  other: 'The other person',
  from: 'First number',
  count: 'How many',
  subject: 'Subject',
  otherAddress: 'Another address or number',
  words: 'Words',
  until: 'Comes back on',
  receipt: 'Receipt of the other case'
}
const people: Readonly<Record<string, string>> = { sender: '', behalf: ', on behalf of' }

/** Fields chosen from a list, sent along unchanged. */
const chosenLabels: Readonly<Record<string, string>> = {
  department: 'Department',
  departments: 'Department',
  language: 'Language',
  role: 'Role',
  kind: 'How it came',
  disposition: 'Disposition',
  side: 'Sides',
  overlap: 'Hours the old secret works on',
  contacts: 'Contacts',
  mention: 'For',
  how: 'How'
}

const longer = new Set([
  'text',
  'note',
  'reason',
  'senderAddress',
  'address',
  'sender-address',
  'behalf-address',
  'words'
])

function typedLabel([name, value]: Field, action: string): string | undefined {
  // Of a reply it is a choice; where a case is handed off, it is typed.
  if (name === 'to' && isReply(action)) return undefined
  if (name === 'otherAddress' && value === '') return undefined
  // In a search it is typed; in a choice between people it is an id.
  if (name === 'who') return /\/(find|people)$/.test(pathOf(action)) ? 'Who' : undefined
  const [, whose = '', detail = ''] =
    /^(sender|behalf)-(name|phone|email|address)$/.exec(name) ?? []
  if (whose) return `${typedLabels[detail]}${people[whose]}`
  return Object.hasOwn(typedLabels, name) ? typedLabels[name] : undefined
}

function chosenLabel(name: string): string | undefined {
  const [, topic, department] = /^(?:answer-(.+)|line-(.+))$/.exec(name) ?? []
  if (topic) return topic
  if (department) return `Line of ${department}`
  return Object.hasOwn(chosenLabels, name) ? chosenLabels[name] : undefined
}

/** What the labels need to know of the agency and its people. */
export interface Known {
  readonly agency: Agency
  /** Names of staff, by how the ledger calls them. */
  readonly names: ReadonlyMap<string, string>
}

/** What a list showed for the value that it sends. */
function shown([name, value]: Field, { agency: { departments }, names }: Known): string {
  if (name.startsWith('department')) {
    const chosen = findDepartment(departments, value)
    return chosen ? inLanguage(chosen.name, 'en', departments.agency.languages[0] ?? 'en') : value
  }
  if (name === 'language' && /^[a-z]{2,3}$/.test(value)) return languageNames.of(value) ?? value
  if (name === 'mention') return names.get(`staff:${value}`) ?? 'a colleague'
  if (name === 'how') return endingWords[value] ?? value
  return value
}
const languageNames = new Intl.DisplayNames(['en'], { type: 'language' })

/** Splits the fields: those to check, those to mention, and those sent along hidden. */
export function sortFields(
  { action, fields }: Pick<Unsent, 'action' | 'fields'>,
  known: Known
): { typed: Typed[]; chosen: Chosen[]; hidden: readonly Field[] } {
  const typed = fields.flatMap((field): Typed[] => {
    const [name, value] = field
    const label = typedLabel(field, action)
    return label ? [{ name, label, value, long: longer.has(name) || value.includes('\n') }] : []
  })
  const hidden = fields.filter((field) => typedLabel(field, action) === undefined)
  const listed = hidden.flatMap(([name, value]) => {
    const label = value && chosenLabel(name)
    return label ? [{ label, value: shown([name, value], known) }] : []
  })
  return { typed, hidden, chosen: [...listed, ...choicesOf({ action, fields }, known)] }
}

/** The recipient of a reply, and the outcome where the case is closed by what was pressed. */
function choicesOf(
  { action, fields }: Pick<Unsent, 'action' | 'fields'>,
  { agency }: Known
): Chosen[] {
  if (!/\/(?:compose|close)$/.test(pathOf(action))) return []
  const { outcomeId = '', ...values } = Object.fromEntries(fields)
  const closes = !isReply(action) || values['do']?.startsWith('send-close') === true
  const chosen = { ...values, ...(closes ? { outcomeId } : {}) }
  return choicesIn(chosen, agency, values['department'] ?? '')
}
