import { expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { readSettings, SettingsError } from '../../config/settings.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
const pem = rsa.export({ format: 'pem', type: 'spki' }) as string
const line = rsa.export({ format: 'der', type: 'spki' }).toString('base64')

test('a public key is taken as PEM, as PEM in one line, and as base64', () => {
  for (const text of [pem, pem.replaceAll('\n', '\\n'), line])
    expect(readSettings({ POSTAL_PUBLIC_KEY: text }).POSTAL_PUBLIC_KEY).toBe(text)
})

test('what is no key, a key of another kind, a short password and no topic are named at the start', () => {
  for (const wrong of [
    { POSTAL_PUBLIC_KEY: 'not a key' },
    { SENDGRID_WEBHOOK_PUBLIC_KEY: line },
    { POSTMARK_WEBHOOK_PASSWORD: 'fifteen letters' },
    { SES_TOPIC_ARN: 'arn:aws:sns:us-east-1.evil.example/:111111111111:mail' },
    { RESEND_WEBHOOK_SECRET: 're_something_else_that_is_long' }
  ])
    expect(() => readSettings(wrong)).toThrow(SettingsError)
})
