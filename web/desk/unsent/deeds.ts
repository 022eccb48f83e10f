/** What a form that was not accepted would have done, and the page it was on. */
import type { Unsent } from './kept.ts'

/** Labels of buttons, by the end of the path they send to. */
const deeds: Readonly<Record<string, string>> = {
  close: 'Close case',
  return: 'Give back',
  pass: 'Pass over',
  transfer: 'Transfer',
  'hand-off': 'Hand off',
  pause: 'Wait for the resident',
  resume: 'Bring back into line',
  split: 'Split',
  reopen: 'Put back at its first place in line',
  take: 'Take the next case',
  release: 'Release',
  discard: 'Put aside',
  restore: 'Take up again',
  counter: 'Take down',
  unreadable: 'Cannot be read by a person either',
  answer: 'Answer all',
  scans: 'Add scans',
  staff: 'Add a person',
  change: 'Save changes',
  link: 'New set-up link',
  disable: 'Disable',
  enable: 'Enable account',
  rotate: 'New secret',
  keys: 'Make a key',
  enclosures: 'Log the enclosure',
  confirm: 'Confirm the enclosure',
  merge: 'Make one person',
  apart: 'Set apart',
  free: 'Give back to its place',
  join: 'Join into the earlier',
  decline: 'Not the same',
  undo: 'Take it back',
  out: 'Take it out',
  approve: 'Let it go',
  'send-back': 'Send back'
}

/** The same where the path ends in an id. */
const deedsByPlace: readonly (readonly [RegExp, string])[] = [
  [/\/duties\/[^/]+$/, 'Settle it'],
  [/^\/desk\/(?:transcribe\/[^/]+|people\/review\/[^/]+\/[^/]+)$/, 'Save'],
  [/^\/desk\/mailroom\/trays$/, 'Stamp and log']
]

/** Labels of the buttons of the reply and note boxes, by what they do. */
const boxDeeds: Readonly<Record<string, string>> = {
  send: 'Send',
  'send-close': 'Send and close',
  'send-close-next': 'Send, close and take next',
  note: 'Save note'
}

export function deedOf({ action, fields }: Pick<Unsent, 'action' | 'fields'>): string {
  if (isReply(action)) return boxDeeds[Object.fromEntries(fields)['do'] ?? ''] ?? 'Keep draft'
  const path = pathOf(action)
  const last = path.split('/').at(-1)!
  const named = deedsByPlace.find(([place]) => place.test(path))
  if (named) return named[1]
  return Object.hasOwn(deeds, last) ? deeds[last]! : 'Send'
}

/** The page that the form was probably on. */
export function pageOf(action: string): string {
  const path = pathOf(action)
  if (path.startsWith('/desk/quarantine/')) return `/desk/quarantine${action.slice(path.length)}`
  const one =
    /^\/desk\/(?:cases|people|campaigns|transcribe|mailroom\/batches)\/[0-9a-f-]{36}/.exec(
      path
    )?.[0]
  if (one) return one
  const area =
    /^\/desk\/(?:counter|people|campaigns|mailroom|transcribe|staff|keys|webhooks|slips\/[0-9A-Z-]{20})(?=\/|$)/.exec(
      path
    )?.[0]
  return area ?? '/desk'
}

/** Without its query. */
export function pathOf(action: string): string {
  return action.split('?', 1)[0]!
}

/** The reply box and the note box, which are one form. */
export function isReply(action: string): boolean {
  return pathOf(action).endsWith('/compose')
}
