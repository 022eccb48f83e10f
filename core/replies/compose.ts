/**
 * A reply put together for a case: where it goes, in which language, under which subject and in
 * which words. The desk, the API and the command line all compose by this.
 */
import type { Agency } from '../../config/agency.ts'
import { recognitionOf } from '../../config/schema.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { ReplyWay } from '../outbox/reply-message.ts'
import type { NewReply } from './check.ts'
import { fillSaved, savedFor } from './saved.ts'
import {
  addressFor,
  isSameAddress,
  latestOfWriter,
  ownContacts,
  usualWay,
  waysOf,
  type AnswerableContact,
  type ReturnedAddress,
  type Way
} from './ways.ts'

/** What composing needs to know of a case; its contacts have at least the first, earliest first. */
export interface AnswerableCase {
  readonly caseId: string
  readonly receipt: string
  readonly department: string
  readonly contacts: readonly AnswerableContact[]
  /** Addresses to which the latest message did not arrive. */
  readonly returned?: readonly ReturnedAddress[]
}

/** Where a reply is to go. Left out, it is the first of the ways, and never somebody else's. */
export interface Choice {
  readonly way?: ReplyWay | undefined
  readonly address?: string | undefined
  /** The address was typed, and need not be one that the resident gave. */
  readonly typed?: boolean | undefined
}

export interface Recipient extends Way {
  /** Staff typed the address; the resident did not give it. */
  readonly typed: boolean
}

/** What is left out is as the reply box begins. */
export interface ReplyChoices extends Choice {
  readonly language?: string | undefined
  /** Empty for the agency's usual one. */
  readonly subject?: string | undefined
  readonly text?: string | undefined
  /** Id of a saved reply, which stands after the text. */
  readonly saved?: string | undefined
}

/**
 * The whole of a reply but for who writes it.
 * @throws REPLY_ADDRESS for a way or an address that the resident did not give, REPLY_TYPED for a
 * typed one that does not serve its way, REPLY_LANGUAGE, SAVED_REPLY_UNKNOWN
 */
export function composeReply(
  agency: Agency,
  answered: AnswerableCase,
  choices: ReplyChoices
): Omit<NewReply, 'replyId' | 'actor' | 'files'> {
  const { languages } = agency.departments.agency
  if (choices.language !== undefined && !languages.includes(choices.language))
    throw new EvenhandError('REPLY_LANGUAGE', `there are ${languages.join(', ')}`)
  const recipient = recipientOf(agency, answered, choices)
  if (!recipient) throw refusedChoice(agency, answered, choices)
  return {
    ...recipient,
    caseId: answered.caseId,
    language: languageOf(agency, answered, choices.language),
    subject: choices.subject ?? usualSubject(answered),
    text: wordsOf(agency, answered, choices)
  }
}

/** @throws SAVED_REPLY_UNKNOWN */
function wordsOf(agency: Agency, answered: AnswerableCase, choices: ReplyChoices): string {
  const { text = '', saved, language } = choices
  if (saved === undefined) return text
  const words = savedWords(agency, answered, saved, language)
  if (words === undefined) throw new EvenhandError('SAVED_REPLY_UNKNOWN')
  return [text.trimEnd(), words].filter(Boolean).join('\n\n')
}

const lacking: Readonly<Record<ReplyWay, string>> = {
  mail: 'no mail address',
  text: 'no telephone number that takes texts',
  letter: 'no postal address',
  call: 'no telephone number'
}

/** Why a choice leads to nobody, in words that name no address. */
function refusedChoice(
  agency: Agency,
  answered: AnswerableCase,
  { way, address, typed }: Choice
): EvenhandError {
  if (typed && way && address?.trim()) return new EvenhandError('REPLY_TYPED')
  if (typed)
    return new EvenhandError('REPLY_ADDRESS', 'what is typed needs a way and an address or number')
  const ways = waysOfCase(agency, answered)
  if (ways.length === 0)
    return new EvenhandError('REPLY_ADDRESS', 'the resident gave no address and no number')
  if (address === undefined && ways.some((one) => way === undefined || one.way === way))
    return new EvenhandError(
      'REPLY_ADDRESS',
      'what serves was given by a later message or by somebody else: name the address'
    )
  return new EvenhandError(
    'REPLY_ADDRESS',
    address === undefined && way
      ? `the resident gave ${lacking[way]} in this case; give one, and say that it is typed`
      : 'the resident did not give this address in this case; if it is right, say that it is typed'
  )
}

/** One of the ways that the resident gave, or what was typed; undefined where it is neither. */
export function recipientOf(
  agency: Agency,
  answered: AnswerableCase,
  { way, address, typed = false }: Choice
): Recipient | undefined {
  const { country } = recognitionOf(agency.departments)
  if (typed) {
    const usable = way && addressFor(way, (address ?? '').trim(), country)
    return usable ? { way, address: usable, typed, ...latestOf(agency, answered) } : undefined
  }
  const ways = waysOfCase(agency, answered).filter((one) => way === undefined || one.way === way)
  const given =
    address === undefined
      ? usualWay(ways)
      : ways.find((one) => isSameAddress(one, address, country))
  return given && { ...given, typed }
}

/** The ways that the resident gave in this case, the likeliest first. */
export function waysOfCase(agency: Agency, answered: AnswerableCase): Way[] {
  const { country } = recognitionOf(agency.departments)
  return waysOf(writtenIn(answered), country, answered.returned)
}

/** What people wrote: a mail system that returns our mail is nobody to answer, or to name. */
function writtenIn({ contacts }: AnswerableCase): readonly AnswerableContact[] {
  const written = contacts.filter(({ kind }) => kind === 'message')
  return written.length > 0 ? written : contacts
}

/** The contact that a reply to a typed address answers. */
function latestOf(agency: Agency, answered: AnswerableCase): Pick<Way, 'contactId' | 'name'> {
  const { country } = recognitionOf(agency.departments)
  const latest = latestOfWriter(writtenIn(answered), country)
  return { contactId: latest.contactId, name: latest.envelope?.sender.name }
}

/** The chosen language if the agency has it, else the resident's, else the agency's first. */
export function languageOf(
  agency: Agency,
  answered: AnswerableCase,
  chosen: string | undefined
): string {
  const { languages } = agency.departments.agency
  const { country } = recognitionOf(agency.departments)
  const spoken = ownContacts(writtenIn(answered), country).findLast(
    ({ envelope }) => envelope && envelope.language !== 'und'
  )?.envelope?.language
  return (
    [chosen, spoken, spoken?.split('-')[0]].find((one) => one && languages.includes(one)) ??
    languages[0] ??
    'en'
  )
}

/** The subject of an answer to the first contact; empty, for the usual one, if it has none. */
export function usualSubject({ contacts }: AnswerableCase): string {
  const { subject } = contacts[0]?.envelope ?? {}
  if (!subject) return ''
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`
}

/** A saved reply filled in for this case; undefined for one that its department is not offered. */
export function savedWords(
  agency: Agency,
  answered: AnswerableCase,
  id: string,
  language: string | undefined
): string | undefined {
  const { receipt, department } = answered
  const saved = savedFor(agency, department).find((one) => one.id === id)
  const { name } = latestOf(agency, answered)
  const filling = { language: languageOf(agency, answered, language), receipt, department, name }
  return saved && fillSaved(saved, filling, agency)
}
