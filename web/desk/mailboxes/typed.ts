/** A mailbox as an administrator typed it to try it out, and the lines for mailboxes.yaml. */
import type { Request } from 'express'
import { stringify } from 'yaml'
import { z } from 'zod'
import { mailboxSchema, type PulledMailbox } from '../../../config/mailboxes.ts'
import { field } from '../shared/fields.ts'

/** Fields of the form by kind; the secret is not one, because it is never shown again. */
const fieldNames = {
  imap: ['id', 'address', 'host', 'user', 'folder', 'since', 'encryption', 'department'],
  graph: ['id', 'address', 'user', 'tenant', 'clientId', 'folder', 'since', 'cloud', 'department']
} as const

export type Kind = keyof typeof fieldNames
type FieldName = (typeof fieldNames)[Kind][number]

/** Fields of the other kind are empty. */
export type Typed = Readonly<Record<FieldName, string>> & { readonly kind: Kind }

export interface Problem {
  readonly field: string
  readonly text: string
}

const sentences: Readonly<Record<FieldName, string>> = {
  id: 'Give it a short name: lower-case letters, digits and hyphens.',
  address: 'Enter the address that residents write to.',
  host: 'Enter the name of the mail server, such as imap.town.example.',
  encryption: 'Choose an encryption: a password goes unencrypted only to this machine.',
  user: 'Enter the name that the mail server knows the mailbox by.',
  tenant: 'Enter the id of your directory, or one of its domains.',
  clientId: 'Enter the application (client) id: five groups of letters and digits with hyphens.',
  cloud: 'Choose a cloud.',
  folder: 'Enter the name of a folder.',
  since: 'Enter the day from which mail is to be taken.',
  department: 'Choose a department.'
}

/** What need not be written. */
const usual: Readonly<Record<Kind, Partial<Typed>>> = {
  imap: { encryption: 'tls', folder: 'INBOX' },
  graph: { cloud: 'global', folder: 'Inbox' }
}

export function kindOf(value: unknown): Kind {
  return value === 'graph' ? 'graph' : 'imap'
}

/** A new mailbox: what is likely, to be changed. */
export function blankMailbox(kind: Kind, today: string): Typed {
  return { ...readFields(kind, () => ''), ...usual[kind], since: today }
}

export function readTyped(request: Request): Typed {
  return readFields(kindOf(field(request, 'kind')), (name) => field(request, name, 500))
}

function readFields(kind: Kind, read: (name: FieldName) => string): Typed {
  const own: readonly string[] = fieldNames[kind]
  const names = Object.keys(sentences) as FieldName[]
  const fields = names.map((name) => [name, own.includes(name) ? read(name) : ''])
  return { ...(Object.fromEntries(fields) as Record<FieldName, string>), kind }
}

export function checkTyped(
  typed: Typed
): { readonly mailbox: PulledMailbox } | { readonly problems: Problem[] } {
  const parsed = mailboxSchema.safeParse(linesOf(typed))
  if (parsed.success) return { mailbox: parsed.data }
  return { problems: problemsOf(typed.kind, parsed.error) }
}

function problemsOf(kind: Kind, error: z.ZodError): Problem[] {
  const wrong = new Set(error.issues.map(({ path }) => String(path[0])))
  return fieldNames[kind]
    .filter((name) => wrong.has(name))
    .map((name) => ({ field: name, text: sentences[name] }))
}

/** As it is to be added under `mailboxes:`. */
export function yamlOf(typed: Typed): string {
  return stringify([linesOf(typed)]).replace(/^(?=.)/gm, '  ')
}

/** Without what need not be written. A port may follow the host. */
function linesOf(typed: Typed): Record<string, string | number> {
  const { kind } = typed
  const [host, port] = typed.host.split(/:(?=\d+$)/)
  const kept = fieldNames[kind].filter(
    (name) => typed[name] !== '' && typed[name] !== usual[kind][name]
  )
  return {
    ...(kind === 'graph' ? { kind } : {}),
    ...Object.fromEntries(kept.map((name) => [name, typed[name]])),
    ...(host ? { host } : {}),
    ...(port ? { port: Number(port) } : {})
  }
}
