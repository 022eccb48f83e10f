/** Mail out is signed by DKIM where a key is set, and another library finds it good. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { readSettings, SettingsError } from '../../../config/settings.ts'
import { Mailer } from '../../../core/outbox/mailer.ts'
import { agency } from '../../channels/email/support.ts'

let folder = ''
let key = ''
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'evenhand-dkim-'))
  key = path.join(folder, 'dkim.pem')
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
})
afterAll(() => rmSync(folder, { recursive: true }))

const mailerWith = (environment: Record<string, string>) =>
  new Mailer(readSettings({ DATA_DIR: folder, ...environment }), () => agency.departments.agency)

async function written(environment: Record<string, string>): Promise<Buffer> {
  const outbox = path.join(folder, 'outbox')
  rmSync(outbox, { recursive: true, force: true })
  await mailerWith(environment).send({
    via: 'mail',
    to: 'rosa@people.example',
    subject: 'Señal',
    text: 'Su mensaje llegó.\n',
    headers: {}
  })
  return readFileSync(path.join(outbox, readdirSync(outbox)[0]!))
}

const published = async (name: string) => {
  if (name !== 'evenhand._domainkey.elm.example')
    throw Object.assign(new Error(), { code: 'ENOTFOUND' })
  const record = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  return [[`v=DKIM1; k=rsa; p=${record}`]]
}

test('in the name of the domain it comes from', async () => {
  const mail = await written({ MAIL_DKIM_KEY: key, MAIL_DKIM_SELECTOR: 'evenhand' })
  const verdict = async (bytes: Buffer) =>
    (await dkimVerify(bytes, { resolver: published })).results.map(({ status, signingDomain }) => [
      status.result,
      signingDomain
    ])
  expect(await verdict(mail)).toEqual([['pass', 'elm.example']])
  const changed = Buffer.from(mail.toString('latin1').replace('rosa@', 'rose@'), 'latin1')
  expect((await verdict(changed))[0]![0]).not.toBe('pass')
})

test('not without a key', async () => {
  expect(String(await written({}))).not.toMatch(/^DKIM-Signature:/m)
})

test('a key alone, or one that cannot be read, stops the start and is named', () => {
  expect(() => mailerWith({ MAIL_DKIM_KEY: key })).toThrow(SettingsError)
  expect(() =>
    mailerWith({ MAIL_DKIM_KEY: path.join(folder, 'none'), MAIL_DKIM_SELECTOR: 'evenhand' })
  ).toThrow(/MAIL_DKIM_KEY/)
})
