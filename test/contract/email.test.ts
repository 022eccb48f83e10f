import { email } from '../../channels/email/index.ts'
import { collectChannels } from '../../core/collector.ts'
import type { Ground } from '../../core/ground.ts'
import { channelContract } from './channel-contract.ts'
import { deliverMail, padMail } from './smtp-door.ts'
import { person, type Door, type Message } from './types.ts'

const SMTP_MAX_BYTES = 50_000

channelContract<Buffer>({
  channel: email,
  door: 'SMTP',
  features: {
    ids: 'because a Message-ID is whatever the writer says and no delivery\'s own',
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

async function open(ground: Ground): Promise<Door<Buffer>> {
  const service = await collectChannels(ground, [email]).services[0]!.start()
  return {
    deliver: (mail) => deliverMail(service.port!, mail, person.email, ['parks@willowcreek.example']),
    honest: (message) => mailOf(message),
    empty: () => Buffer.alloc(0),
    sized: (over) => padMail(mailOf({ id: 'sized', text: `exactly at the bound, and ${over} over it` }), SMTP_MAX_BYTES + over),
    holding: (bytes) => Buffer.from(bytes),
    claiming: (message) => mailOf(message, ['Date: Mon, 1 Jan 1990 00:00:00 +0000', 'X-Priority: 1 (Highest)', 'Importance: high', 'X-Arrived-At: 1990-01-01T00:00:00Z', 'X-Ordinal: 1', 'Received: from x by y; Mon, 1 Jan 1990 00:00:00 +0000']),
    secrets: [],
    close: () => service.stop()
  }
}

/** The text as base64, as mail programs send what is not plain ASCII. */
function mailOf({ id, text }: Message, claims: string[] = []): Buffer {
  const body = Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')
  const head = [`From: ${person.name} <${person.email}>`, 'To: parks@willowcreek.example', `Message-ID: <${id}@resident.example>`, ...claims]
  return Buffer.from([...head, 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64', '', body].join('\r\n'))
}
