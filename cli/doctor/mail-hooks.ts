/** Mail services that push mail: which are switched on, and what each is to be told. */
import type { MailService } from '../../channels/email/webhooks/service.ts'
import { mailServices } from '../../channels/email/webhooks/services.ts'
import { publicUrl, type Settings } from '../../config/settings.ts'
import { ok, warn, type Check } from './check.ts'

/** What is asked here is only whether a service is switched on. */
const ports = { tokenIsFor: async () => false }

export function checkMailHooks(settings: Settings): Check[] {
  const open = mailServices.filter((service) => service.open(settings, ports))
  return [
    ...open.map((service) => ok(`mail-${service.id}`, addressOf(service, settings))),
    ...(settings.RESEND_WEBHOOK_SECRET && !settings.RESEND_API_KEY
      ? [
          warn(
            'mail-resend',
            'RESEND_API_KEY is not set: Resend only gives notice of mails, and none can be fetched',
            'Set it to a key of Resend with full access.'
          )
        ]
      : [])
  ]
}

function addressOf({ name, id, below = [] }: MailService, settings: Settings): string {
  const address = [`${publicUrl(settings)}/hooks/mail/${id}`, ...below].join('/')
  return `mails of ${name} come in at ${address}`
}
