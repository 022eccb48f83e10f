import { email } from '../../channels/email/index.ts'
import { registerChannels } from '../../channels/register.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { channelContract } from './channel-contract.ts'
import { claims, mailOf } from './mails.ts'
import { deliverMail, padMail } from './smtp-door.ts'
import { person, type Door } from './types.ts'

const SMTP_MAX_BYTES = 50_000

channelContract<Buffer>({
  channel: email,
  door: 'SMTP',
  features: {
    ids: "because a Message-ID is whatever the writer says and no delivery's own",
    idMayBeMissing: 'because mail is known by its bytes and recipients alone',
    signatures: 'because SMTP has none; what DKIM checks found is evidence in the headers',
    words: true,
    line: true,
    empty: 'accepted',
    overCap: 'refused because the bound is announced (SIZE, RFC 1870) and 552 is its answer',
    sameIdOtherBytes: 'a contact of its own'
  },
  environment: { SMTP_MAX_BYTES: String(SMTP_MAX_BYTES) },
  open
})

async function open(runtime: OpenRuntime): Promise<Door<Buffer>> {
  const service = await registerChannels(runtime, [email]).services[0]!.start()
  return {
    deliver: (mail) =>
      deliverMail(service.port!, mail, person.email, ['parks@willowcreek.example']),
    honest: (message) => mailOf(message),
    empty: () => Buffer.alloc(0),
    sized: (over) =>
      padMail(
        mailOf({ id: 'sized', text: `exactly at the bound, and ${over} over it` }),
        SMTP_MAX_BYTES + over
      ),
    holding: (bytes) => Buffer.from(bytes),
    claiming: (message) => mailOf(message, claims),
    secrets: [],
    close: () => service.stop()
  }
}
