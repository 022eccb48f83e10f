/**
 * Postmark's inbound webhook: JSON with the mail in `RawEmail`. It signs nothing; the address that
 * is entered there holds a password (postmarkapp.com/developer/webhooks/inbound-webhook).
 */
import { z } from 'zod'
import { readShape } from '../../../platform/http-bodies/json.ts'
import { said } from './body.ts'
import { hasPassword } from './proofs.ts'
import type { MailService, Posted } from './service.ts'

const schema = z.object({
  MessageID: z.string().min(1).max(200),
  OriginalRecipient: z.string().nullish(),
  From: z.string().nullish(),
  Subject: z.string().nullish(),
  TextBody: z.string().nullish(),
  RawEmail: z.string().nullish(),
  Headers: z.array(z.object({ Name: z.string(), Value: z.string() })).nullish()
})

export const postmark: MailService = {
  id: 'postmark',
  name: 'Postmark',
  // The mail stands in it beside its files in base64.
  factor: 2.6,
  missing:
    'Postmark sent no mail, only what it read in it. Switch on "Include raw email content in JSON payload" in the settings of the inbound stream.',
  read: async (bytes) => read(bytes),
  open: ({ POSTMARK_WEBHOOK_PASSWORD: password }) =>
    password === undefined
      ? undefined
      : {
          whyUnproved: (request) =>
            hasPassword(request, password)
              ? undefined
              : 'The address it was posted to does not hold the password of POSTMARK_WEBHOOK_PASSWORD.'
        }
}

function read(bytes: Uint8Array): Posted | undefined {
  const posted = readShape(bytes, schema)
  if (!posted) return undefined
  const header = (name: string) =>
    posted.Headers?.find((one) => one.Name.toLowerCase() === name)?.Value
  return {
    event: 'inbound',
    signed: {},
    mail: {
      id: posted.MessageID,
      ...(posted.RawEmail ? { raw: Buffer.from(posted.RawEmail) } : {}),
      recipients: posted.OriginalRecipient ? [posted.OriginalRecipient] : [],
      verdicts: said({ spam: header('x-spam-status'), spf: header('received-spf') }),
      shown: said({ from: posted.From, subject: posted.Subject, text: posted.TextBody })
    }
  }
}
