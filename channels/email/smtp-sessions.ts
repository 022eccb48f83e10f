import { isIP } from 'node:net'
import { callbackify } from 'node:util'
import type { SMTPServerAuthentication, SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import type { Intake, RawContact } from '../../core/channel.ts'
import { asEvenhandError } from '../../core/errors.ts'
import { throughGateway } from '../../core/gateways.ts'
import { Flight, gather } from './gather.ts'
import type { SmtpLimits } from './limits.ts'
import { MinuteCounter } from '../../core/minute-counter.ts'
import { mailFacts, rawContact } from './raw-contact.ts'
import { recipientPolicy } from './recipients.ts'
import { refuse, replyTo } from './replies.ts'
import { smtpUsers } from './users.ts'

/** What happens in SMTP sessions, and which of them have a mail in hand. */
export interface Sessions {
  readonly handlers: Pick<SMTPServerOptions, 'onConnect' | 'onClose' | 'onAuth' | 'onMailFrom' | 'onRcptTo' | 'onData'>
  readonly busy: ReadonlySet<string>
  /** From now on a session ends with the mail it has in hand. */
  stopping: boolean
}

/** Answers 421 and closes a session. */
export type EndSession = (sessionId: string, text: string) => void

/** The handlers of one SMTP listener. Every refusal is temporary but an unknown recipient, a wrong password and a size over the cap. */
export function smtpSessions(collect: Intake, limits: SmtpLimits, endSession: EndSession): Sessions {
  const busy = new Set<string>()
  const flight = new Flight(Math.max(limits.bytesInFlight, collect.settings.SMTP_MAX_BYTES))
  const sessions: Sessions = {
    busy,
    stopping: false,
    handlers: {
      ...connectionHandlers(limits),
      onAuth: authHandler(collect, limits),
      onMailFrom: mailFromHandler(limits),
      onRcptTo: recipientHandler(collect),
      onData: callbackify((stream: SMTPServerDataStream, session: SMTPServerSession) => handle(stream, session))
    }
  }
  async function handle(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    busy.add(session.id)
    const deadline = setTimeout(() => endSession(session.id, 'Receiving the message took too long, please try again'), limits.dataMs)
    try {
      return await receive(collect, flight, stream, session)
    } finally {
      clearTimeout(deadline)
      busy.delete(session.id)
      // After the answer, which goes out on the next tick.
      if (sessions.stopping) setImmediate(() => endSession(session.id, 'Closing for maintenance, please try again'))
    }
  }
  return sessions
}

// 250 goes out only after accept has resolved: bytes and row are on disk then.
async function receive(collect: Intake, flight: Flight, stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
  // A sender that goes away before the end gets no answer; its server still has the mail.
  const gathered = await gather(stream, flight).catch(() => { throw refuse(451, 'The message did not arrive in full, please try again') })
  if (gathered.kind === 'too-large') throw refuse(552, 'The message is larger than we accept')
  if (gathered.kind === 'no-room') throw refuse(452, 'Too much mail is arriving at once, please try again')
  try {
    const { receipt } = await collect.accept(contactOf(collect, session, gathered.bytes))
    return `OK: accepted, receipt ${receipt}`
  } catch (error) {
    const { code } = asEvenhandError(error)
    collect.log.warn({ err: error, code }, 'mail not accepted')
    throw replyTo(error)
  } finally {
    gathered.release()
  }
}

function contactOf(collect: Intake, session: SMTPServerSession, bytes: Uint8Array): RawContact {
  const raw = rawContact(session, bytes)
  const { gateways } = collect.agency()
  return gateways.length === 0 ? raw : throughGateway(raw, mailFacts(session, bytes), gateways)
}

function connectionHandlers(limits: SmtpLimits): Pick<Sessions['handlers'], 'onConnect' | 'onClose'> {
  const perMinute = new MinuteCounter(limits.connectionsPerMinute, limits.addresses)
  const open = new Map<string, number>()
  return {
    onConnect(session, callback) {
      const key = addressKey(session)
      const count = (open.get(key) ?? 0) + 1
      open.set(key, count)
      if (isLocal(session) || (count <= limits.connectionsPerAddress && perMinute.take(key))) callback()
      else callback(refuse(421, 'Too many connections from your address, please try again in a minute'))
    },
    onClose(session) {
      const key = addressKey(session)
      const count = (open.get(key) ?? 0) - 1
      if (count > 0) open.set(key, count)
      else open.delete(key)
    }
  }
}

function mailFromHandler(limits: SmtpLimits): NonNullable<Sessions['handlers']['onMailFrom']> {
  const perMinute = new MinuteCounter(limits.messagesPerMinute, limits.addresses)
  return (_address, session, callback) => {
    if (isLocal(session) || perMinute.take(addressKey(session))) callback()
    else callback(refuse(451, 'Too many messages from your address, please try again in a minute'))
  }
}

function recipientHandler({ settings, agency }: Intake): NonNullable<Sessions['handlers']['onRcptTo']> {
  const named = settings.MAIL_DOMAINS
  // The mailbox that receipts are sent from is answered to, whatever else is named.
  const accepts = recipientPolicy(named.length > 0 ? [...named, agency().departments.agency.email] : [])
  return ({ address }, _session, callback) => callback(accepts(address) ? null : refuse(550, 'We do not take mail for this address, and relay none'))
}

function authHandler({ settings, log }: Intake, limits: SmtpLimits): NonNullable<Sessions['handlers']['onAuth']> {
  const isUser = smtpUsers(settings.SMTP_USERS)
  const failures = new MinuteCounter(limits.failedAuthPerMinute, limits.addresses)
  return callbackify(async (auth: SMTPServerAuthentication, session: SMTPServerSession) => {
    const key = addressKey(session)
    if (!failures.allows(key)) throw refuse(421, 'Too many failed sign-ins, please try again in a minute')
    const right = await isUser(auth.username ?? '', auth.password ?? '').catch((error: unknown) => {
      log.warn({ err: error }, 'smtp sign-in could not be checked')
      throw refuse(454, 'Signing in is not possible now, please try again')
    })
    if (right) return { user: auth.username }
    failures.take(key)
    throw refuse(535, 'The name or the password is not right')
  })
}

/** One IPv4 address, or the /64 that one IPv6 customer has. */
function addressKey({ remoteAddress }: SMTPServerSession): string {
  return isIP(remoteAddress) === 6 ? expanded(remoteAddress).slice(0, 4).join(':') : remoteAddress
}

function expanded(address: string): string[] {
  const [before = '', after] = address.split('::')
  const head = before.split(':').filter(Boolean)
  const tail = (after ?? '').split(':').filter(Boolean)
  return after === undefined ? head : [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail]
}

// A mail server or tool on the same machine speaks for everyone behind it.
function isLocal({ remoteAddress }: SMTPServerSession): boolean {
  return remoteAddress === '::1' || remoteAddress.startsWith('127.')
}
