import type { HeaderFields } from './headers.ts'
import { headerLimits } from './limits.ts'
import type { Part } from './parts.ts'

// reply+<token>@our.domain is where our messages ask to be answered; <r.<token>@our.domain> is their Message-ID.
const replyAddress = /\breply\+([0-9a-z.-]{10,64})@/gi
const ownMessageId = /<r\.([0-9a-z.-]{10,64})@/gi

const addressHeaders = ['to', 'cc', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to']
const threadHeaders = ['in-reply-to', 'references']

/** The reply tokens that a mail was sent to or answers, whether genuine is for the core to check. */
export function replyTokens(recipients: readonly string[], fields: HeaderFields): string[] {
  return distinct([
    ...found(recipients, replyAddress),
    ...addressHeaders.flatMap((name) => found(fields.get(name), replyAddress)),
    ...threadHeaders.flatMap((name) => found(fields.get(name), ownMessageId))
  ])
}

/** The tokens in what a bounce gives back: the returned message or its headers, or a notice that quotes them. */
export function returnedTokens(text: string, documents: readonly Part[]): string[] {
  const sources = [text, ...documents.map((part) => part.bytes.subarray(0, headerLimits.tokenBytes).toString('latin1'))]
  return distinct(sources.flatMap((source) => [...found([source], ownMessageId), ...found([source], replyAddress)]))
}

function found(values: readonly string[] = [], pattern: RegExp): string[] {
  const searched = values.slice(0, headerLimits.addresses).map((value) => value.slice(0, headerLimits.tokenBytes))
  return searched.flatMap((value) => Array.from(value.matchAll(pattern), (match) => match[1]!.toLowerCase()))
}

function distinct(tokens: readonly string[]): string[] {
  return [...new Set(tokens)].slice(0, headerLimits.tokens)
}
