import { describe, expect, test } from '@jest/globals'
import { email } from '../../../channels/email/index.ts'
import { agency, RawClient, startSmtp } from './support.ts'

const file = (text: string) =>
  email.fromFile('mail.eml', Buffer.from(text.replaceAll('\n', '\r\n')), agency)

describe('a saved mail', () => {
  test('is the same contact as by SMTP: the same source, bytes and recipients', async () => {
    const source =
      'From: jane@example.com\r\nTo: Parks <Parks@elm.example>\r\nSubject: Tree\r\n\r\nA tree fell.\r\n'
    const smtp = await startSmtp()
    const client = new RawClient(smtp.port)
    await client.envelope('jane@example.com', ['parks@elm.example'])
    await client.say(`${source}.`)
    client.end()
    await smtp.stop()
    const { evidence: _arrival, ...bySmtp } = smtp.accepted[0]!
    const { evidence: _file, ...byFile } = email.fromFile('tree.eml', Buffer.from(source), agency)
    expect({ ...byFile, bytes: Buffer.from(byFile.bytes) }).toEqual({
      ...bySmtp,
      bytes: Buffer.from(bySmtp.bytes)
    })
  })

  test.each([
    [
      'those it was delivered to',
      'Delivered-To: parks@elm.example\nX-Original-To: Hello@elm.example\nTo: list@lists.example\n\nx',
      ['parks@elm.example', 'hello@elm.example']
    ],
    [
      'those it names, where no delivery is noted',
      'To: "Parks" <Parks@elm.example>, not an address\nCc: roads@elm.example, parks@elm.example\n\nx',
      ['parks@elm.example', 'roads@elm.example']
    ],
    ['none', 'Subject: x\n\nTo: notmine@elm.example\n', []],
    [
      'those of a mailbox file, after its first line',
      'From jane@example.com Mon Jun  1 09:00:00 2026\nTo: parks@elm.example\n\nx',
      ['parks@elm.example']
    ]
  ])('has as recipients %s', (_name, text, expected) => {
    expect(file(text).recipients).toEqual(expected)
  })

  test('has the return path as MAIL FROM, and none where none is noted', () => {
    expect(file('Return-Path: <jane@example.com>\n\nx').evidence).toEqual({
      mailFrom: 'jane@example.com'
    })
    expect(file('Return-Path: <>\n\nx').evidence).toEqual({ mailFrom: '' })
    expect(file('From: jane@example.com\n\nx').evidence).toEqual({})
  })
})
