import { asEvenhandError } from '../../platform/errors.ts'

/** An error that smtp-server sends as an answer. */
export interface SmtpReply extends Error {
  responseCode: number
}

/**
 * A refusal with its SMTP code: after 4xx the sender's server tries again, after 5xx it tells the
 * sender.
 */
export function refuse(responseCode: number, text: string): SmtpReply {
  return Object.assign(new Error(text), { responseCode })
}

/**
 * The answer when a mail could not be accepted. It is permanent only if trying again cannot help
 * (too large). Any unknown error is temporary, so that an honest sender's server keeps the mail.
 */
export function replyTo(error: unknown): SmtpReply {
  const { code } = asEvenhandError(error)
  if (code === 'INTAKE_TOO_LARGE') return refuse(552, 'The message is larger than we accept')
  return refuse(451, 'The message could not be stored safely, please try again')
}
