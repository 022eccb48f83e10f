/** The shape of mailboxes.yaml: mailboxes that are pulled, by IMAP or by Microsoft Graph. */
import { z } from 'zod'
import type { Findings } from './cross-checks.ts'
import { endpointsOf, graphFields } from './graph-mailbox.ts'
import { idSchema } from './id.ts'
import { reportRepeats, type Departments, type Routes, type Rule } from './schema.ts'
import { isThisMachine, serviceUrl } from './service-url.ts'
import type { YamlFile } from './yaml-file.ts'

/** A service that gives tokens instead of a password (XOAUTH2). */
const oauthSchema = z.strictObject({
  tokenUrl: serviceUrl,
  clientId: z.string().min(1).max(500),
  scope: z.string().min(1).max(500).optional(),
  grant: z.enum(['client-credentials', 'refresh-token']).default('client-credentials')
})

const commonFields = {
  id: idSchema,
  /** The address that residents write to. */
  address: z.email().transform((address) => address.toLowerCase()),
  /** The department that all of its mail is for. If absent, routes.yaml decides. */
  department: z.string().min(1).optional(),
  /**
   * Mail that came before this day is left alone: a mailbox that is years old would otherwise send
   * a receipt to everybody who ever wrote.
   */
  since: z.iso.date('a day such as 2026-12-01')
}

const imapSchema = z
  .strictObject({
    ...commonFields,
    kind: z.literal('imap').optional(),
    host: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$|^[0-9A-Fa-f:.]{2,45}$/, 'a host or an IP address'),
    port: z.number().int().min(1).max(65_535).optional(),
    encryption: z.enum(['tls', 'starttls', 'none']).default('tls'),
    user: z.string().min(1).max(320),
    folder: z.string().min(1).max(500).default('INBOX'),
    /** A folder that taken mail is moved to. If absent, nothing in the mailbox changes. */
    takenTo: z.string().min(1).max(500).optional(),
    oauth: oauthSchema.optional()
  })
  .refine(({ encryption, host }) => encryption !== 'none' || isThisMachine(host), {
    message: 'tls or starttls: a password goes unencrypted only to this machine',
    path: ['encryption']
  })
  .refine(({ folder, takenTo }) => folder !== takenTo, {
    message: 'another folder than the one that is pulled',
    path: ['takenTo']
  })

const graphSchema = z.strictObject({ ...commonFields, ...graphFields })

export const mailboxSchema = z.discriminatedUnion('kind', [imapSchema, graphSchema])

export const mailboxesSchema = z
  .strictObject({ mailboxes: z.array(mailboxSchema).max(50).default([]) })
  .superRefine(({ mailboxes }, context) => {
    const refuseRepeats = (field: string, values: readonly string[]) =>
      reportRepeats(values, (index) => ['mailboxes', index, field], context)
    refuseRepeats(
      'id',
      mailboxes.map(({ id }) => id)
    )
    refuseRepeats(
      'address',
      mailboxes.map(({ address }) => address)
    )
    refuseRepeats('user', mailboxes.map(mailboxLocation))
  })

export type PulledMailbox = z.output<typeof mailboxSchema>
export type GraphMailbox = z.output<typeof graphSchema>
export type ImapMailbox = Exclude<PulledMailbox, GraphMailbox>

/**
 * Where a mailbox is. What was taken is recorded by it, so that an id that is given to another
 * mailbox passes over nothing.
 */
export function mailboxLocation(mailbox: PulledMailbox): string {
  const { user, folder } = mailbox
  return mailbox.kind === 'graph'
    ? `${user}@${new URL(endpointsOf(mailbox).graph).host}/${folder.toLowerCase()}`
    : `${user}@${mailbox.host.toLowerCase()}:${portOf(mailbox)}/${folder}`
}

export function portOf({ port, encryption }: Pick<ImapMailbox, 'port' | 'encryption'>): number {
  return port ?? (encryption === 'tls' ? 993 : 143)
}

type SecretKind = 'PASSWORD' | 'CLIENT_SECRET' | 'REFRESH_TOKEN'

/** The environment variables that a mailbox needs. */
export function secretNames(mailbox: PulledMailbox): string[] {
  const { id } = mailbox
  if (mailbox.kind === 'graph') return [secretName(id, 'CLIENT_SECRET')]
  const { oauth } = mailbox
  if (!oauth) return [secretName(id, 'PASSWORD')]
  return oauth.grant === 'refresh-token'
    ? [secretName(id, 'REFRESH_TOKEN')]
    : [secretName(id, 'CLIENT_SECRET')]
}

export function secretName(id: string, kind: SecretKind): string {
  return `MAILBOX_${id.toUpperCase().replaceAll('-', '_')}_${kind}`
}

/** Names of variables that hold a mailbox's secret. */
export const secretPattern = /^MAILBOX_[A-Z0-9_]+_(?:PASSWORD|CLIENT_SECRET|REFRESH_TOKEN)$/

/**
 * The routing rules with one for each mailbox that has a department. They come first: what was sent
 * there is for that department, whatever its words.
 */
export function withMailboxRules(routes: Routes, mailboxes: readonly PulledMailbox[]): Routes {
  const rules = mailboxes.flatMap(({ id, address, department }): Rule[] =>
    department ? [{ id: `mailbox-${id}`, department, when: { recipient: [address] } }] : []
  )
  return rules.length === 0 ? routes : { ...routes, rules: [...rules, ...routes.rules] }
}

/** Whether each mailbox's department is one. */
export function checkMailboxes(
  mailboxes: YamlFile<z.output<typeof mailboxesSchema>>,
  departments: YamlFile<Departments>
): Findings {
  const known = departments.value?.departments.map(({ id }) => id)
  const problems = (mailboxes.value?.mailboxes ?? []).flatMap(({ department }, index) =>
    !known || !department || known.includes(department)
      ? []
      : [
          mailboxes.at(
            ['mailboxes', index, 'department'],
            `there is no department "${department}"; there are ${known.join(', ')}`
          )
        ]
  )
  return { problems, warnings: [] }
}
