/** The addresses that mail services post to, below /hooks/mail; each is there if its setting is. */
import type {
  ChannelRequest,
  ChannelResponse,
  ChannelRoute,
  IntakeWith
} from '../../../core/intake/channel.ts'
import { acceptHook, nothingToTake } from '../../../core/intake/provider-hook.ts'
import { UnverifiedLimit } from '../../../core/intake/unverified-limit.ts'
import { asEvenhandError } from '../../../platform/errors.ts'
import { LARGE_BODY, runAside } from '../../../platform/http-bodies/aside.ts'
import { FRAME_BYTES } from './limits.ts'
import { headerOf } from './proofs.ts'
import { heldContact, postedContact, type Delivery } from './raw-contact.ts'
import type { MailService, Posted, ServiceDoor } from './service.ts'
import { mailServices } from './services.ts'

type MailIntake = IntakeWith<'mailReported' | 'tokenIsFor'>

const aside = new URL('./read-aside.ts', import.meta.url)

/** The routes of the services that the settings switch on. */
export function mailHooks(intake: MailIntake): ChannelRoute[] {
  const held = new UnverifiedLimit()
  return mailServices.flatMap((service) => {
    const door = service.open(intake.settings, intake)
    return door ? serviceRoutes(intake, held, service, door) : []
  })
}

/** The routes of one service: its address, and what it adds to it. */
export function serviceRoutes(
  intake: MailIntake,
  held: UnverifiedLimit,
  service: MailService,
  door: ServiceDoor
): ChannelRoute[] {
  const { SMTP_MAX_BYTES: most } = intake.settings
  return ['', ...(service.below ?? []).map((part) => `/${part}`)].map((below) => ({
    method: 'post',
    path: `/hooks/mail/${service.id}${below}`,
    maxBodyBytes: Math.ceil(service.factor * most) + FRAME_BYTES,
    handle: (request) => receive(intake, held, service, door, request)
  }))
}

async function receive(
  intake: MailIntake,
  held: UnverifiedLimit,
  service: MailService,
  door: ServiceDoor,
  request: ChannelRequest
): Promise<ChannelResponse> {
  const mediaType = headerOf(request, 'content-type') ?? ''
  const { body } = request
  let reading: Promise<Posted | undefined> | undefined
  const read = () => (reading ??= readBody(service, body, mediaType))
  try {
    const unproved = await door.whyUnproved(request, read)
    if (unproved) {
      const raw = heldContact({ service, body, mediaType }, unproved)
      return await acceptHook(intake, held, raw, false)
    }
    const posted = await read()
    if (posted && !posted.mail) return await follow(intake, service, door, posted)
    return await take(intake, held, { service, body, mediaType, mail: posted?.mail })
  } catch (error) {
    const { code } = asEvenhandError(error)
    intake.log.warn({ code, source: service.id }, 'a request of a mail service was not followed')
    return later
  }
}

/** It is sent again then. */
const later: ChannelResponse = { status: 503, headers: { 'retry-after': '60' } }

/** A proved delivery. */
function take(
  intake: MailIntake,
  held: UnverifiedLimit,
  delivery: Delivery
): ChannelResponse | Promise<ChannelResponse> {
  const { service, mail } = delivery
  if (mail?.raw && mail.raw.length > intake.settings.SMTP_MAX_BYTES)
    return tooLarge(intake, service)
  const raw = postedContact(delivery, intake.agency().gateways)
  if (raw.quarantine) intake.alert('mail-without-original', raw.quarantine)
  return acceptHook(intake, held, raw, true)
}

function readBody(
  service: MailService,
  bytes: Uint8Array,
  mediaType: string
): Promise<Posted | undefined> {
  return bytes.length < LARGE_BODY
    ? service.read(bytes, mediaType)
    : runAside<Posted | undefined>(aside, { service: service.id, bytes, mediaType })
}

/** An event without mail: noted, done what it asks for, or asked to be sent again. */
async function follow(
  intake: MailIntake,
  service: MailService,
  door: ServiceDoor,
  posted: Posted
): Promise<ChannelResponse> {
  await door.follow?.(posted)
  const { reports = [] } = posted
  if (reports.some(({ outcome }) => outcome === 'complaint'))
    intake.alert('mail-complaint', `${service.name} says that mail of ours was reported as spam.`)
  if ((await intake.mailReported(reports)) === 'early') return later
  return nothingToTake(intake, service.id, posted.event.slice(0, 100))
}

/** As by SMTP, such a mail is refused; the service tells its sender. */
function tooLarge(intake: MailIntake, service: MailService): ChannelResponse {
  intake.alert('mail-too-large', `${service.name} brought a mail of more than SMTP_MAX_BYTES.`)
  return { status: 413 }
}
