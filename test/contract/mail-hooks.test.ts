/** The mail services that push mail, each by its own wire; what it brings is read like any mail. */
import { afterAll } from '@jest/globals'
import { email } from '../../channels/email/index.ts'
import { FRAME_BYTES } from '../../channels/email/webhooks/limits.ts'
import { serviceRoutes } from '../../channels/email/webhooks/routes.ts'
import { ses, sesDoor } from '../../channels/email/webhooks/ses.ts'
import type { AnyChannel } from '../../core/intake/channel.ts'
import { UnverifiedLimit } from '../../core/intake/unverified-limit.ts'
import {
  mailgunAccount,
  postalAccount,
  postmarkAccount,
  resendAccount,
  sendgridAccount,
  sesAccount,
  topic,
  type ServiceAccount
} from '../channels/email/webhooks/support.ts'
import { openFileHost } from '../helpers/file-host.ts'
import { channelContract } from './channel-contract.ts'
import { claims, mailOf } from './mails.ts'
import { openHttpDoor, type HttpDelivery } from './http-door.ts'
import { padMail } from './smtp-door.ts'
import type { Contract, Features } from './types.ts'

/** What SMTP counts besides: the end of the last line (padMail leaves room for it). */
const LINE_END = 2
const SMTP_MAX_BYTES = 50_000

const features: Features = {
  ids: 'because a mail is known by its bytes and recipients, by whatever way it comes',
  idMayBeMissing: 'because mail is known by its bytes and recipients alone',
  signatures: true,
  words: true,
  line: true,
  empty: 'accepted',
  overCap: 'refused because the same mail is refused by SMTP, and the service tells its sender',
  sameIdOtherBytes: 'a contact of its own'
}

function hookContract(
  account: ServiceAccount,
  more: Partial<Contract<HttpDelivery>> = {},
  before: (mail: Buffer, id: string) => void = () => undefined
): void {
  const channel = more.channel ?? email
  const post = (mail: Buffer, id: string, signature?: 'wrong' | 'none') => {
    before(mail, id)
    return account.post({ mail, id, ...(signature ? { signature } : {}) })
  }
  channelContract<HttpDelivery>({
    channel,
    door: account.id,
    features,
    environment: { ...account.environment, SMTP_MAX_BYTES: String(SMTP_MAX_BYTES) },
    async open(runtime) {
      const door = await openHttpDoor(runtime, channel)
      return {
        close: () => door.close(),
        async deliver(delivery) {
          const { answer, response } = await door.post(delivery)
          return answer.verdict === 'accepted'
            ? { ...answer, receipt: await response.text() }
            : answer
        },
        honest: (message) => post(mailOf(message), message.id),
        empty: () => account.postBody(new Uint8Array()),
        forged: (message) => [
          post(mailOf(message), message.id, 'wrong'),
          post(mailOf(message), message.id, 'none')
        ],
        sized: (over) =>
          account.id === 'resend'
            ? padded(post(mailOf({ id: 'sized', text: '' }), 'sized'), FRAME_BYTES + over)
            : post(
                padMail(mailOf({ id: 'sized', text: `${over}` }), SMTP_MAX_BYTES + LINE_END + over),
                `sized-${over}`
              ),
        holding: (bytes) => post(Buffer.from(bytes), crypto.randomUUID()),
        claiming: (message) => post(mailOf(message, claims), message.id),
        secrets: account.secrets
      }
    },
    ...more
  })
}

/** The same with blanks at its end, which belong to no JSON; its proof is over them, too. */
function padded(delivery: HttpDelivery, bytes: number): HttpDelivery {
  return notified.postBody(
    Buffer.concat([delivery.body, Buffer.alloc(bytes - delivery.body.length, ' ')])
  )
}

for (const account of [postmarkAccount(), sendgridAccount(), mailgunAccount(), postalAccount()])
  hookContract(account)

const amazon = sesAccount()
const byAmazon: AnyChannel = {
  ...email,
  start(intake) {
    const door = sesDoor([topic], amazon.get)
    for (const route of serviceRoutes(intake, new UnverifiedLimit(), ses, door)) intake.route(route)
  }
}
hookContract(amazon, { channel: byAmazon })

const store = await openFileHost()
afterAll(() => store.close())

/** Resend's own side: where a mail lies, and the mail. */
function keep(mail: Buffer, id: string): void {
  const raw = { download_url: `${store.url}/${id}.eml`, expires_at: '2030-01-01T00:00:00Z' }
  store.tell(`/emails/receiving/${id}?html_format=cid`, { body: JSON.stringify({ id, raw }) })
  store.tell(`/${id}.eml`, { body: mail, headers: { 'content-type': 'message/rfc822' } })
}

const notified = resendAccount()
hookContract(
  {
    ...notified,
    environment: {
      ...notified.environment,
      RESEND_API_URL: store.url,
      RESEND_FILE_HOSTS: store.host
    }
  },
  {
    features: {
      ...features,
      ids: true,
      idMayBeMissing: 'because a notice without an id is none of theirs',
      overCap: 'refused because a notice has 2 KB and none has ever had a thousand',
      sameIdOtherBytes: 'first receipt'
    }
  },
  keep
)
