import { expect, test } from '@jest/globals'
import { checkMailHooks } from '../../cli/doctor/mail-hooks.ts'
import { testSettings } from '../helpers/runtime.ts'
import {
  mailgunAccount,
  postmarkAccount,
  resendAccount,
  sesAccount
} from '../channels/email/webhooks/support.ts'

const findings = (environment: Record<string, string>) =>
  checkMailHooks(testSettings({ PUBLIC_URL: 'https://town.example', ...environment })).map(
    ({ state, finding }) => `${state}: ${finding}`
  )

test('nothing is said where no service is set up', () => {
  expect(findings({})).toEqual([])
})

test('each service that is set up is named with its address', () => {
  const accounts = [postmarkAccount(), mailgunAccount(), sesAccount()]
  expect(findings(Object.assign({}, ...accounts.map(({ environment }) => environment)))).toEqual([
    'ok: mails of Postmark come in at https://town.example/hooks/mail/postmark',
    'ok: mails of Mailgun come in at https://town.example/hooks/mail/mailgun/mime',
    'ok: mails of Amazon SES come in at https://town.example/hooks/mail/ses'
  ])
})

test('Resend without a key to fetch by is told of', () => {
  const { RESEND_WEBHOOK_SECRET } = resendAccount().environment
  expect(findings({ RESEND_WEBHOOK_SECRET: RESEND_WEBHOOK_SECRET! })).toContainEqual(
    expect.stringMatching(/^warn: RESEND_API_KEY is not set/)
  )
})
