/** Whom a colleague's forwarded mail says it is from; fixtures as the clients write them. */
import { describe, expect, test } from '@jest/globals'
import { originatorOf } from '../../../channels/email/originator.ts'
import { stored, translated } from './support.ts'

const colleague = { name: 'Max', emails: ['max@elm.example'], phones: [], addresses: [] }
const of = (text: string, subject = 'FW: Licht', emails = colleague.emails) =>
  originatorOf({
    text,
    subject,
    sender: { ...colleague, emails },
    recipients: ['hello@elm.example']
  })

const ana = { name: 'Ana Ruiz', email: 'ana@oak.example' }

describe('a mail that a colleague passed on', () => {
  test.each([
    [
      'Gmail',
      'Please look.\n\n---------- Forwarded message ---------\nFrom: Ana Ruiz <ana@oak.example>\nDate: Mon, Nov 2, 2026 at 9:00 AM\nSubject: Light\nTo: <max@elm.example>\n\nIt is dark.'
    ],
    [
      'Gmail in Spanish',
      '---------- Forwarded message ---------\nDe: Ana Ruiz <ana@oak.example>\nDate: lun, 2 nov 2026 a las 9:00\nSubject: Luz\nTo: <max@elm.example>\n\nNo hay luz.'
    ],
    [
      'Outlook',
      '________________________________\nFrom: Ana Ruiz <ana@oak.example>\nSent: Monday, November 2, 2026 9:00 AM\nTo: Max <max@elm.example>\nSubject: Light\n\nIt is dark.'
    ],
    [
      'Outlook with mailto',
      'From: Ana Ruiz [mailto:ana@oak.example]\nSent: Monday, November 2, 2026 9:00 AM\nTo: Max\nSubject: Light\n\nIt is dark.'
    ],
    [
      'Outlook in German',
      '-----Ursprüngliche Nachricht-----\nVon: Ana Ruiz <ana@oak.example>\nGesendet: Montag, 2. November 2026 09:00\nAn: Max <max@elm.example>\nBetreff: Licht\n\nEs ist dunkel.'
    ],
    [
      'Outlook in French',
      'De : Ana Ruiz <ana@oak.example>\nEnvoyé : lundi 2 novembre 2026 09:00\nÀ : Max <max@elm.example>\nObjet : Lumière\n\nIl fait noir.'
    ],
    [
      'Outlook in Spanish',
      'De: Ana Ruiz <ana@oak.example>\nEnviado: lunes, 2 de noviembre de 2026 9:00\nPara: Max <max@elm.example>\nAsunto: Luz\n\nNo hay luz.'
    ],
    [
      'Apple Mail, which quotes it',
      'See below.\n\n> Begin forwarded message:\n> \n> From: Ana Ruiz <ana@oak.example>\n> Subject: Light\n> Date: 2 November 2026 at 09:00:00 GMT\n> To: max@elm.example\n> \n> It is dark.'
    ]
  ])('by %s: its author is named', (_client, text) => {
    expect(of(text)).toEqual(ana)
  })

  const apple = `Begin forwarded message:\n\nFrom: Ana Ruiz <ana@oak.example>\nSubject: Light\nDate: 2 November 2026\nTo: max@elm.example\n\nIt is dark.`
  test('is known by its subject or by the line above it', () => {
    expect(of(apple, 'Light')).toEqual(ana)
    const bare = apple.replace(/^.*\n\n/, '')
    expect(of(bare, 'WG: Licht')).toEqual(ana)
    expect(of(bare, 'Re: Light')).toBeUndefined()
  })

  test('nobody is named who is a colleague, and none by a stranger', () => {
    expect(of(apple.replace('ana@oak', 'eva@elm'))).toBeUndefined()
    expect(of(apple.replace('ana@oak', 'eva@mail.elm'))).toBeUndefined()
    expect(of(apple, 'Fwd: Light', ['eve@evil.example'])).toBeUndefined()
    expect(of(apple.replace('<ana@oak.example>', ''))).toBeUndefined()
    expect(of('It is dark.')).toBeUndefined()
  })

  test('is no party and no sender until a person says so', async () => {
    const source = `From: Max <max@elm.example>\nTo: hello@elm.example\nSubject: Fwd: Light\n\n${apple}`
    const { envelope } = await translated(stored(source, {}, ['hello@elm.example']))
    expect(envelope).toMatchObject({
      sender: { emails: ['max@elm.example'] },
      evidence: { originator: ana }
    })
    expect(envelope).not.toHaveProperty('parties')
  })
})
