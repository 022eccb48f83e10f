/** Words for people in place of the codes that programs use: channels, states, languages. */
import type { TrailStep } from '../../../core/contacts/tables.ts'
import type { ChannelKind } from '../../../core/envelope.ts'
import type { CaseState } from '../../../core/line/tables.ts'

export const stateWords: Readonly<Record<CaseState, string>> = {
  waiting: 'waiting in line',
  'waiting-for-resident': 'waiting for the resident',
  taken: 'being served',
  closed: 'closed',
  'handed-off': 'handed off',
  joined: 'joined into an earlier case'
}

export const channelWords: Readonly<Record<ChannelKind, string>> = {
  email: 'e-mail',
  sms: 'text message',
  phone: 'phone',
  fax: 'fax',
  postal: 'letter',
  web: 'web form',
  counter: 'counter',
  api: 'another system',
  open311: '311 app'
}

/** What was done with a contact on its way into a line, as its trail names it. */
export const stepWords: Readonly<Record<TrailStep['step'], string>> = {
  accept: 'Taking it in',
  read: 'Reading',
  documents: 'Its documents',
  sender: 'Who wrote it',
  fetch: 'Fetching its files',
  mailroom: 'Mailroom',
  transcribe: 'Written down',
  thread: 'What it answers',
  deduplicate: 'Whether it came before',
  match: 'Who it is from',
  route: 'Whose line',
  settle: 'Into its line',
  quarantine: 'Quarantine',
  release: 'Out of quarantine'
}

/** How duties can end, in the words of the desk. */
export const endingWords: Readonly<Record<string, string>> = {
  called: 'Called them',
  'sent-again': 'Sent again another way',
  asked: 'Asked them how they want to hear from us',
  'nothing-to-do': 'Nothing has to be done',
  printed: 'Printed and in the mail',
  reached: 'Reached them',
  unreachable: 'They cannot be reached'
}

const icons: Readonly<Record<ChannelKind, string>> = {
  email: 'mail',
  sms: 'text',
  phone: 'phone',
  fax: 'fax',
  postal: 'letter',
  web: 'web',
  counter: 'counter',
  open311: 'pin',
  api: 'web'
}

/** "letter", to stand after "by". */
export function channelName(channel: string): string {
  return channelWords[channel as ChannelKind] ?? channel
}

/** The icon of a channel, by its name in the sprite. */
export function channelIcon(channel: string): string {
  return icons[channel as ChannelKind] ?? 'web'
}

/** "Visiting card"; the media type itself, where no word of ours says it better. */
export function fileKind(mediaType: string): string {
  if (mediaType === 'text/calendar') return 'Calendar entry'
  return /^text\/(x-)?(v-?card|directory)$/.test(mediaType) ? 'Visiting card' : mediaType
}

/** "Spanish"; a tag that names no language is shown as it is. */
export function languageName(tag: string): string {
  if (tag === 'und' || tag === '') return 'not known'
  try {
    return names.of(tag) ?? tag
  } catch {
    return tag
  }
}

const names = new Intl.DisplayNames(['en'], { type: 'language' })

/** A reason, some of which are whole sentences, as a part of one: without its full stop. */
export function phrase(reason: string): string {
  return reason.replace(/[.\s]+$/, '')
}
