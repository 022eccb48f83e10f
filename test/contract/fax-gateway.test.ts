import { afterAll } from '@jest/globals'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { email } from '../../channels/email/index.ts'
import { fax } from '../../channels/fax/index.ts'
import { registerChannels } from '../../channels/register.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { faxPdf } from '../channels/fax/support.ts'
import { channelContract } from './channel-contract.ts'
import { deliverMail, padMail } from './smtp-door.ts'
import { person, type Door, type Message } from './types.ts'

const SMTP_MAX_BYTES = 50_000
const service = 'robot@faxes.example'

const config = await fs.mkdtemp(path.join(os.tmpdir(), 'evenhand-config-'))
await fs.cp('config', config, { recursive: true, filter: (source) => !source.endsWith('.ts') })
await fs.writeFile(
  path.join(config, 'gateways.yaml'),
  `
gateways:
  - id: service
    kind: fax
    from: ['@faxes.example']
    proof: { networks: [127.0.0.1] }
    patterns: [{ in: subject, pattern: 'from (?<caller>\\S+)' }]
`
)
afterAll(() => fs.rm(config, { recursive: true }))

channelContract<Buffer>({
  channel: fax,
  door: 'mail of a fax service',
  features: {
    ids: "because a Message-ID is whatever the writer says and no delivery's own",
    idMayBeMissing: 'because mail is known by its bytes and recipients alone',
    signatures: 'because a mail without proof of its way is no fax but a mail, and goes that way',
    words: 'because a fax is a picture of paper, and its words are read from the pages',
    line: true,
    empty: 'accepted',
    overCap: 'refused because the bound is announced (SIZE, RFC 1870) and 552 is its answer',
    sameIdOtherBytes: 'a contact of its own'
  },
  environment: { SMTP_MAX_BYTES: String(SMTP_MAX_BYTES), CONFIG_DIR: config },
  open
})

async function open(runtime: OpenRuntime): Promise<Door<Buffer>> {
  const started = await registerChannels(runtime, [email]).services[0]!.start()
  return {
    deliver: (mail) => deliverMail(started.port!, mail, service, ['fax@willowcreek.example']),
    honest: (message) => mailOf(message),
    empty: () => Buffer.alloc(0),
    sized: async (over) =>
      padMail(await mailOf({ id: 'sized', text: `${over} over the bound` }), SMTP_MAX_BYTES + over),
    holding: (bytes) => Buffer.from(bytes),
    claiming: (message) =>
      mailOf(message, [
        'Date: Mon, 1 Jan 1990 00:00:00 +0000',
        'X-Priority: 1 (Highest)',
        'X-Arrived-At: 1990-01-01T00:00:00Z'
      ]),
    secrets: [],
    close: () => started.stop()
  }
}

async function mailOf({ id, text }: Message, claims: string[] = []): Promise<Buffer> {
  const body = (await faxPdf(text)).toString('base64').replace(/.{76}/g, '$&\r\n')
  return Buffer.from(
    [
      `From: Fax Service <${service}>`,
      `Subject: A fax from ${person.phone}`,
      `Message-ID: <${id}@faxes.example>`,
      ...claims,
      'MIME-Version: 1.0',
      'Content-Type: application/pdf',
      'Content-Disposition: attachment; filename="fax.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      body
    ].join('\r\n')
  )
}
