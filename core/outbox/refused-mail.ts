/** What of a mail server's refusal is final (RFC 5321 section 4.2.1). */

/** Commands that speak of the recipient or of this mail; the others speak of us. */
const ofThisMail: ReadonlySet<unknown> = new Set(['RCPT TO', 'DATA'])

/**
 * Why a mail will never be taken, in codes alone: a server's words name the address. Undefined where
 * it may be taken another time: a policy or missing right (x.7, RFC 3463) is a matter of our set-up.
 * @param error of nodemailer, with the server's response and the command that it answers
 */
export function refusedForGood(error: unknown): string | undefined {
  const { responseCode, command, response } = error as Record<string, unknown>
  if (typeof responseCode !== 'number' || responseCode < 500 || responseCode > 599) return undefined
  if (!ofThisMail.has(command)) return undefined
  const [status] = /\b5\.\d{1,3}\.\d{1,3}\b/.exec(String(response ?? '')) ?? []
  if (status?.startsWith('5.7.')) return undefined
  return `the mail server of the address refuses it for good (${[responseCode, status].filter(Boolean).join(' ')})`
}
