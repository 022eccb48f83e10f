/**
 * Words by which a person says whether we may text them. They count only when they are the whole message: "Stop sign is down" is a
 * report. CTIA Messaging Principles and 47 CFR 64.1200(a)(10) name them; Twilio and the carriers act on the same ones.
 */
export type Keyword = 'stop' | 'start' | 'help'

const words: Readonly<Record<Keyword, readonly string[]>> = {
  stop: ['stop', 'stopall', 'stop all', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout', 'opt out', 'opt-out'],
  start: ['start', 'unstop'],
  help: ['help', 'info']
}

const byWord = new Map(Object.entries(words).flatMap(([keyword, list]) => list.map((word) => [word, keyword as Keyword] as const)))
const LONGEST = 40

/** Capital or small letters, spaces around it, quotes around it and full stops or exclamation marks after it do not matter; anything else does. */
export function keywordOf(text: string): Keyword | undefined {
  if (text.length > LONGEST) return undefined
  return byWord.get(bareWord(text))
}

/** A short answer as it is meant: without what people and telephones put around it. */
export function bareWord(text: string): string {
  return text.normalize('NFKC').trim().replace(/^["'“”‘’«»]+|["'“”‘’«»]+$/gu, '').replace(/[.!\s]+$/u, '').replace(/^\s+/u, '').toLowerCase()
}
