/** The mail server of the residents: a real one on loopback, which takes in what we send. */
import type { AddressInfo } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer, type SMTPServerAddress, type SMTPServerEnvelope } from 'smtp-server'
import { until } from './until.ts'

export interface TakenMail {
  /** Return path of the envelope; empty for an automatic mail. */
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly mail: ParsedMail
}

export interface MailServer {
  /** As `MAIL_URL` takes it. */
  readonly url: string
  readonly taken: readonly TakenMail[]
  /** Waits for a mail to this address for which `isIt` is true. */
  mailTo(address: string, isIt?: (mail: ParsedMail) => boolean): Promise<TakenMail>
  close(): Promise<void>
}

const addressOf = (given: SMTPServerAddress | false) => (given ? given.address : '')

export async function openMailServer(): Promise<MailServer> {
  const taken: TakenMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      // It is there for tests to see before whoever sent it goes on.
      stream.on('end', async () => {
        await keep(Buffer.concat(chunks), envelope)
        done()
      })
    }
  })
  const keep = async (raw: Buffer, { mailFrom, rcptTo }: SMTPServerEnvelope) =>
    taken.push({
      from: addressOf(mailFrom),
      to: rcptTo.map(addressOf),
      raw: raw.toString('latin1'),
      mail: await simpleParser(raw)
    })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    taken,
    mailTo: (address, isIt = () => true) =>
      until(() => taken.find(({ to, mail }) => to.includes(address) && isIt(mail))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      })
  }
}
