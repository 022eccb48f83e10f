import { beforeAll, describe, expect, test } from '@jest/globals'
import { loadAgency, type Agency } from '../../../config/agency.ts'
import type { Acknowledgement } from '../../../core/intake/channel.ts'
import { receiptText } from '../../../core/outbox/receipt-text.ts'
import { segmentsOf } from '../../../core/outbox/text-segments.ts'

let agency: Agency
beforeAll(async () => {
  agency = await loadAgency('config')
})

const acknowledgement: Acknowledgement = {
  receipt: 'ABCDEF-GHJKMN-PQRSTV',
  arrivedAt: new Date('2026-11-25T09:00:00Z'),
  departmentName: 'Parks',
  statusUrl: 'https://contact.willowcreek.example/r/ABCDEF-GHJKMN-PQRSTV',
  language: 'en',
  replyTo: '',
  messageId: '',
  earlier: { receipt: '000000-000000-00WXYZ', arrivedAt: new Date('2026-11-20T09:00:00Z') }
}

function textOf(given: Partial<Acknowledgement>, other: Agency = agency): string {
  const message = receiptText('+12025550143', undefined, { ...acknowledgement, ...given }, other)
  return 'text' in message ? message.text : message.undeliverable
}

describe.each(['en', 'es'])('in %s', (language) => {
  test.each(['acknowledgement', 'question', 'help'] as const)(
    'the %s is fully worded and takes at most two parts',
    (purpose) => {
      const text = textOf({ language, purpose })
      expect(segmentsOf(text).count).toBeLessThanOrEqual(2)
      expect(text).toMatch(/Willow Creek/)
      expect(text).not.toMatch(/[{}]|text\./)
    }
  )
})

test("under a long address or a name outside the telephones' alphabet a shorter wording is sent", () => {
  const statusUrl = `https://${'very-'.repeat(40)}long.example/r/${acknowledgement.receipt}`
  expect(textOf({ statusUrl })).toBe('We have your message. Receipt: ABCDEF-GHJKMN-PQRSTV')
  const departments = {
    ...agency.departments,
    agency: { ...agency.departments.agency, name: { en: 'Město nad Řekou' } }
  }
  const named = textOf({}, { ...agency, departments })
  expect([segmentsOf(named).count <= 2, named.includes(acknowledgement.receipt)]).toEqual([
    true,
    true
  ])
})

test('the question names the day and the end of the earlier receipt, and nothing else of it', () => {
  expect(textOf({ purpose: 'question' })).toMatch(/Nov 20 \(receipt ending WXYZ\)/)
  expect(textOf({ purpose: 'question' })).not.toMatch(/000000/)
})

test('sentences that fit into no two parts are said to be too long, and nothing is sent', () => {
  const locales = {
    ...agency.locales,
    en: { ...agency.locales['en'], 'text.help': 'a'.repeat(307), 'text.helpShort': 'b'.repeat(307) }
  }
  expect(textOf({ purpose: 'help' }, { ...agency, locales })).toMatch(/locales/)
})
