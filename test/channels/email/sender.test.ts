/** Who wrote a mail, where its From is not the writer, and who gets the receipt. */
import { describe, expect, test } from '@jest/globals'
import { email } from '../../../channels/email/index.ts'
import type { Acknowledgement } from '../../../core/intake/channel.ts'
import { agency, stored, translated } from './support.ts'

const acknowledgement: Acknowledgement = {
  receipt: 'ELM-7K3M-9QX2',
  arrivedAt: new Date(0),
  departmentName: 'Parks',
  statusUrl: 'https://elm.example/r/x',
  language: 'en',
  replyTo: 'reply+k7f3m9qx2a@elm.example',
  messageId: '<r.k7f3m9qx2a@elm.example>'
}

async function senderAndAnswer(source: string, evidence: Record<string, unknown>) {
  const { envelope } = await translated(stored(source, evidence, ['hello@elm.example']))
  const answer = email.acknowledge!(acknowledgement, envelope, agency)
  return { sender: envelope.sender, to: 'to' in answer ? answer.to : answer.undeliverable }
}

describe('who wrote a mail that a list or a form handed on', () => {
  const list = (...lines: string[]) =>
    [
      `From: "'Jane Doe' via Town" <hello@elm.example>`,
      'To: hello@elm.example',
      'List-ID: <hello.elm.example>',
      'Precedence: list',
      ...lines,
      '',
      'x'
    ].join('\n')
  test.each([
    [
      'Google Groups',
      list('Reply-To: hello@elm.example', 'X-Original-From: Jane Doe <jane@people.example>')
    ],
    ['a list that asks to answer the writer', list('Reply-To: Jane Doe <jane@people.example>')],
    ['Mailman, with a copy to the writer', list('Cc: Jane Doe <jane@people.example>')],
    [
      "another's list",
      list('Reply-To: Jane Doe <jane@people.example>').replaceAll('<hello@elm', '<talk@lists')
    ]
  ])('%s: the person, who gets the receipt', async (_name, source) => {
    expect(await senderAndAnswer(source, { mailFrom: 'hello+bounces@elm.example' })).toEqual({
      sender: { name: 'Jane Doe', emails: ['jane@people.example'], phones: [], addresses: [] },
      to: 'jane@people.example'
    })
  })

  test("nobody's address where the list does not tell it, and no receipt to ourselves", async () => {
    expect(await senderAndAnswer(list(), { mailFrom: 'hello+bounces@elm.example' })).toEqual({
      sender: { name: 'Jane Doe', emails: [], phones: [], addresses: [] },
      to: 'The mail names no sender.'
    })
  })

  const form =
    'From: Website <noreply@host.example>\nReply-To: Rosa <rosa@people.example>\nTo: hello@elm.example\nAuto-Submitted: auto-generated\n\nThe fountain is off.'
  test('a form with proof: whom to answer', async () => {
    expect(
      await senderAndAnswer(form, {
        mailFrom: '',
        gateway: { id: 'website', kind: 'form', proof: 'user' }
      })
    ).toMatchObject({
      sender: { name: 'Rosa', emails: ['rosa@people.example'] },
      to: 'rosa@people.example'
    })
  })

  const trusted = { gateway: { id: 'neighbours', kind: 'trusted', proof: 'from' } }
  test.each([
    ['X-Original-From', 'X-Original-From: Rosa <rosa@people.example>\nReply-To: x@elm.example\n'],
    ['X-Original-Sender', 'X-Original-Sender: rosa@people.example\n'],
    ['Reply-To', 'Reply-To: Rosa <rosa@people.example>\n']
  ])('a trusted sender: the person of %s', async (_name, named) => {
    const source = `From: Forms <forms@host.example>\nTo: hello@elm.example\n${named}\nx`
    expect(await senderAndAnswer(source, { mailFrom: 'b@host.example', ...trusted })).toMatchObject(
      { sender: { emails: ['rosa@people.example'] }, to: 'rosa@people.example' }
    )
  })

  test('a trusted sender proves nothing: automatic mail and empty return paths get no answer', async () => {
    expect(await senderAndAnswer(form, { mailFrom: 'b@host.example', ...trusted })).toMatchObject({
      sender: { emails: ['rosa@people.example'] },
      to: expect.stringContaining('automatically')
    })
    const plain = form.replace('Auto-Submitted: auto-generated\n', '')
    expect(await senderAndAnswer(plain, { mailFrom: '', ...trusted })).toMatchObject({
      to: expect.stringContaining('return path is empty')
    })
  })

  test('our own address in From: whom to answer, unless that is one of ours too', async () => {
    const own = (replyTo: string) =>
      `From: Town <hello@elm.example>\nTo: hello@elm.example\nReply-To: ${replyTo}\n\nx`
    expect(await senderAndAnswer(own('rosa@people.example'), {})).toMatchObject({
      sender: { emails: ['rosa@people.example'] }
    })
    for (const ours of ['reply+token@elm.example', 'x@mail.elm.example'])
      expect(await senderAndAnswer(own(ours), {})).toMatchObject({
        sender: { emails: ['hello@elm.example'] }
      })
  })

  test('a report of a mail system gets no answer', async () => {
    const answer = email.acknowledge!(
      acknowledgement,
      {
        sender: { emails: ['staff@provider.example'], phones: [], addresses: [] },
        evidence: { mailFrom: 'staff@provider.example', report: { outcome: 'complaint' } }
      },
      agency
    )
    expect(answer).toEqual({ undeliverable: 'It is a report of a mail system.' })
  })

  test('a form without: its own address, and no answer to it', async () => {
    expect(
      await senderAndAnswer(form, { mailFrom: 'noreply@host.example', gatewayUnproved: 'website' })
    ).toMatchObject({
      sender: { emails: ['noreply@host.example'] },
      to: expect.stringMatching(/automatic|machine/)
    })
  })
})
