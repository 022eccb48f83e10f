import { expect, test } from '@jest/globals'
import { reasons, unchecked } from '../../../../channels/email/authentication/verdict.ts'
import { vouching } from '../../../../web/desk/cases/vouching.ts'

const ana = { emails: ['ana@mail.oak.example'], phones: [], addresses: [] }
const said = (evidence: Record<string, unknown>, sender = ana) =>
  vouching({ channel: 'email', sender, evidence })

const passed = {
  vouched: true,
  spf: { result: 'fail' },
  dkim: [{ result: 'pass', domain: 'oak.example' }],
  dmarc: { result: 'pass' },
  arc: { result: 'none' }
}

test('a verdict is said in plain words, with what it rests on', () => {
  expect(said({ authentication: passed })).toBe(
    'The sender’s server vouches for this address. (DKIM, DMARC)'
  )
  expect(said({ authentication: unchecked(reasons.late) })).toBe(
    `It cannot be verified that the mail comes from this address. ${reasons.late}`
  )
})

test('the word of our own mail server stands first', () => {
  const both = { authenticated: ['oak.example'], authentication: unchecked(reasons.unsigned) }
  expect(said(both)).toContain('Our mail server found it.')
  expect(said({ ...both, authenticated: ['elsewhere.example'] })).toContain('cannot be verified')
})

test('a list vouches for itself, not for who wrote through it', () => {
  const through = { by: 'list', address: 'all@lists.example' }
  expect(said({ authentication: passed, through })).toBe(
    'The server of all@lists.example vouches for itself, not for the person who wrote. (DKIM, DMARC)'
  )
})

test('nothing is said where nothing was asked', () => {
  expect(said({})).toBeUndefined()
  expect(said({ authentication: passed }, { ...ana, emails: [] })).toBeUndefined()
  expect(vouching({ channel: 'sms', sender: ana, evidence: {} })).toBeUndefined()
})
