/**
 * A stand-in of Twilio on loopback: its REST API as far as we use it (Messages, Media, Recordings,
 * Calls; HTTP basic authentication), and its webhooks, signed by Twilio's own library and posted as
 * Twilio posts them. Resources: twilio.com/docs/messaging/api, /docs/voice/api.
 */
import { randomBytes } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import webhooks from 'twilio/lib/webhooks/webhooks.js'

export const ACCOUNT = 'AC0123456789abcdef0123456789abcdef'
export const TOKEN = '0123456789abcdef0123456789abcdef'
export const OUR_NUMBER = '+17035550100'

export interface Outgoing {
  readonly sid: string
  readonly to: string
  readonly from: string
  readonly body: string
  readonly statusCallback: string | undefined
}

export interface TwilioStandIn {
  readonly url: string
  /** Settings that make us its customer. */
  readonly environment: Record<string, string>
  /** Texts that we had sent. */
  readonly sent: Outgoing[]
  /** Paths asked for, with whether the token was right. */
  readonly asked: { path: string; authorized: boolean }[]
  /** What a path below the account answers with; without one it is a 404. */
  keep(path: string, bytes: Uint8Array, mediaType: string): void
  /**
   * Texts that came to the account's numbers, each with the parameters of its web hook; the latest
   * last.
   */
  readonly inbox: Record<string, string>[]
  /** Recordings of the account, the latest last. */
  readonly recordings: { sid: string; call_sid: string; duration: string; source: string }[]
  /** The next sends fail with this status and code. */
  failSends(...failures: { status: number; code: number }[]): void
  close(): Promise<void>
}

export function newSid(kind: string): string {
  return kind + randomBytes(16).toString('hex')
}

