import type { Sender } from '../../core/envelope.ts'
import { isMailbox } from '../../core/outbox/receipt-mail.ts'
import { firstHeaders } from '../../platform/new-text/history.ts'
import { isOfDomains } from './authenticated.ts'
import { domainOf } from '../../platform/text/mail-domain.ts'
import { cut, mailboxes } from './headers.ts'
import { readLimits } from './limits.ts'

/** Who a mail that an office passed on says it is from. A guess, which a person confirms. */
export interface Originator {
  readonly name?: string
  readonly email: string
}

/** How programs begin the subject of what is passed on, in the usual languages. */
const passedOn =
  /^\s*(fwd?|fw|wg|wtr|tr|rv|enc|i|rif|vs|vb|vl|videresendt|pd|doorst|továbbítás|ynt|转发|轉寄|전달|転送)\s*[:：]/i
/** The line above it, in the same. */
const divider =
  /^[\s>*_-]*(forwarded message|begin forwarded message|weitergeleitete nachricht|anfang der weitergeleiteten (nachricht|e-?mail)|mensaje reenviado|inicio del mensaje reenviado|message (transféré|réexpédié)|début du message (réexpédié|transféré)|messaggio inoltrato|inizio messaggio inoltrato|mensagem (encaminhada|reencaminhada)|doorgestuurd bericht|begin doorgestuurd bericht|vidarebefordrat (brev|meddelande)|videresendt (melding|besked)|wiadomość przekazana|пересылаемое сообщение)\s*[:：]?[\s*_-]*$/im

interface MailWords {
  readonly text: string
  readonly subject: string | undefined
}

interface PassedOn extends MailWords {
  readonly sender: Sender
  /** Our addresses that it was delivered to. */
  readonly recipients: readonly string[]
}

/**
 * The first author whose headers stand in the text of a mail that a colleague passed on: one from a
 * domain that we take mail for. Undefined for anybody else's mail, for replies, and where the author
 * is a colleague too. An attached mail is exact (`writersOf`) and needs no guess.
 */
export function originatorOf({ sender, recipients, ...words }: PassedOn): Originator | undefined {
  const domains = recipients.map(domainOf)
  const [from] = sender.emails
  if (!from || !isOfDomains(from, domains)) return undefined
  const author = passedOnIn(words)?.author
  return author && !isOfDomains(author.email, domains) ? author : undefined
}

/**
 * A mail whose text is another one that was passed on, by whomever: marked as such, with the
 * headers of that mail, which name its author by an address or not. Undefined for every other mail.
 */
export function passedOnIn({ text, subject }: MailWords): { author?: Originator } | undefined {
  if (text.length > readLimits.partedLength) return undefined
  if (!passedOn.test(subject ?? '') && !divider.test(text)) return undefined
  const from = firstHeaders(text)?.get('from')
  if (from === undefined) return undefined
  const author = authorIn(from)
  return author ? { author } : {}
}

/** "Ana Ruiz <ana@oak.example>", also as Outlook writes it: "Ana Ruiz [mailto:ana@oak.example]". */
function authorIn(value: string): Originator | undefined {
  const plain = value
    .slice(0, 500)
    .replace(/\[(mailto:)?([^\]\s]+@[^\]\s]+)\]/i, '<$2>')
    .replace(/<mailto:/i, '<')
  const { address = '', name = '' } = mailboxes([plain]).find((one) => one.address) ?? {}
  if (!isMailbox(address)) return undefined
  return { ...(name ? { name: cut(name, 200) } : {}), email: address }
}
