/**
 * Translates Twilio's parameters for a text message:
 * twilio.com/docs/messaging/guides/webhook-request.
 */
import { storableText } from '../../platform/text/storable.ts'
import { isAccountSid, isSid } from '../../platform/providers/twilio/api.ts'
import type { TwilioParameters } from '../../platform/providers/twilio/webhook.ts'
import { MAX_LABEL, MAX_MEDIA, MAX_OTHERS, MAX_TEXT } from './limits.ts'

export interface Media {
  readonly mediaType: string
  /**
   * Path below the account, if the address belongs to this message. If undefined, nothing is
   * fetched.
   */
  readonly path: string | undefined
}

export interface TextMessage {
  readonly sid: string | undefined
  readonly account: string | undefined
  readonly from: string
  readonly to: string
  /** Other numbers of the group it was sent to. They get no messages from us. */
  readonly others: readonly string[]
  readonly text: string
  readonly segments: number
  readonly media: readonly Media[]
  /** Twilio's own opt-out service has already answered this word. */
  readonly answeredByProvider: boolean
  readonly place: { readonly lat: number; readonly long: number } | undefined
}

/** Undefined if the parameters are no inbound message, with neither text nor sender. */
export function readMessage(parameters: TwilioParameters | undefined): TextMessage | undefined {
  if (!parameters || (parameters['From'] === undefined && parameters['Body'] === undefined))
    return undefined
  const given = (name: string) => storableText(parameters[name] ?? '')
  const account = isAccountSid(parameters['AccountSid']) ? parameters['AccountSid'] : undefined
  const sid = [parameters['MessageSid'], parameters['SmsMessageSid'], parameters['SmsSid']].find(
    (one) => isSid(one, 'SM') || isSid(one, 'MM')
  )
  const location = [given('Address'), given('Label')].filter(Boolean).join(', ')
  return {
    sid,
    account,
    from: label(given('From')),
    to: label(given('To')),
    others: othersOf(parameters),
    text: [given('Body'), location].filter(Boolean).join('\n').slice(0, MAX_TEXT).toWellFormed(),
    segments: count(given('NumSegments'), 1, 1_000),
    media: mediaOf(parameters, account, sid),
    answeredByProvider: parameters['OptOutType'] !== undefined,
    place: geoPointOf(given('Latitude'), given('Longitude'))
  }
}

/**
 * The other numbers of a group MMS, numbered from 0 (twilio.com/docs/conversations/group-texting).
 */
function othersOf(parameters: TwilioParameters): string[] {
  return Array.from({ length: MAX_OTHERS }, (_, index) =>
    label(storableText(parameters[`OtherRecipients${index}`] ?? ''))
  ).filter(Boolean)
}

function mediaOf(
  parameters: TwilioParameters,
  account: string | undefined,
  sid: string | undefined
): Media[] {
  const declared = count(parameters['NumMedia'] ?? '', 0, MAX_MEDIA)
  return Array.from({ length: declared }, (_, index) => ({
    mediaType: mediaType(parameters[`MediaContentType${index}`] ?? ''),
    path: pathOf(parameters[`MediaUrl${index}`] ?? '', account, sid)
  }))
}

/**
 * Account and message must be the message's own: a signed message must not make us fetch another
 * message's pictures.
 */
function pathOf(
  address: string,
  account: string | undefined,
  sid: string | undefined
): string | undefined {
  const [, theirAccount, message, media] =
    /\/Accounts\/(AC[0-9a-f]{32})\/Messages\/((?:SM|MM)[0-9a-f]{32})\/Media\/(ME[0-9a-f]{32})(?:\.json)?$/.exec(
      URL.parse(address)?.pathname ?? ''
    ) ?? []
  return media && theirAccount === account && message === sid
    ? `Messages/${message}/Media/${media}`
    : undefined
}

function mediaType(given: string): string {
  const type = given.split(';', 1)[0]!.trim().toLowerCase()
  return /^[a-z]{2,20}\/[a-z0-9.+-]{1,100}$/.test(type) ? type : 'application/octet-stream'
}

function geoPointOf(latitude: string, longitude: string): TextMessage['place'] {
  const [lat, long] = [latitude, longitude].map((one) => (one === '' ? NaN : Number(one))) as [
    number,
    number
  ]
  return Math.abs(lat) <= 90 && Math.abs(long) <= 180 ? { lat, long } : undefined
}

function count(given: string, otherwise: number, most: number): number {
  return /^\d{1,6}$/.test(given) ? Math.min(Number(given), most) : otherwise
}

function label(text: string): string {
  return text.slice(0, MAX_LABEL).toWellFormed()
}

/**
 * The telephone number in an address such as `whatsapp:+12025550123`. Short codes belong to no
 * person and are left out.
 */
export function numberOf(address: string): string | undefined {
  return /^(?:[a-z]+:)?(\+[1-9]\d{6,14})$/.exec(address)?.[1]
}