export async function openTwilio(): Promise<TwilioStandIn> {
  const kept = new Map<string, { bytes: Uint8Array; mediaType: string }>()
  const sent: Outgoing[] = []
  const asked: TwilioStandIn['asked'] = []
  const failures: { status: number; code: number }[] = []
  const inbox: Record<string, string>[] = []
  const recordings: TwilioStandIn['recordings'] = []
  const server = http.createServer((request, response) => {
    void answer(request, response)
  })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://standin')
    const authorized =
      request.headers.authorization ===
      `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`
    asked.push({ path: pathname, authorized })
    if (!authorized)
      return json(response, 401, { code: 20003, message: 'Authenticate', status: 401 })
    const path = pathname.replace(`/2010-04-01/Accounts/${ACCOUNT}/`, '')
    if (path === 'Messages.json' && request.method === 'POST')
      return create(response, new URLSearchParams(await bodyOf(request)))
    const list = (name: string, items: unknown[]) =>
      json(response, 200, { [name]: items, next_page_uri: null, page: 0, page_size: 50 })
    const to = searchParams.get('To')
    if (path === 'Messages.json')
      return list(
        'messages',
        [...sent.map(toResource), ...inbox.toReversed().map(toInbound)].filter(
          (one) => to === null || one.to === to
        )
      )
    if (path === 'Recordings.json')
      return list(
        'recordings',
        recordings.toReversed().map((one) => ({
          ...one,
          account_sid: ACCOUNT,
          date_created: new Date(Date.now() - 600_000).toUTCString()
        }))
      )
    if (path === 'IncomingPhoneNumbers.json')
      return list('incoming_phone_numbers', [
        { phone_number: OUR_NUMBER, sms_url: 'https://elsewhere.example/' },
        {
          phone_number: '+17035550101',
          sms_url: 'https://intake.town.example/hooks/sms/twilio#rc=5'
        }
      ])
    const media = /^Messages\/(\w+)\/Media\.json$/.exec(path)?.[1]
    if (media)
      return list('media_list', mediaOf(inbox.find(({ MessageSid }) => MessageSid === media) ?? {}))
    const file = kept.get(path)
    if (!file) return json(response, 404, { code: 20404, message: 'Not found', status: 404 })
    response.writeHead(200, { 'content-type': file.mediaType }).end(file.bytes)
  }
  const create = (response: ServerResponse, given: URLSearchParams) => {
    const failure = failures.shift()
    if (failure)
      return json(response, failure.status, { ...failure, message: 'refused', more_info: '' })
    const message = {
      sid: newSid('SM'),
      to: given.get('To') ?? '',
      from: given.get('From') ?? given.get('MessagingServiceSid') ?? '',
      body: given.get('Body') ?? '',
      statusCallback: given.get('StatusCallback') ?? undefined
    }
    sent.push(message)
    json(response, 201, toResource(message))
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    sent,
    asked,
    inbox,
    recordings,
    environment: {
      TWILIO_ACCOUNT_SID: ACCOUNT,
      TWILIO_AUTH_TOKEN: TOKEN,
      TWILIO_FROM: OUR_NUMBER,
      TWILIO_API_URL: url
    },
    keep: (path, bytes, mediaType) => {
      kept.set(path, { bytes, mediaType })
    },
    failSends: (...more) => {
      failures.push(...more)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

function toResource({ sid, to, from, body }: Outgoing) {
  return {
    sid,
    to,
    from,
    body,
    status: 'queued',
    direction: 'outbound-api',
    account_sid: ACCOUNT,
    num_segments: '1',
    num_media: '0',
    error_code: null,
    date_sent: new Date().toUTCString()
  }
}

function toInbound(given: Record<string, string>) {
  return {
    sid: given['MessageSid'],
    to: given['To'],
    from: given['From'],
    body: given['Body'],
    status: 'received',
    direction: 'inbound',
    account_sid: ACCOUNT,
    num_segments: '1',
    num_media: given['NumMedia'],
    error_code: null,
    date_sent: new Date(Date.now() - 600_000).toUTCString()
  }
}

function mediaOf(given: Record<string, string>) {
  return Object.keys(given)
    .filter((name) => name.startsWith('MediaUrl'))
    .map((name) => ({
      sid: given[name]!.split('/').at(-1),
      content_type: given[name.replace('Url', 'ContentType')]
    }))
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

export interface Webhook {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** A webhook as Twilio posts it to the address it was given. */
export function signedWebhook(
  publicUrl: string,
  path: string,
  parameters: Record<string, string>,
  token = TOKEN
): Webhook {
  const signature = webhooks.getExpectedTwilioSignature(token, publicUrl + path, parameters)
  return {
    path,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': signature
    },
    body: Buffer.from(new URLSearchParams(parameters).toString())
  }
}

/** The parameters of an incoming text. */
export function incomingText(
  given: Partial<
    Record<'MessageSid' | 'From' | 'To' | 'Body' | 'NumSegments' | 'OptOutType', string>
  >,
  media: { sid: string; mediaType: string }[] = []
): Record<string, string> {
  const sid = given.MessageSid ?? newSid(media.length > 0 ? 'MM' : 'SM')
  const files = media.flatMap(({ sid: file, mediaType }, index) => [
    [`MediaContentType${index}`, mediaType],
    [
      `MediaUrl${index}`,
      `https://api.twilio.com/2010-04-01/Accounts/${ACCOUNT}/Messages/${sid}/Media/${file}`
    ]
  ])
  return {
    ToCountry: 'US',
    SmsMessageSid: sid,
    NumMedia: String(media.length),
    SmsSid: sid,
    SmsStatus: 'received',
    Body: '',
    To: OUR_NUMBER,
    NumSegments: '1',
    MessageSid: sid,
    AccountSid: ACCOUNT,
    From: '+12025550143',
    ApiVersion: '2010-04-01',
    ...given,
    ...(Object.fromEntries(files) as Record<string, string>)
  }
}

/** The parameters of a call's request. */
export function callParameters(
  given: Partial<
    Record<'CallSid' | 'From' | 'To' | 'CallStatus' | 'Digits' | 'CallerName', string>
  > = {}
): Record<string, string> {
  return {
    AccountSid: ACCOUNT,
    ApiVersion: '2010-04-01',
    CallSid: newSid('CA'),
    CallStatus: 'in-progress',
    Direction: 'inbound',
    From: '+12025550143',
    To: OUR_NUMBER,
    Caller: given.From ?? '+12025550143',
    Called: OUR_NUMBER,
    ...given
  }
}
