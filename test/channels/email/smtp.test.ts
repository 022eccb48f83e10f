import { connect } from 'node:net'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { createTransport } from 'nodemailer'
import { EvenhandError } from '../../../platform/errors.ts'
import { RawClient, deliver, smtpServices } from './support.ts'

const { started, stopAll } = smtpServices()

afterEach(stopAll)

const failing = (error: unknown) => async () => {
  throw error
}

describe('a mail that arrives by SMTP', () => {
  test('is answered with its receipt, after it was accepted', async () => {
    const smtp = await started()
    expect(await deliver(smtp, 'Subject: Tree\r\n\r\nA tree fell.')).toMatch(
      /^250 2\.6\.0 OK: accepted, receipt ELM-7K3M-9QX2$/
    )
    expect(smtp.accepted).toHaveLength(1)
  })

  test('is handed on byte for byte, dots unstuffed and no header added', async () => {
    const smtp = await started()
    await deliver(smtp, 'Subject: Dots\r\n\r\n..one dot\r\n...two dots\r\nend')
    expect(Buffer.from(smtp.accepted[0]!.bytes).toString()).toBe(
      'Subject: Dots\r\n\r\n.one dot\r\n..two dots\r\nend\r\n'
    )
  })

  test('is one mail, however its bare line ends try to end it early (SMTP smuggling)', async () => {
    const smtp = await started()
    await deliver(smtp, 'Subject: One\r\n\r\na\n.\r\nMAIL FROM:<evil@example.com>\r\nb\n.\nc\r.\rd')
    expect(smtp.accepted).toHaveLength(1)
    expect(Buffer.from(smtp.accepted[0]!.bytes).toString()).toContain('evil@example.com')
  })

  test('brings the envelope as recipients and evidence, never in its bytes', async () => {
    const smtp = await started()
    await deliver(smtp, 'Subject: Tree\r\n\r\nx', 'Jane@Example.com', [
      'Parks@Elm.Example',
      'roads@elm.example',
      'parks@elm.example'
    ])
    const [raw] = smtp.accepted
    expect(raw).toMatchObject({
      channel: 'email',
      source: 'smtp',
      mediaType: 'message/rfc822',
      recipients: ['parks@elm.example', 'roads@elm.example']
    })
    expect(raw!.externalId).toBeUndefined()
    expect(raw!.evidence).toEqual({
      mailFrom: 'Jane@Example.com',
      remoteAddress: '127.0.0.1',
      hello: 'client.example',
      tls: false
    })
  })

  test('may come from nobody, as every bounce does', async () => {
    const smtp = await started()
    expect(await deliver(smtp, 'Subject: Undelivered\r\n\r\nx', '')).toMatch(/^250 /)
    expect(smtp.accepted[0]!.evidence.mailFrom).toBe('')
  })

  test('may have a sender and a header in any script (SMTPUTF8)', async () => {
    const smtp = await started()
    const client = new RawClient(smtp.port)
    await client.reply()
    expect(await client.say('EHLO client.example')).toMatch(/SMTPUTF8/)
    client.socket.write(Buffer.from('MAIL FROM:<josé@ejemplo.example> SMTPUTF8\r\n', 'utf8'))
    expect(await client.reply()).toMatch(/^250 /)
    await client.say('RCPT TO:<parks@elm.example>')
    await client.say('DATA')
    client.socket.write(Buffer.from('Subject: Árbol caído\r\n\r\nñ\r\n.\r\n', 'utf8'))
    expect(await client.reply()).toMatch(/^250 /)
    client.end()
    expect(smtp.accepted[0]!.evidence.mailFrom).toBe('josé@ejemplo.example')
    expect(Buffer.from(smtp.accepted[0]!.bytes).toString()).toBe(
      'Subject: Árbol caído\r\n\r\nñ\r\n'
    )
  })

  test('comes through an ordinary mail program as well, many over one connection', async () => {
    const smtp = await started()
    const transport = createTransport({
      host: '127.0.0.1',
      port: smtp.port,
      pool: true,
      maxConnections: 2,
      ignoreTLS: true
    })
    const sent = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        transport.sendMail({
          from: 'jane@example.com',
          to: 'parks@elm.example',
          subject: `Tree ${index}`,
          text: 'A tree fell.',
          attachments: [{ filename: 'tree.txt', content: 'x' }]
        })
      )
    )
    transport.close()
    expect(sent.every((info) => info.response.startsWith('250'))).toBe(true)
    expect(smtp.accepted).toHaveLength(12)
  })

  test("is greeted at once: the library's timer of 100 ms is not waited for", async () => {
    const smtp = await started()
    const { setTimeout: original } = globalThis
    const timers = jest
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation(((run: () => void, ms?: number, ...rest: []) =>
        original(run, ms === 100 ? 2 ** 31 - 1 : ms, ...rest)) as typeof setTimeout)
    const client = new RawClient(smtp.port)
    expect(await client.reply()).toMatch(/^220 127\.0\.0\.1 ESMTP Evenhand$/)
    client.end()
    expect(timers.mock.calls.some(([, ms]) => ms === 100)).toBe(true)
    timers.mockRestore()
  })
})

