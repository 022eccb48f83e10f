/** Twilio's words for a text message, as ours. Parameters: twilio.com/docs/messaging/guides/webhook-request. */
import { storableText } from '../../core/envelope.ts'
import { isAccountSid, isSid } from '../../core/twilio/api.ts'
import type { Parameters } from '../../core/twilio/webhook.ts'
import { MAX_LABEL, MAX_MEDIA, MAX_TEXT } from './limits.ts'

export interface Media {
  readonly mediaType: string
  /** Below the account, where the address is one of this message's; else nothing is fetched. */
  readonly path: string | undefined
}

export interface TextMessage {
  readonly sid: string | undefined
  readonly account: string | undefined
  readonly from: string
  readonly to: string
  readonly text: string
  readonly segments: number
  readonly media: readonly Media[]
  /** Twilio's own opt-out service has answered this word already. */
  readonly answeredByProvider: boolean
  readonly place: { readonly lat: number; readonly long: number } | undefined
}

/** Undefined where the parameters are no inbound message: neither words nor sender. */
export function readMessage(parameters: Parameters | undefined): TextMessage | undefined {
  if (!parameters || (parameters['From'] === undefined && parameters['Body'] === undefined)) return undefined
  const given = (name: string) => storableText(parameters[name] ?? '')
  const account = isAccountSid(parameters['AccountSid']) ? parameters['AccountSid'] : undefined
  const sid = [parameters['MessageSid'], parameters['SmsMessageSid'], parameters['SmsSid']].find((one) => isSid(one, 'SM') || isSid(one, 'MM'))
  const location = [given('Address'), given('Label')].filter(Boolean).join(', ')
  return {
    sid, account, from: label(given('From')), to: label(given('To')), text: [given('Body'), location].filter(Boolean).join('\n').slice(0, MAX_TEXT).toWellFormed(),
    segments: count(given('NumSegments'), 1, 1_000), media: mediaOf(parameters, account, sid), answeredByProvider: parameters['OptOutType'] !== undefined, place: placeOf(given('Latitude'), given('Longitude'))
  }
}

function mediaOf(parameters: Parameters, account: string | undefined, sid: string | undefined): Media[] {
  const declared = count(parameters['NumMedia'] ?? '', 0, MAX_MEDIA)
  return Array.from({ length: declared }, (_, index) => ({ mediaType: mediaType(parameters[`MediaContentType${index}`] ?? ''), path: pathOf(parameters[`MediaUrl${index}`] ?? '', account, sid) }))
}

/** A signed message must not make us fetch another message's pictures: account and message have to be its own. */
function pathOf(address: string, account: string | undefined, sid: string | undefined): string | undefined {
  const [, theirAccount, message, media] = /\/Accounts\/(AC[0-9a-f]{32})\/Messages\/((?:SM|MM)[0-9a-f]{32})\/Media\/(ME[0-9a-f]{32})(?:\.json)?$/.exec(URL.parse(address)?.pathname ?? '') ?? []
  return media && theirAccount === account && message === sid ? `Messages/${message}/Media/${media}` : undefined
}

function mediaType(given: string): string {
  const type = given.split(';', 1)[0]!.trim().toLowerCase()
  return /^[a-z]{2,20}\/[a-z0-9.+-]{1,100}$/.test(type) ? type : 'application/octet-stream'
}

function placeOf(latitude: string, longitude: string): TextMessage['place'] {
  const [lat, long] = [latitude, longitude].map((one) => one === '' ? NaN : Number(one)) as [number, number]
  return Math.abs(lat) <= 90 && Math.abs(long) <= 180 ? { lat, long } : undefined
}

function count(given: string, otherwise: number, most: number): number {
  return /^\d{1,6}$/.test(given) ? Math.min(Number(given), most) : otherwise
}

function label(text: string): string {
  return text.slice(0, MAX_LABEL).toWellFormed()
}

/** A telephone number out of an address such as `whatsapp:+12025550123`; short codes are nobody's. */
export function numberOf(address: string): string | undefined {
  return /^(?:[a-z]+:)?(\+[1-9]\d{6,14})$/.exec(address)?.[1]
}
