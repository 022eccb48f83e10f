import { beforeAll, describe, expect, test } from '@jest/globals'
import { acknowledge } from '../../../channels/web/acknowledge.ts'
import { loadAgency, type Agency } from '../../../config/agency.ts'
import type { Acknowledgement, OutboundMessage } from '../../../core/intake/channel.ts'

let agency: Agency
beforeAll(async () => {
  agency = await loadAgency('config')
})

const receipt: Acknowledgement = {
  receipt: 'ABCDEF-GHJKMN-PQRSTV',
  arrivedAt: new Date('2025-03-01T15:00:00Z'),
  departmentName: 'Water and Sewer',
  statusUrl: 'https://town.example/r/ABCDEF-GHJKMN-PQRSTV',
  language: 'en',
  replyTo: 'reply+x@willowcreek.example',
  messageId: '<r.x@willowcreek.example>'
}
const to = (...emails: string[]) => ({
  sender: { name: 'Ana Ruiz', emails, phones: [], addresses: [] }
})

describe('the receipt by mail', () => {
  test.each([
    ['en', ['Town of Willow Creek has received your message', 'March 1, 2025 at 9:00 AM CST']],
    ['es', ['Municipio de Willow Creek ha recibido su mensaje', '1 de marzo de 2025']]
  ])('says in %s the code, the time, the department and where to look', (language, parts) => {
    const message = acknowledge(
      { ...receipt, language },
      to('ana@example.com'),
      agency
    ) as OutboundMessage
    for (const part of [...parts, receipt.receipt, receipt.departmentName, receipt.statusUrl])
      expect(message.text).toContain(part)
    expect(message).toMatchObject({
      to: 'ana@example.com',
      replyTo: receipt.replyTo,
      headers: { 'Auto-Submitted': 'auto-replied', 'Message-ID': receipt.messageId }
    })
    expect(`${message.subject}${message.text}`).not.toMatch(/\{|\bAna\b/)
  })

  test('goes to one address only, however many were given', () => {
    expect(
      acknowledge(receipt, to('ana@example.com', 'everyone@example.com'), agency)
    ).toMatchObject({ to: 'ana@example.com' })
  })

  test('goes nowhere where no address was given', () =>
    expect(acknowledge(receipt, to(), agency)).toEqual({ undeliverable: 'no address given' }))

  test.each([
    'ana@example.com, bob@example.com',
    'ana@example.com\r\nBcc: all@example.com',
    'Ana <ana@example.com>',
    'ana',
    `${'a'.repeat(65)}@example.com`
  ])('goes nowhere where the address is more or less than one: %j', (address) => {
    expect(acknowledge(receipt, to(address), agency)).toHaveProperty('undeliverable')
  })
})
