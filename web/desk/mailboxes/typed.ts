/** A mailbox as an administrator typed it to try it out, and the lines for mailboxes.yaml. */
import type { Request } from 'express'
import { stringify } from 'yaml'
import { z } from 'zod'
import { mailboxSchema, type PulledMailbox } from '../../../config/mailboxes.ts'
import { field } from '../shared/fields.ts'

/** Fields of the form; the password is not one, because it is never shown again. */
export const fieldNames = [
  'id',
  'address',
  'department',
  'host',
  'encryption',
  'user',
  'folder',
  'since'
] as const

export type Typed = Readonly<Record<(typeof fieldNames)[number], string>>

export interface Problem {
  readonly field: string
  readonly text: string
}

const sentences: Readonly<Record<string, string>> = {
  id: 'Give it a short name: lower-case letters, digits and hyphens.',
  address: 'Enter the address that residents write to.',
  host: 'Enter the name of the mail server, such as imap.town.example.',
  encryption: 'Choose an encryption: a password goes unencrypted only to this machine.',
  user: 'Enter the name that the mail server knows the mailbox by.',
  folder: 'Enter the name of a folder.',
  since: 'Enter the day from which mail is to be taken.'
}

/** A new mailbox: what is likely, to be changed. */
export function blankMailbox(today: string): Typed {
  const blank = Object.fromEntries(fieldNames.map((name) => [name, ''])) as Record<
    keyof Typed,
    string
  >
  return { ...blank, encryption: 'tls', folder: 'INBOX', since: today }
}

export function readTyped(request: Request): Typed {
  return Object.fromEntries(fieldNames.map((name) => [name, field(request, name, 500)])) as Typed
}

export function checkTyped(
  typed: Typed
): { readonly mailbox: PulledMailbox } | { readonly problems: Problem[] } {
  const parsed = mailboxSchema.safeParse(linesOf(typed))
  if (parsed.success) return { mailbox: parsed.data }
  return { problems: problemsOf(parsed.error) }
}

function problemsOf(error: z.ZodError): Problem[] {
  const wrong = new Set(error.issues.map(({ path }) => String(path[0])))
  return fieldNames
    .filter((name) => wrong.has(name))
    .map((name) => ({ field: name, text: sentences[name] ?? name }))
}

/** As it is to be added under `mailboxes:`. */
export function yamlOf(typed: Typed): string {
  return stringify([linesOf(typed)]).replace(/^(?=.)/gm, '  ')
}

/** Without what need not be written. A port may follow the host. */
function linesOf(typed: Typed): Record<string, string | number> {
  const [host, port] = typed.host.split(/:(?=\d+$)/)
  const usual: Partial<Typed> = { encryption: 'tls', folder: 'INBOX' }
  const kept = fieldNames.filter((name) => typed[name] !== '' && typed[name] !== usual[name])
  return {
    ...Object.fromEntries(kept.map((name) => [name, typed[name]])),
    ...(host ? { host } : {}),
    ...(port ? { port: Number(port) } : {})
  }
}
