import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { createTransport } from 'nodemailer'
import { hashSmtpPassword, smtpUsers } from '../../../channels/email/users.ts'
import { makeCertificate } from '../../helpers/certificate.ts'
import { RawClient, startSmtp } from './support.ts'

let folder = ''
let tls: Record<string, string> = {}
let users = ''
let smtp: Awaited<ReturnType<typeof startSmtp>> | undefined

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'evenhand-smtp-'))
  const { cert, key } = makeCertificate(folder)
  tls = { SMTP_TLS_CERT: cert, SMTP_TLS_KEY: key }
  users = `scanner:${await hashSmtpPassword('correct horse')}`
})

afterAll(() => rmSync(folder, { recursive: true }))

afterEach(async () => {
  jest.restoreAllMocks()
  await smtp?.stop()
  smtp = undefined
})

async function capabilities(port: number): Promise<string> {
  const client = new RawClient(port)
  await client.reply()
  const reply = await client.say('EHLO client.example')
  client.end()
  return reply
}

const transport = (port: number, auth?: { user: string; pass: string }) =>
  createTransport({
    host: '127.0.0.1',
    port,
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    ...(auth ? { auth } : {})
  })

const mail = { from: 'scanner@elm.example', to: 'parks@elm.example', subject: 'Scan', text: 'x' }

describe('an encrypted session', () => {
  test('is not offered without a certificate', async () => {
    smtp = await startSmtp()
    expect(await capabilities(smtp.port)).not.toMatch(/STARTTLS|AUTH/)
  })

  test('is offered with one, and noted as evidence', async () => {
    smtp = await startSmtp(tls)
    expect(await capabilities(smtp.port)).toMatch(/STARTTLS/)
    await transport(smtp.port).sendMail(mail)
    expect(smtp.accepted[0]!.evidence.tls).toMatch(/^TLSv1\.[23] \w+$/)
  })
})

test('a service says what it cannot start with', async () => {
  await expect(
    startSmtp({ SMTP_TLS_CERT: '/nowhere/cert.pem', SMTP_TLS_KEY: '/nowhere/key.pem' })
  ).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    detail: expect.stringContaining('SMTP_TLS_CERT')
  })
  smtp = await startSmtp()
  await expect(startSmtp({ SMTP_PORT: String(smtp.port) })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    detail: expect.stringContaining('SMTP_PORT')
  })
})

describe('signing in', () => {
  test('is not offered before the session is encrypted, nor at all without a certificate', async () => {
    smtp = await startSmtp({ ...tls, SMTP_USERS: users })
    expect(await capabilities(smtp.port)).not.toMatch(/AUTH/)
    const client = new RawClient(smtp.port)
    await client.reply()
    await client.say('EHLO client.example')
    expect(
      await client.say(`AUTH PLAIN ${Buffer.from('\0scanner\0correct horse').toString('base64')}`)
    ).toMatch(/^5\d\d /)
    client.end()
    await smtp.stop()
    smtp = await startSmtp({ SMTP_USERS: users })
    expect(await capabilities(smtp.port)).not.toMatch(/AUTH/)
  })

  test('works with the right password, and the name becomes evidence', async () => {
    smtp = await startSmtp({ ...tls, SMTP_USERS: users })
    await transport(smtp.port, { user: 'scanner', pass: 'correct horse' }).sendMail(mail)
    expect(smtp.accepted[0]!.evidence.authenticatedUser).toBe('scanner')
  })

  test('fails with a wrong password or name, and is put off after too many tries', async () => {
    smtp = await startSmtp({ ...tls, SMTP_USERS: users })
    const { port } = smtp
    const code = (auth: { user: string; pass: string }) =>
      transport(port, auth)
        .sendMail(mail)
        .then(
          () => 250,
          (error: { responseCode?: number }) => error.responseCode
        )
    expect(await code({ user: 'scanner', pass: 'wrong' })).toBe(535)
    expect(await code({ user: 'nobody', pass: 'correct horse' })).toBe(535)
    expect(await code({ user: 'scanner', pass: 'correct horse' })).toBe(421)
    expect(smtp.accepted).toHaveLength(0)
  })

  test('is not needed for sending', async () => {
    smtp = await startSmtp({ ...tls, SMTP_USERS: users })
    await transport(smtp.port).sendMail(mail)
    expect(smtp.accepted[0]!.evidence).not.toHaveProperty('authenticatedUser')
  })

  test.each([
    'scanner',
    'scanner:plain',
    'scanner:scrypt.abc.def',
    ':scrypt.aaaaaaaaaaaaaaaaaaaaaa.bbb'
  ])('refuses to start on an entry that cannot be read: %s', (entry) => {
    expect(() => smtpUsers([entry])).toThrow(/SMTP_USERS: entry 1 /)
  })
})
