import { expect, test } from '@jest/globals'
import { channelKinds } from '../../core/envelope.ts'
import { readSources } from '../helpers/sources.ts'

/** Those that say what channels there are and what each is like; a room that is itself a door. */
const mayName: Readonly<Record<string, readonly string[]>> = {
  'core/envelope.ts': channelKinds,
  'core/intake/traits.ts': channelKinds,
  'core/intake/counter-entry.ts': ['counter'],
  'core/mailroom/release.ts': ['postal']
}
/** Names of other things too: of addresses, of words, of a process's role. */
const ambiguous = ['email', 'phone', 'fax', 'web']

const quoted = (kinds: readonly string[]) => `['"](${kinds.join('|')})['"]`
const clear = new RegExp(quoted(channelKinds.filter((kind) => !ambiguous.includes(kind))), 'g')
const besideChannel = new RegExp(
  `\\bchannels?\\b['"]?,?\\s*(?:[=!]==?|=|<>|\\?\\?|:|,|not in|in|=>|\\?)[^;\\n]{0,40}?${quoted(channelKinds)}`,
  'gi'
)
const assigned = new RegExp(`\\bChannelKind\\b[^;\\n]{0,20}=\\s*${quoted(channelKinds)}`, 'g')
const looked = new RegExp(`record\\['channel'\\][^;\\n]{0,40}${quoted(channelKinds)}`, 'g')

function channelsIn(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').replace(/\s*\n\s*/g, ' ')
  return [clear, besideChannel, assigned, looked].flatMap((found) =>
    [...code.matchAll(found)].map(([, kind]) => kind!)
  )
}

test.each([
  ["where id = any($1) and channel = 'sms'", true],
  ["and before.channel = 'email'", true],
  ["where channel in ('phone', 'fax')", true],
  [".where('contacts.channel', '=', 'phone')", true],
  ["form: envelope.channel === 'web' ? one : two", true],
  ["export function of(text: string, channel: ChannelKind = 'email') {", true],
  ["find((kind) => kind === record['channel']) ?? 'email'", true],
  ["const open = ['open311']", true],
  ["traitsOf(channel).carries !== 'email'", false],
  ["fields.map(['email', 'phone'])", false],
  ["// channel === 'sms'", false]
])('%s names a channel: %s', (text, found) => {
  expect(channelsIn(text).length > 0).toBe(found)
})

test('the core knows channels by their traits, so that none is forgotten', () => {
  const named = readSources(['core']).flatMap(({ path, text }) =>
    channelsIn(text)
      .filter((kind) => !mayName[path]?.includes(kind))
      .map((kind) => `${path}: ${kind}`)
  )
  expect(named).toEqual([])
})
