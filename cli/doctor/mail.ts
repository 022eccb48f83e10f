/**
 * Mail in both directions: certificate, who may hand in mail, and the server that receipts go out
 * by.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import fs from 'node:fs/promises'
import { createTransport } from 'nodemailer'
import { smtpUsers } from '../../channels/email/users.ts'
import type { Settings } from '../../config/settings.ts'
import { counted, fail, guarded, ok, reasonOf, warn, type Check } from './check.ts'
import { checkSigning } from './dkim.ts'
import { isPublic } from './configuration.ts'

const DAY_MS = 86_400_000
/** Let's Encrypt renews 30 days before the end; at 14 something has been wrong for two weeks. */
const EXPIRY_NEAR_DAYS = 14
const TIMEOUT_MS = 8_000

export async function checkMail(settings: Settings, agencyEmail = ''): Promise<Check[]> {
  return [
    ...(await guarded(
      'certificate',
      "Check that SMTP_TLS_CERT and SMTP_TLS_KEY name PEM files that Evenhand's account may read.",
      () => checkCertificate(settings)
    )),
    ...checkRecipients(settings),
    ...checkUsers(settings),
    ...(await checkOutgoing(settings)),
    ...(await guarded(
      'mail-signing',
      'Check that MAIL_DKIM_KEY names a PEM file with a private key.',
      () => checkSigning(settings, agencyEmail)
    ))
  ]
}

async function checkCertificate({
  SMTP_TLS_CERT: certFile,
  SMTP_TLS_KEY: keyFile
}: Settings): Promise<Check[]> {
  if (!certFile || !keyFile)
    return [ok('certificate', 'SMTP runs without STARTTLS (no SMTP_TLS_CERT)')]
  const certificate = new X509Certificate(await fs.readFile(certFile))
  if (!certificate.checkPrivateKey(createPrivateKey(await fs.readFile(keyFile))))
    return [
      fail(
        'certificate',
        'SMTP_TLS_KEY does not belong to SMTP_TLS_CERT',
        'Set both to files of one certificate.'
      )
    ]
  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY_MS)
  const renew = 'Renew the certificate and restart the smtp role.'
  if (days < 0)
    return [fail('certificate', `the SMTP certificate expired ${counted(-days, 'day')} ago`, renew)]
  if (days < EXPIRY_NEAR_DAYS)
    return [warn('certificate', `the SMTP certificate expires in ${counted(days, 'day')}`, renew)]
  return [ok('certificate', `the SMTP certificate is good for ${counted(days, 'day')}`)]
}

function checkRecipients(settings: Settings): Check[] {
  if (settings.MAIL_DOMAINS.length > 0)
    return [
      ok('mail-in', `mail is taken in for ${settings.MAIL_DOMAINS.length} domains and addresses`)
    ]
  if (!isPublic(settings))
    return [ok('mail-in', 'mail is taken in for every address (MAIL_DOMAINS is not set)')]
  return [
    warn(
      'mail-in',
      'mail is taken in for every address',
      "Set MAIL_DOMAINS to the agency's own domains, so that mail for others is refused."
    )
  ]
}

function checkUsers(settings: Settings): Check[] {
  if (settings.SMTP_USERS.length === 0) return []
  try {
    smtpUsers(settings.SMTP_USERS)
  } catch (error) {
    return [
      fail(
        'mail-users',
        reasonOf(error),
        'Mend the entry (docs/administrator.md shows how to make one).'
      )
    ]
  }
  if (settings.SMTP_TLS_CERT) return [ok('mail-users', `${settings.SMTP_USERS.length} may sign in`)]
  return [
    warn(
      'mail-users',
      'SMTP_USERS is set without SMTP_TLS_CERT: nobody can sign in',
      'Set SMTP_TLS_CERT and SMTP_TLS_KEY; passwords are only taken over TLS.'
    )
  ]
}

async function checkOutgoing(settings: Settings): Promise<Check[]> {
  if (!settings.MAIL_URL) {
    const finding =
      'mail is not set up (no MAIL_URL): receipts, answers, codes and updates are written to DATA_DIR/outbox, not sent'
    return [
      isPublic(settings)
        ? warn('mail-out', finding, "Set MAIL_URL to the agency's outgoing mail server.")
        : ok('mail-out', finding)
    ]
  }
  const transport = createTransport(withTimeouts(settings.MAIL_URL))
  try {
    await transport.verify()
    return [ok('mail-out', 'the outgoing mail server takes our connection')]
  } catch (error) {
    // The server's words may name the account; its codes say enough.
    const { code, responseCode } = error as { code?: string; responseCode?: number }
    return [
      fail(
        'mail-out',
        `the outgoing mail server cannot be used (${[code, responseCode].filter(Boolean).join(' ') || 'unknown error'})`,
        'Check host, port, user and password in MAIL_URL. Receipts wait and are tried again; intake goes on.'
      )
    ]
  } finally {
    transport.close()
  }
}

function withTimeouts(mailUrl: string): string {
  const url = new URL(mailUrl)
  for (const name of ['connectionTimeout', 'greetingTimeout', 'socketTimeout', 'dnsTimeout'])
    url.searchParams.set(name, String(TIMEOUT_MS))
  return url.href
}
