/** The fields of the reply and note boxes, as they come from the page and as drafts keep them. */
import type { Agency } from '../../../config/agency.ts'
import { findOutcome } from '../../../config/outcomes.ts'
import type { Choice } from '../../../core/replies/compose.ts'
import type { DraftFields, DraftKind } from '../../../core/replies/drafts.ts'
import { ADDRESS_LIMIT, REPLY_LIMIT, SUBJECT_LIMIT } from '../../../core/replies/limits.ts'
import { TYPED } from '../../../core/replies/ways.ts'
import { replyWays, type ReplyWay } from '../../../core/outbox/reply-message.ts'
import { inLanguage } from '../../../platform/pages/language.ts'

/** Characters kept of each field; what is too long to be sent is kept all the same. */
const kept: Readonly<Record<DraftKind, Readonly<Record<string, number>>>> = {
  reply: {
    text: 3 * REPLY_LIMIT,
    subject: 2 * SUBJECT_LIMIT,
    to: ADDRESS_LIMIT + 20,
    otherWay: 10,
    otherAddress: 2 * ADDRESS_LIMIT,
    language: 40,
    saved: 40,
    outcomeId: 40,
    outcome: 200
  },
  note: { text: 3 * REPLY_LIMIT, mention: 40 }
}

/** Only what a box has, each cut to its bound. The two boxes are one form, so a note has a name. */
export function draftFields(kind: DraftKind, value: (name: string) => string): DraftFields {
  return Object.fromEntries(
    Object.entries(kept[kind]).flatMap(([name, most]) => {
      const sent = kind === 'note' && name === 'text' ? 'note' : name
      const given = value(sent).replaceAll('\r\n', '\n').slice(0, most)
      return given === '' ? [] : [[name, given]]
    })
  )
}

const named = (name: string | undefined) => replyWays.find((one) => one === name)

/** Where the reply goes, as the page names it: a way that the resident gave, or what was typed. */
export function choiceOf({ to, otherWay, otherAddress }: DraftFields): Choice {
  if (to === undefined) return {}
  if (to === TYPED) return { way: named(otherWay), address: otherAddress, typed: true }
  const [way, ...address] = to.split(' ')
  return { way: named(way), address: address.join(' ') }
}

/** Ways in the words of the desk. */
export const wayWords: Readonly<Record<ReplyWay, string>> = {
  mail: 'Email',
  text: 'Text message',
  letter: 'Letter',
  call: 'Call'
}

/** Where a reply goes and what the case came to, in words, as far as it was chosen. */
export function choicesIn(
  fields: DraftFields,
  { departments }: Agency,
  department: string
): { readonly label: string; readonly value: string }[] {
  const { way, address } = choiceOf(fields)
  const to = way && address ? `${wayWords[way]}: ${address.replaceAll('\n', ', ')}` : undefined
  const outcome = findOutcome(departments, department, fields['outcomeId'] ?? null)
  const [first = 'en'] = departments.agency.languages
  return [
    ...(to ? [{ label: 'To', value: to }] : []),
    ...(outcome ? [{ label: 'Outcome', value: inLanguage(outcome.text, 'en', first) }] : [])
  ]
}
