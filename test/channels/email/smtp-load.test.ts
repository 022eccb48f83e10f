import { afterEach, describe, expect, test } from '@jest/globals'
import type { SMTPServerSession } from 'smtp-server'
import { smtpLimits } from '../../../channels/email/limits.ts'
import { smtpSessions } from '../../../channels/email/smtp-sessions.ts'
import { RawClient, deliver, intakeDouble, smtpServices } from './support.ts'

const { started, stopAll } = smtpServices()

afterEach(stopAll)

const session = (remoteAddress: string) => ({ id: 's', remoteAddress }) as SMTPServerSession

function answerOf(ask: (callback: (error?: Error | null) => void) => void): number {
  let code = 0
  ask((error) => {
    code = error ? ((error as { responseCode?: number }).responseCode ?? 0) : 250
  })
  return code
}

describe('too much at once', () => {
  test('is put off when the bytes under way fill their room, and taken once there is room again', async () => {
    const smtp = await started({ SMTP_MAX_BYTES: '2000000' }, { bytesInFlight: 2_000_000 })
    const slow = new RawClient(smtp.port)
    await slow.envelope('slow@example.com', ['parks@elm.example'])
    slow.socket.write(`S: x\r\n\r\n${'x'.repeat(1_500_000)}`)
    const second = `S: x\r\n\r\n${'y'.repeat(600_000)}`
    // The slow one's bytes have all arrived once the second is refused; until then it may be let
    // through.
    let reply = ''
    for (let round = 0; round < 50 && !reply.startsWith('452'); round++)
      reply = await deliver(smtp, second)
    expect(reply).toMatch(/^452 4\.3\.1 /)
    expect(await slow.say('\r\n.')).toMatch(/^250 /)
    slow.end()
    expect(await deliver(smtp, second)).toMatch(/^250 /)
  })

  test('is put off when more sessions are open than are served', async () => {
    const smtp = await started({}, { connections: 2 })
    const clients = [new RawClient(smtp.port), new RawClient(smtp.port)]
    for (const client of clients) expect(await client.reply()).toMatch(/^220 /)
    const third = new RawClient(smtp.port)
    expect(await third.reply()).toMatch(/^421 /)
    for (const client of [...clients, third]) client.end()
  })

  test('is put off by what comes from one address, while others are served', () => {
    const { handlers } = smtpSessions(
      intakeDouble(),
      { ...smtpLimits, connectionsPerAddress: 2, connectionsPerMinute: 3, messagesPerMinute: 2 },
      () => {}
    )
    const connected = (remoteAddress: string) =>
      answerOf((callback) => handlers.onConnect!(session(remoteAddress), callback))
    const sent = (remoteAddress: string) =>
      answerOf((callback) =>
        handlers.onMailFrom!({ address: 'a@b.example', args: {} }, session(remoteAddress), callback)
      )
    expect([
      connected('198.51.100.7'),
      connected('198.51.100.7'),
      connected('198.51.100.7'),
      connected('198.51.100.8')
    ]).toEqual([250, 250, 421, 250])
    handlers.onClose!(session('198.51.100.7'), () => {})
    handlers.onClose!(session('198.51.100.7'), () => {})
    expect([connected('198.51.100.7'), connected('198.51.100.7')]).toEqual([250, 421])
    expect(Array.from({ length: 3 }, () => sent('2001:db8::1'))).toEqual([250, 250, 451])
    expect([sent('2001:db8:0:0:ffff::2'), sent('2001:db8:1::1')]).toEqual([451, 250])
    expect(Array.from({ length: 5 }, () => sent('127.0.0.1'))).toEqual([250, 250, 250, 250, 250])
  })

  test('ends the session of a mail that takes too long, and accepts nothing of it', async () => {
    const smtp = await started({}, { dataMs: 50 })
    const client = new RawClient(smtp.port)
    await client.envelope('slow@example.com', ['parks@elm.example'])
    client.socket.write('Subject: slow\r\n\r\n')
    expect(await client.reply()).toMatch(/^421 /)
    client.end()
    expect(smtp.accepted).toHaveLength(0)
  })

  test('ends a session that is silent', async () => {
    const smtp = await started({}, { idleMs: 50 })
    const client = new RawClient(smtp.port)
    await client.reply()
    expect(await client.reply()).toMatch(/^421 /)
    client.end()
  })
})
