/** Who vouches for a mail's sender: real signatures, and a name server of the test's own. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { dkimSign } from 'mailauth/lib/dkim/sign.js'
import { senderChecks } from '../../../../channels/email/authentication/authenticator.ts'
import { reasons, type Authentication } from '../../../../channels/email/authentication/verdict.ts'
import { authenticationLimits } from '../../../../channels/email/limits.ts'
import { readSettings } from '../../../../config/settings.ts'
import type { SenderChecks, StoredRaw } from '../../../../core/intake/channel.ts'
import { openNameServer, type NameServer } from '../../../helpers/name-server.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const published = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const PEER = '93.184.216.34'

let names: NameServer
let checks: SenderChecks
beforeAll(async () => {
  names = await openNameServer()
  checks = senderChecks(readSettings({ MAIL_AUTH_DNS: names.address }))!
})
beforeEach(() => {
  names.silent = false
  names.records.clear()
  names.records.set('k._domainkey.oak.example', `v=DKIM1; k=rsa; p=${published}`)
  names.records.set('oak.example', `v=spf1 ip4:${PEER} -all`)
  names.records.set('_dmarc.oak.example', 'v=DMARC1; p=reject')
})
afterAll(async () => {
  await checks.close()
  await names.close()
})

const letter = [
  'From: Ana <ana@oak.example>',
  'To: hello@elm.example',
  'Subject: Light',
  '',
  'The street light is dark.',
  ''
].join('\r\n')

async function signed(text = letter, signingDomain = 'oak.example'): Promise<string> {
  const own = {
    signingDomain,
    selector: 'k',
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  }
  const { signatures } = await dkimSign(text, { ...own, signatureData: [own] })
  return `${signatures}${text}`
}

async function verdictOn(
  text: string,
  evidence: Record<string, unknown> = {},
  by = checks
): Promise<Authentication> {
  const raw: StoredRaw = {
    channel: 'email',
    source: 'smtp',
    bytes: Buffer.from(text),
    mediaType: 'message/rfc822',
    sha256: '',
    evidence
  }
  return (await by.check(raw))['authentication'] as Authentication
}

const bySmtp = { remoteAddress: PEER, hello: 'mx.oak.example', mailFrom: 'ana@oak.example' }

test('a signature of the From domain vouches, whoever passed the mail on', async () => {
  expect(await verdictOn(await signed())).toEqual({
    vouched: true,
    spf: { result: 'unknown' },
    dkim: [{ result: 'pass', domain: 'oak.example', selector: 'k' }],
    dmarc: { result: 'pass', domain: 'oak.example', policy: 'reject' },
    arc: { result: 'none' }
  })
})

test('a server that its domain names vouches without a signature', async () => {
  expect(await verdictOn(letter, bySmtp)).toMatchObject({
    vouched: true,
    spf: { result: 'pass', domain: 'oak.example' },
    dmarc: { result: 'pass' }
  })
  expect(await verdictOn(letter, { ...bySmtp, remoteAddress: '93.184.216.35' })).toMatchObject({
    vouched: false,
    spf: { result: 'fail' },
    dmarc: { result: 'fail', policy: 'reject' }
  })
})

test('a domain without DMARC vouches by its own signature or server', async () => {
  names.records.delete('_dmarc.oak.example')
  expect(await verdictOn(await signed())).toMatchObject({
    vouched: true,
    dmarc: { result: 'none' }
  })
  expect(await verdictOn(letter, bySmtp)).toMatchObject({ vouched: true })
})

test('nobody else vouches', async () => {
  names.records.set('k._domainkey.elsewhere.example', `v=DKIM1; k=rsa; p=${published}`)
  const foreign = await verdictOn(await signed(letter, 'elsewhere.example'))
  expect(foreign).toMatchObject({ vouched: false, dkim: [{ result: 'pass' }] })
  const changed = (await signed()).replace('dark', 'lit')
  expect(await verdictOn(changed)).toMatchObject({ vouched: false, dmarc: { result: 'fail' } })
  const two = `From: eve@oak.example\r\n${await signed()}`
  expect((await verdictOn(two)).vouched).toBe(false)
})

test('lines that end by LF alone are signed as they would be sent', async () => {
  const text = (await signed()).replaceAll('\r\n', '\n')
  expect(await verdictOn(text)).toMatchObject({ vouched: true })
})

test('where a server of ours is in front, its address says nothing of the sender', async () => {
  const behind = senderChecks(
    readSettings({ MAIL_AUTH_DNS: names.address, MAIL_AUTH_SERVER: 'mx.elm.example' })
  )!
  expect(await verdictOn(letter, bySmtp, behind)).toMatchObject({ unchecked: reasons.unsigned })
  expect(await verdictOn(letter, { ...bySmtp, remoteAddress: '10.0.0.7' })).toMatchObject({
    unchecked: reasons.unsigned
  })
  await behind.close()
})

test('more signatures than are checked are not checked', async () => {
  const one = 'DKIM-Signature: v=1; a=rsa-sha256; d=oak.example; s=k; h=from; bh=AA==; b=AA==\r\n'
  const most = one.repeat(authenticationLimits.signatures)
  expect(await verdictOn(`${most}${letter}`)).not.toHaveProperty('unchecked')
  expect(await verdictOn(`${most}${one}${letter}`)).toMatchObject({
    unchecked: reasons.signatures
  })
})

test('neither are lines longer or more than programs for mail write', async () => {
  const { lines, lineBytes } = authenticationLimits
  const text = await signed()
  const own = text.split('\n').length - 1
  const verdictWith = (more: string) => verdictOn(text + more)
  expect(await verdictWith('x'.repeat(lineBytes))).not.toHaveProperty('unchecked')
  expect(await verdictWith('x'.repeat(lineBytes + 1))).toMatchObject({ unchecked: reasons.lines })
  expect(await verdictWith('\r\n'.repeat(lines - own))).toMatchObject({ vouched: true })
  expect(await verdictWith('\r\n'.repeat(lines - own + 1))).toMatchObject({
    unchecked: reasons.lines
  })
})

test('nor a large mail with many signatures', async () => {
  const text = await signed()
  const most = authenticationLimits.signedBytes
  const large = (bytes: number) => `${text}${'\r\n'.repeat((bytes - text.length) / 2)}`
  const twice = `DKIM-Signature: v=1; d=oak.example\r\n${large(most / 2)}`
  expect(await verdictOn(twice)).toMatchObject({ unchecked: reasons.signatures })
})

test('a name service that keeps silent ends the check, and is then left alone', async () => {
  const own = await openNameServer()
  own.silent = true
  const alone = senderChecks(readSettings({ MAIL_AUTH_DNS: own.address }))!
  const text = await signed()
  expect(await verdictOn(text, {}, alone)).toMatchObject({
    vouched: false,
    unchecked: reasons.silent
  })
  const asked = own.asked.length
  expect(await verdictOn(text, {}, alone)).toMatchObject({ unchecked: reasons.silent })
  expect(own.asked).toHaveLength(asked)
  await alone.close()
  await own.close()
})

test('mails that come while as many are being checked as may be are not checked', async () => {
  names.silent = true
  const own = senderChecks(readSettings({ MAIL_AUTH_DNS: names.address }))!
  const text = await signed()
  const all = Array.from({ length: authenticationLimits.atOnce }, () => verdictOn(text, {}, own))
  expect(await verdictOn(text, {}, own)).toMatchObject({ unchecked: reasons.busy })
  for (const { unchecked } of await Promise.all(all)) expect(unchecked).not.toBe(reasons.busy)
  await own.close()
})

test('it can be switched off, and asks only name servers', () => {
  expect(senderChecks(readSettings({ MAIL_AUTH_DNS: 'off' }))).toBeUndefined()
  expect(() => readSettings({ MAIL_AUTH_DNS: 'dns.example' })).toThrow('MAIL_AUTH_DNS')
  expect(readSettings({ MAIL_AUTH_DNS: '10.0.0.53, [::1]:5353' }).MAIL_AUTH_DNS).toEqual([
    '10.0.0.53',
    '[::1]:5353'
  ])
})
