/**
 * The shape of gateways.yaml: services that hand in by mail what came another way, and the
 * website's own contact form.
 */
import { isIP } from 'node:net'
import { z } from 'zod'
import { idSchema } from './id.ts'

const network = z.string().refine((text) => {
  const [base = '', prefix, ...more] = text.split('/')
  const bits = isIP(base) === 4 ? 32 : 128
  return (
    isIP(base) !== 0 &&
    more.length === 0 &&
    (prefix === undefined ||
      (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits))
  )
}, 'an IP address or a network such as 192.0.2.0/24')

const address = z
  .string()
  .regex(/^[^\s@]*@[^\s@]+$/, 'an address, or "@" and a domain for all of its addresses')
const list = <T extends z.ZodType>(entry: T) => z.array(entry).min(1).optional()

const gatewaySchema = z
  .strictObject({
    id: idSchema,
    /**
     * What its mails really are; `form` stays a mail, whose sender is the one it asks to answer
     * (Reply-To). So does `trusted`, a list or form that puts itself into From and proves nothing.
     */
    kind: z.enum(['fax', 'postal', 'form', 'trusted']),
    /** Whom its mails come from; any one fits. */
    from: list(address),
    /** Our address that it sends to. */
    recipient: list(address),
    /** How a mail shows that it came from there; any one is enough. */
    proof: z
      .strictObject({
        networks: list(network),
        /** Names in SMTP_USERS. */
        users: list(z.string().min(1)),
        dkim: z
          .strictObject({ checkedBy: z.string().min(1), domain: z.string().min(1) })
          .optional(),
        spf: z.strictObject({ checkedBy: z.string().min(1), domain: z.string().min(1) }).optional()
      })
      .refine(
        (proof) => Object.values(proof).some((one) => one !== undefined),
        'name networks, users, dkim or spf: a From alone can be written by anybody'
      )
      .optional(),
    /** Where it writes about the fax; the first that finds a fact gives it. */
    patterns: z
      .array(
        z.strictObject({
          in: z.enum(['subject', 'text', 'file']),
          pattern: z
            .string()
            .max(500)
            .superRefine((text, context) => {
              try {
                if (
                  !/\(\?<(caller|station|called|id|pages|error)>/.test(
                    new RegExp(text, 'imu').source
                  )
                )
                  throw new Error(
                    'a group named caller, station, called, id, pages or error is needed, such as (?<caller>\\d+)'
                  )
              } catch (error) {
                context.addIssue({ code: 'custom', message: (error as Error).message })
              }
            })
        })
      )
      .default([])
  })
  .refine(({ from, recipient }) => from !== undefined || recipient !== undefined, {
    message: 'name from or recipient',
    path: ['from']
  })
  .refine(({ kind, proof }) => (kind === 'trusted') === (proof === undefined), {
    message: 'every kind but trusted needs a proof, and that one has none',
    path: ['proof']
  })
  .refine(({ kind, from }) => kind !== 'trusted' || from !== undefined, {
    message: 'name whom its mails come from',
    path: ['from']
  })

export const gatewaysSchema = z
  .strictObject({
    gateways: z.array(gatewaySchema).default([])
  })
  .superRefine(({ gateways }, context) =>
    gateways.forEach(({ id }, index) => {
      if (gateways.findIndex((one) => one.id === id) < index)
        context.addIssue({
          code: 'custom',
          message: `"${id}" is used twice; each id once`,
          path: ['gateways', index, 'id']
        })
    })
  )

export type Gateway = z.output<typeof gatewaysSchema>['gateways'][number]