const message = (bytes: number) => 'S: x\r\n\r\n'.padEnd(bytes - 2, 'x')

describe('a mail that cannot be taken', () => {
  test('is accepted at exactly the largest size and refused for good one byte over it', async () => {
    const smtp = await started({ SMTP_MAX_BYTES: '2000' })
    expect(await deliver(smtp, message(2000))).toMatch(/^250 /)
    expect(await deliver(smtp, message(2001))).toMatch(/^552 5\.3\.4 /)
    expect(smtp.accepted.map((raw) => raw.bytes.length)).toEqual([2000])
  })

  test('is refused before it is sent when it says it is too large', async () => {
    const smtp = await started({ SMTP_MAX_BYTES: '2000' })
    const client = new RawClient(smtp.port)
    await client.reply()
    expect(await client.say('EHLO client.example')).toMatch(/^250[- ]SIZE 2000$/m)
    expect(await client.say('MAIL FROM:<jane@example.com> SIZE=2001')).toMatch(/^552 /)
    expect(await client.say('MAIL FROM:<jane@example.com> SIZE=2000')).toMatch(/^250 /)
    client.end()
  })

  test.each([
    ['the store is down', new EvenhandError('INTAKE_STORE_DOWN'), /^451 4\.3\.0 /],
    ['too much arrives at once', new EvenhandError('INTAKE_BUSY'), /^451 4\.3\.0 /],
    [
      'the database went away',
      Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      /^451 4\.3\.0 /
    ],
    ['something unknown happened', new TypeError('oops jane@example.com'), /^451 4\.3\.0 /],
    ['the core finds it too large', new EvenhandError('INTAKE_TOO_LARGE'), /^552 5\.3\.4 /]
  ])('is answered by what went wrong: %s', async (_name, error, expected) => {
    const smtp = await started({}, {}, failing(error))
    const reply = await deliver(smtp, 'Subject: x\r\n\r\nx')
    expect(reply).toMatch(expected)
    expect(reply).not.toMatch(/jane|oops/)
    expect(smtp.accepted).toHaveLength(0)
  })

  test('leaves the session usable for the next one', async () => {
    let calls = 0
    const smtp = await started({}, {}, async () => {
      calls += 1
      if (calls === 1) throw new EvenhandError('DATABASE_DOWN')
      return { contactId: 'c', receipt: 'R', arrivedAt: new Date(0), ordinal: 1, repeated: false }
    })
    const client = new RawClient(smtp.port)
    await client.envelope('jane@example.com', ['parks@elm.example'])
    expect(await client.say('Subject: 1\r\n\r\nx\r\n.')).toMatch(/^451 /)
    await client.say('MAIL FROM:<jane@example.com>')
    await client.say('RCPT TO:<parks@elm.example>')
    await client.say('DATA')
    expect(await client.say('Subject: 2\r\n\r\nx\r\n.')).toMatch(/^250 /)
    client.end()
  })

  test('is not accepted when its sender goes away in the middle', async () => {
    const smtp = await started()
    const client = new RawClient(smtp.port)
    await client.envelope('jane@example.com', ['parks@elm.example'])
    client.socket.write('Subject: half\r\n\r\nhalf a mess')
    client.socket.destroy()
    expect(await deliver(smtp, 'Subject: whole\r\n\r\nx')).toMatch(/^250 /)
    await smtp.stop()
    expect(smtp.accepted.map((raw) => Buffer.from(raw.bytes).toString())).toEqual([
      'Subject: whole\r\n\r\nx\r\n'
    ])
  })
})

