import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js'

/** Numbers and mail addresses that stand for "none given" in registers and forms. */
const blanks = /^(.)\1+$|^0?123456789?0?$/

/** A phone number as E.164 digits; local digits where no country fits. Empty where it is none. */
export function phoneDigits(text: string, country: CountryCode = 'US'): string {
  const short = text.trim().slice(0, 40)
  const digits = short.replace(/\(?(ext|x|#).*$/i, '').replace(/\D/g, '')
  if (digits.length < 6 || digits.length > 15 || blanks.test(digits)) return ''
  const parsed = digits.length > 7 ? parsePhoneNumberFromString(short, country) : undefined
  return parsed?.isPossible() ? parsed.number.slice(1) : digits
}

/**
 * Providers that say that whatever follows a plus leads to the same mailbox. Elsewhere it may not:
 * a relay or case system writes for another person under each tag (crm+1041@).
 */
const tagged =
  /^(?:gmail|googlemail|outlook|hotmail|live|icloud|me|fastmail|proton|protonmail)\.(?:com|me|ch)$/

/**
 * A mail address in comparable form: lower case, no "+tag" where its provider says that it is the
 * same mailbox. One that lost its "@" is kept, as it still tells people apart. Empty where it
 * cannot be one.
 */
export function emailAddress(text: string): string {
  const value = text
    .trim()
    .toLowerCase()
    .replace(/^mailto:/, '')
    .replace(/^.*<([^<>]+)>$/, '$1')
  const at = value.lastIndexOf('@')
  if (value.length > 254 || /\s/.test(value)) return ''
  if (at < 0) return /^[a-z0-9._-]{6,}\.[a-z]{2,}$/.test(value) ? value : ''
  if (at === 0 || at === value.length - 1) return ''
  const [local, domain] = [value.slice(0, at), value.slice(at + 1)]
  return `${tagged.test(domain) ? local.replace(/(?<=.)\+.*$/, '') : local}@${domain}`
}

/**
 * The mailbox that an address leads to, where its provider says so: Google leaves dots out, and has
 * two names.
 */
export function mailboxOf(email: string): string {
  const at = email.lastIndexOf('@')
  return /^(gmail|googlemail)\.com$/.test(email.slice(at + 1))
    ? `${email.slice(0, at).replaceAll('.', '')}@gmail.com`
    : email
}

const roles = new Set(
  [
    'info office admin contact mail hello support help enquiries inquiries reception frontdesk service services sales noreply donotreply webmaster postmaster hostmaster root team staff intake clinic shelter',
    'issuereport report reports feedback city residents accounts accounting billing orders hr jobs press media marketing security abuse legal secretary clerk mayor permits scan scans scanner copier printer fax room',
    'customerservice helpdesk servicedesk callcenter newsletter notifications informacion contacto oficina recepcion ventas secretaria ayuda'
  ]
    .join(' ')
    .split(' ')
)

/**
 * True for a mailbox that stands for an office rather than a person, numbered or not (info@,
 * room12@); it never speaks for who wrote.
 */
export function isRoleMailbox(email: string): boolean {
  const local = email.slice(0, Math.max(0, email.lastIndexOf('@')))
  return roles.has(local.replace(/[-_.]/g, '').replace(/\d+$/, ''))
}

/**
 * A number given by an authority, letters and digits only. Empty for obvious fillers such as
 * 000000000.
 */
export function officialNumber(text: string): string {
  const value = text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 40)
  return value.length < 4 || blanks.test(value) ? '' : value
}
