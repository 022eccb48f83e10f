import { callbackify } from 'node:util'
import type {
  SMTPServerAuthentication,
  SMTPServerDataStream,
  SMTPServerOptions,
  SMTPServerSession
} from 'smtp-server'
import type { Intake, RawContact } from '../../core/intake/channel.ts'
import { asEvenhandError } from '../../platform/errors.ts'
import { throughGateway } from '../../core/intake/mail-gateways.ts'
import { Flight, gather } from './gather.ts'
import type { SmtpLimits } from './limits.ts'
import { addressKey, isLoopback } from '../../platform/limits/address-key.ts'
import { FixedWindowLimiter } from '../../platform/limits/fixed-window-limiter.ts'
import { mailFacts, rawContact } from './raw-contact.ts'
import { recipientPolicy } from './recipients.ts'
import { refuse, replyTo } from './replies.ts'
import { smtpUsers } from './users.ts'

/** The handlers of SMTP sessions, and which sessions are receiving a mail. */
export interface Sessions {
  readonly handlers: Pick<
    SMTPServerOptions,
    'onConnect' | 'onClose' | 'onAuth' | 'onMailFrom' | 'onRcptTo' | 'onData'
  >
  readonly busy: ReadonlySet<string>
  /** If true, each session ends after the mail it is receiving. */
  stopping: boolean
}

/** Answers 421 and closes the session. */
export type EndSession = (sessionId: string, text: string) => void

/**
 * The handlers of one SMTP listener. Every refusal is temporary, except for an unknown recipient, a
 * wrong password and a mail over the size limit.
 */
export function smtpSessions(intake: Intake, limits: SmtpLimits, endSession: EndSession): Sessions {
  const busy = new Set<string>()
  const flight = new Flight(Math.max(limits.bytesInFlight, intake.settings.SMTP_MAX_BYTES))
  const sessions: Sessions = {
    busy,
    stopping: false,
    handlers: {
      ...connectionHandlers(limits),
      onAuth: authHandler(intake),
      onMailFrom: mailFromHandler(limits),
      onRcptTo: recipientHandler(intake),
      onData: callbackify((stream: SMTPServerDataStream, session: SMTPServerSession) =>
        handle(stream, session)
      )
    }
  }
  async function handle(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    busy.add(session.id)
    const deadline = setTimeout(
      () => endSession(session.id, 'Receiving the message took too long, please try again'),
      limits.dataMs
    )
    try {
      return await receive(intake, flight, stream, session)
    } finally {
      clearTimeout(deadline)
      busy.delete(session.id)
      // Ends the session after the answer, which is sent on the next tick.
      if (sessions.stopping)
        setImmediate(() => endSession(session.id, 'Closing for maintenance, please try again'))
    }
  }
  return sessions
}

// 250 is sent only after accept has resolved: bytes and row are then on disk.
async function receive(
  intake: Intake,
  flight: Flight,
  stream: SMTPServerDataStream,
  session: SMTPServerSession
): Promise<string> {
  // A sender that disconnects before the end gets no answer; its server still has the mail.
  const gathered = await gather(stream, flight).catch(() => {
    throw refuse(451, 'The message did not arrive in full, please try again')
  })
  if (gathered.kind === 'too-large') throw refuse(552, 'The message is larger than we accept')
  if (gathered.kind === 'no-room')
    throw refuse(452, 'Too much mail is arriving at once, please try again')
  try {
    const { receipt } = await intake.accept(contactOf(intake, session, gathered.bytes))
    return `OK: accepted, receipt ${receipt}`
  } catch (error) {
    const { code } = asEvenhandError(error)
    intake.log.warn({ err: error, code }, 'mail not accepted')
    throw replyTo(error)
  } finally {
    gathered.release()
  }
}

function contactOf(intake: Intake, session: SMTPServerSession, bytes: Uint8Array): RawContact {
  const raw = rawContact(session, bytes, intake.settings)
  const { gateways } = intake.agency()
  return gateways.length === 0 ? raw : throughGateway(raw, mailFacts(session, bytes), gateways)
}

function connectionHandlers(
  limits: SmtpLimits
): Pick<Sessions['handlers'], 'onConnect' | 'onClose'> {
  const perMinute = new FixedWindowLimiter(limits.connectionsPerMinute, limits.addresses)
  const open = new Map<string, number>()
  return {
    onConnect(session, callback) {
      const key = addressKey(session.remoteAddress)
      const count = (open.get(key) ?? 0) + 1
      open.set(key, count)
      if (isLocal(session) || (count <= limits.connectionsPerAddress && perMinute.take(key)))
        callback()
      else
        callback(
          refuse(421, 'Too many connections from your address, please try again in a minute')
        )
    },
    onClose(session) {
      const key = addressKey(session.remoteAddress)
      const count = (open.get(key) ?? 0) - 1
      if (count > 0) open.set(key, count)
      else open.delete(key)
    }
  }
}

function mailFromHandler(limits: SmtpLimits): NonNullable<Sessions['handlers']['onMailFrom']> {
  const perMinute = new FixedWindowLimiter(limits.messagesPerMinute, limits.addresses)
  return (_address, session, callback) => {
    if (isLocal(session) || perMinute.take(addressKey(session.remoteAddress))) callback()
    else callback(refuse(451, 'Too many messages from your address, please try again in a minute'))
  }
}

function recipientHandler({
  settings,
  agency
}: Intake): NonNullable<Sessions['handlers']['onRcptTo']> {
  const named = settings.MAIL_DOMAINS
  // The mailbox that receipts are sent from is accepted too, whatever else is configured.
  const accepts = recipientPolicy(
    named.length > 0 ? [...named, agency().departments.agency.email] : []
  )
  return ({ address }, _session, callback) =>
    callback(
      accepts(address) ? null : refuse(550, 'We do not take mail for this address, and relay none')
    )
}

/** Failures are counted for all processes together; beyond them no password costs its scrypt. */
function authHandler(intake: Intake): NonNullable<Sessions['handlers']['onAuth']> {
  const isUser = smtpUsers(intake.settings.SMTP_USERS)
  return callbackify(
    async (auth: SMTPServerAuthentication, { remoteAddress }: SMTPServerSession) => {
      const right = await signIn(intake, remoteAddress, () =>
        isUser(auth.username ?? '', auth.password ?? '')
      )
      if (right === 'put off')
        throw refuse(421, 'Too many failed sign-ins, please try again in a minute')
      if (right) return { user: auth.username }
      throw refuse(535, 'The name or the password is not right')
    }
  )
}

async function signIn(
  intake: Intake,
  address: string,
  isUser: () => Promise<boolean>
): Promise<boolean | 'put off'> {
  try {
    if (await intake.hasGuessed('mail-sign-in', address)) return 'put off'
    if (await isUser()) return true
    await intake.guessed('mail-sign-in', address)
    return false
  } catch (error) {
    if (asEvenhandError(error).code === 'RATE_LIMITED') return 'put off'
    intake.log.warn({ err: error }, 'smtp sign-in could not be checked')
    throw refuse(454, 'Signing in is not possible now, please try again')
  }
}

// A mail server or tool on this machine sends for many people, so limits per address do not apply
// to it.
function isLocal({ remoteAddress }: SMTPServerSession): boolean {
  return isLoopback(remoteAddress)
}
