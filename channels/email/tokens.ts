import type { HeaderFields } from './headers.ts'
import { headerLimits } from './limits.ts'
import type { Part } from './parts.ts'

// Our messages ask for answers to reply+<token>@our.domain, and their Message-ID is
// <r.<token>@our.domain>, or <a.<id>.<token>@our.domain> for what a person wrote.
const replyAddress = /\breply\+([0-9a-z.-]{10,64})@/gi
const ownMessageId = /<(?:r|a\.[0-9a-f-]{36})\.([0-9a-z.-]{10,64})@/gi

const addressHeaders = ['to', 'cc', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to']
const threadHeaders = ['in-reply-to', 'references']

/** Reply tokens in a mail's recipients and references. The core checks whether they are genuine. */
export function replyTokens(recipients: readonly string[], fields: HeaderFields): string[] {
  return distinct([
    ...found(recipients, replyAddress),
    ...addressHeaders.flatMap((name) => found(fields.get(name), replyAddress)),
    ...threadHeaders.flatMap((name) => found(fields.get(name), ownMessageId))
  ])
}

/** Tokens in what a bounce returns: our message or its headers, or a notice that quotes them. */
export function returnedTokens(text: string, documents: readonly Part[]): string[] {
  const sources = [
    text,
    ...documents.map((part) => part.bytes.subarray(0, headerLimits.tokenBytes).toString('latin1'))
  ]
  return distinct(
    sources.flatMap((source) => [
      ...found([source], ownMessageId),
      ...found([source], replyAddress)
    ])
  )
}

/** Message-IDs of the agency's answers differ from those of receipts. */
const answerId = /<a\.([0-9a-z-]{8,40})\.[0-9a-z.-]{10,64}@/gi

/** Ids of the agency's answers in texts that hold our Message-IDs. */
export function answersNamed(texts: readonly string[]): string[] {
  return distinct(found(texts, answerId))
}

/** Characters of what names a mail to its service. */
const NAME = 1_000

/** What names a mail, each as it stands in a mail: services give a Message-ID without brackets. */
export function asNamed(names: readonly string[]): string[] {
  return names.map((name) => {
    const cut = name.slice(0, NAME).trim()
    return /[<\s]/.test(cut) ? cut : `<${cut}>`
  })
}

function found(values: readonly string[] = [], pattern: RegExp): string[] {
  const searched = values
    .slice(0, headerLimits.addresses)
    .map((value) => value.slice(0, headerLimits.tokenBytes))
  return searched.flatMap((value) =>
    Array.from(value.matchAll(pattern), (match) => match[1]!.toLowerCase())
  )
}

function distinct(tokens: readonly string[]): string[] {
  return [...new Set(tokens)].slice(0, headerLimits.tokens)
}
