import { expect, test } from '@jest/globals'
import { isMailbox } from '../../../core/outbox/receipt-mail.ts'

test.each([
  'rosa@people.example',
  'o’neil+town@mail.people.example',
  'a..b@carrier.example',
  'jörg@müller.example',
  '李@例子.测试'
])('%s is a mailbox', (address) => expect(isMailbox(address)).toBe(true))

test.each([
  'a@b',
  'ana@localhost',
  'a@b.',
  'a@.example',
  'a@b..example',
  'a@10.0.0.1',
  'a@b@c.example',
  'Ana <a@c.example>',
  `${'x'.repeat(65)}@c.example`
])('%s is none', (address) => expect(isMailbox(address)).toBe(false))
