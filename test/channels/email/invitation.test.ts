/** Invitations, their withdrawal, and answers to them. */
import { expect, test } from '@jest/globals'
import { stored, translated } from './support.ts'

const invitation = (method: string, body = 'text/calendar') =>
  `From: ana@oak.example\nContent-Type: ${body}; method=${method}\n\nBEGIN:VCALENDAR\nMETHOD:${method}\nBEGIN:VEVENT\nSUMMARY:Porch\nLOCATION:7 Oak Street\nDTSTART:20261203T090000Z\nORGANIZER;CN="Ana Ruiz":mailto:ana@oak.example\nEND:VEVENT\nEND:VCALENDAR\n`

test.each(['REQUEST', 'CANCEL', 'REPLY'])(
  '%s is stated, and stays a person\u2019s mail',
  async (method) => {
    const { kind, envelope } = await translated(stored(invitation(method)))
    expect([kind, envelope.evidence['invitation']]).toEqual(['message', method])
    expect(envelope.text).toContain(
      'Porch\nWhere: 7 Oak Street\nWhen: 2026-12-03 09:00 (UTC)\nOrganizer: Ana Ruiz, ana@oak.example'
    )
  }
)

test('a calendar that invites nobody is none', async () => {
  const { envelope } = await translated(stored(invitation('PUBLISH')))
  expect(envelope.evidence).not.toHaveProperty('invitation')
})
