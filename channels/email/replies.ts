import { asEvenhandError } from '../../core/errors.ts'

/** An error as smtp-server answers it. */
export interface SmtpReply extends Error {
  responseCode: number
}

/** A refusal with its SMTP code; 4xx asks the sender's server to try again, 5xx tells the sender. */
export function refuse(responseCode: number, text: string): SmtpReply {
  return Object.assign(new Error(text), { responseCode })
}

/**
 * What the sender hears when a mail could not be taken: permanent only where trying again cannot help (too large); anything unknown
 * is temporary, so that an honest sender's server keeps the mail.
 */
export function replyTo(error: unknown): SmtpReply {
  const { code } = asEvenhandError(error)
  if (code === 'INTAKE_TOO_LARGE') return refuse(552, 'The message is larger than we accept')
  return refuse(451, 'The message could not be stored safely, please try again')
}