describe('recipients', () => {
  test('are all accepted when no domain is named', async () => {
    const smtp = await started()
    expect(
      await deliver(smtp, 'S: x\r\n\r\nx', 'a@example.com', ['anyone@anywhere.example'])
    ).toMatch(/^250 /)
  })

  test('of other domains are refused for good, so that nothing is relayed', async () => {
    const smtp = await started({ MAIL_DOMAINS: 'town.example, parks@elm.example, bücher.example' })
    const client = new RawClient(smtp.port)
    await client.reply()
    await client.say('EHLO client.example')
    await client.say('MAIL FROM:<jane@example.com>')
    const replies: Record<string, string> = {}
    for (const address of [
      'Anyone@TOWN.example',
      'parks@elm.example',
      'parks+tree@elm.example',
      'reply+abcdefghij@elm.example',
      'postmaster@elm.example',
      'hello@elm.example',
      'x@xn--bcher-kva.example',
      'roads@elm.example',
      'jane@elsewhere.example',
      'x@sub.town.example',
      'reply+abcdefghij@elsewhere.example'
    ]) {
      replies[address] = (await client.say(`RCPT TO:<${address}>`)).slice(0, 9)
    }
    client.end()
    expect(Object.values(replies)).toEqual([
      ...Array(7).fill('250 2.1.5'),
      ...Array(4).fill('550 5.7.1')
    ])
  })

  test('beyond the limit are put off, and the mail still goes to the others', async () => {
    const smtp = await started({}, { recipients: 3 })
    const client = new RawClient(smtp.port)
    await client.reply()
    await client.say('EHLO client.example')
    await client.say('MAIL FROM:<jane@example.com>')
    const replies = []
    for (let index = 0; index < 4; index++)
      replies.push((await client.say(`RCPT TO:<p${index}@elm.example>`)).slice(0, 3))
    expect(replies).toEqual(['250', '250', '250', '452'])
    await client.say('DATA')
    expect(await client.say('S: x\r\n\r\nx\r\n.')).toMatch(/^250 /)
    client.end()
    expect(smtp.accepted[0]!.recipients).toHaveLength(3)
  })
})

describe('a stop', () => {
  test('lets the mail in hand be stored and answered, refuses new sessions and ends idle ones', async () => {
    const inHand = Promise.withResolvers<void>()
    const accepting = Promise.withResolvers<void>()
    const smtp = await started({}, {}, async () => {
      accepting.resolve()
      await inHand.promise
      return { contactId: 'c', receipt: 'R', arrivedAt: new Date(0), ordinal: 1, repeated: false }
    })
    const idle = new RawClient(smtp.port)
    await idle.reply()
    const busy = new RawClient(smtp.port)
    await busy.envelope('jane@example.com', ['parks@elm.example'])
    busy.socket.write('Subject: last\r\n\r\nx\r\n.\r\n')
    await accepting.promise
    const stopped = smtp.stop()
    expect(await idle.reply()).toMatch(/^421 /)
    const refused = await new Promise<string>((resolve) => {
      connect(smtp.port, '127.0.0.1').on('error', (error) =>
        resolve((error as { code?: string }).code ?? '')
      )
    })
    expect(refused).toBe('ECONNREFUSED')
    inHand.resolve()
    expect(await busy.reply()).toMatch(/^250 /)
    expect(await busy.reply()).toMatch(/^421 /)
    busy.end()
    idle.end()
    await stopped
    expect(smtp.accepted).toHaveLength(1)
  })
})
