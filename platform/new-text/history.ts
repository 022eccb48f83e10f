/**
 * Where a mail's text turns from its writer's words to an earlier mail's: by the line that names who
 * wrote it ("On … wrote:"), by the headers of a mail, or by a line that says so. Each language words
 * these differently, so their shape counts (a date, an address, a colon) beside the words that mail
 * programs use.
 */

/** Lines over which mail programs break "On … wrote:". */
const ATTRIBUTION_LINES = 4
/** Longest such line, in characters, once put together. */
const ATTRIBUTION = 300
/** Lines of a block of headers that are looked at. */
const HEADER_LINES = 12
/** Longest line, in characters, that may say whose words follow. */
const LINE = 1_000

export interface HistoryStart {
  readonly kind: 'attribution' | 'headers' | 'divider'
  /** The first line after it. */
  readonly next: number
}

/** Answers what begins at a line, if an earlier mail does. Each line is looked at once. */
export function historyIn(lines: readonly string[]): (at: number) => HistoryStart | undefined {
  const known = new Map<number, HistoryStart | undefined>()
  return (at) => {
    if (!known.has(at)) known.set(at, historyAt(lines, at))
    return known.get(at)
  }
}

function historyAt(lines: readonly string[], at: number): HistoryStart | undefined {
  const line = lines[at]!
  if (isQuoted(line) || line.trim() === '' || line.length > LINE) return undefined
  const attribution = attributionEnd(lines, at)
  if (attribution !== undefined) return { kind: 'attribution', next: attribution }
  if (isDivider(line)) return { kind: 'divider', next: at + 1 }
  const headers = headersEnd(lines, at)
  return headers === undefined ? undefined : { kind: 'headers', next: headers }
}

/** True for a line that a mail program marked as another's. */
export function isQuoted(line: string): boolean {
  return /^\s{0,3}>/.test(line)
}

/** Words by which mail programs say that somebody wrote, as they stand before the colon. */
const wrote =
  /(?<!\p{L})(wrote|writes|schrieb|geschrieben|escribió|escribio|écrit|ecrit|ha scritto|scrisse|escreveu|schreef|geschreven|skrev|kirjoitti|napisał(\(a\))?|pisze|napísal\(?a?\)?|napsal\(?a?\)?|написал(\(?а\)?)?|пише|писал(\(а\))?|написав(\(ла\))?|пишет|yazdı|şunu yazdı|írta|a scris|έγραψε|viết|menulis|va escriure|rašė|scrisse|a scrie|è stato scritto|napsal\(a\))(?!\p{L})|写道|寫道|のメッセージ|さんは書きました|작성|님이 쓴|كتب|כתב/iu
const date =
  /\d{1,2}[:.h]\d{2}(?!\d)|(?<!\d)(19|20)\d{2}(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.? \p{L}{3,}|(?<!\p{L})\p{L}{3,20} \d{1,2}(?!\d)/u
const address = /(?<![^\s<>"])[^\s<>"@]{1,100}@[^\s<>"@]/

/**
 * The line after "On Tuesday, Ann <ann@people.example> wrote:", which may be broken over lines. Its
 * first line has a date, an address or the verb itself, so that words above are not taken for it.
 */
function attributionEnd(lines: readonly string[], at: number): number | undefined {
  // Most words have no colon near, so that nothing else is searched in them.
  if (!hasColonNear(lines, at) || !mayIntroduce(lines[at]!)) return undefined
  let whole = ''
  for (let index = at; index < Math.min(lines.length, at + ATTRIBUTION_LINES * 2); index++) {
    const line = lines[index]!.replace(/^\s*>(?=\s*\S*\s*:$)/, '').trim()
    if (isQuoted(line) || (line === '' && !goesOn(lines[index + 1]))) return undefined
    whole = `${whole} ${line}`.trim()
    if (whole.length > ATTRIBUTION) return undefined
    if (isAttribution(whole) || introducesQuotes(lines, whole, index + 1))
      return latestStart(lines, at, index) ? undefined : index + 1
    if (/[.!?]$/.test(line) && !mayIntroduce(line)) return undefined
  }
  return undefined
}

function hasColonNear(lines: readonly string[], at: number): boolean {
  const last = Math.min(lines.length, at + ATTRIBUTION_LINES * 2)
  for (let index = at; index < last; index++) if (hasColon(lines[index]!)) return true
  return false
}

/** "Ann wrote:", with nothing but quotes beneath it. */
function introducesQuotes(lines: readonly string[], line: string, next: number): boolean {
  return /[:：]$/.test(line) && wrote.test(line) && isQuoted(lines[skipBlank(lines, next)] ?? '')
}

function mayIntroduce(line: string): boolean {
  return date.test(line) || address.test(line) || wrote.test(line)
}

/** After an empty line only an address in brackets or the verb belongs to what is above. */
function goesOn(line: string | undefined): boolean {
  return line !== undefined && /^\s*(<|mailto:|>\s*$|>?\s*\p{L}+\s*[:：]\s*$)/u.test(line)
}

/** Whether a later line begins the same attribution, so that what is above it are words. */
function latestStart(lines: readonly string[], at: number, last: number): boolean {
  return lines.slice(at + 1, last + 1).some((_, index) =>
    isAttribution(
      lines
        .slice(at + 1 + index, last + 1)
        .join(' ')
        .trim()
    )
  )
}

function hasColon(line: string): boolean {
  return line.includes(':') || line.includes('：')
}

function isAttribution(line: string): boolean {
  if (!hasColon(line) || !/[:：]["*_ ]*$/.test(line) || !date.test(line)) return false
  return wrote.test(line) || (address.test(line) && !/[.!?] \p{Lu}/u.test(line))
}

/** "-----Original Message-----" and the like, alone on its line. */
function isDivider(line: string): boolean {
  return (
    /^[\s*]*[-_=]{3,}[\s*]*[\p{L}][\p{L}' ]{3,50}[\s*]*[-_=]{3,}[\s*]*$/u.test(line) ||
    /^\s*(begin forwarded message|inicio del mensaje reenviado|anfang der weitergeleiteten (nachricht|e-?mail)|début du message (réexpédié|transféré)|inizio messaggio inoltrato|begin doorgestuurd bericht|vidarebefordrat brev|start på videresendt besked|videresendt melding):?\s*$/i.test(
      line
    )
  )
}

const keys = {
  from: /^(from|von|de|da|van|från|fra|od|от|від|feladó|kimden|lähettäjä|από|发件人|發件人|寄件者|差出人|보낸 ?사람)$/iu,
  date: /^(date|sent|sent on|datum|gesendet( am)?|envoyé|enviado( el| em)?|fecha|data|inviato|verzonden|skickat|sendt|dato|päivämäärä|lähetetty|wysłano|data wysłania|отправлено|дата|надіслано|dátum|elküldve|tarih|gönderilen|odesláno|发送时间|日期|送信日時|寄件日期|보낸 ?날짜)$/iu,
  to: /^(to|an|à|a|para|aan|till|til|do|komu|кому|címzett|kime|vastaanottaja|προς|收件人|宛先|받는 ?사람|cc|kopie|copie|copia)$/iu,
  subject:
    /^(subject|re|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|тема|tárgy|konu|θέμα|主题|主旨|件名|제목|risposta|reply-to)$/iu
}

/** The line after a mail's headers (From, Sent, To, Subject, in any order and language). */
function headersEnd(lines: readonly string[], at: number): number | undefined {
  const start = /^\s*[_-]{5,}\s*$/.test(lines[at]!) ? skipBlank(lines, at + 1) : at
  const found = new Set<string>()
  let index = start
  let values = ''
  for (; index < Math.min(lines.length, start + HEADER_LINES); index++) {
    const line = lines[index]!
    if (line.trim() === '') {
      if (index === start || keyOf(lines[index + 1] ?? '') === undefined) break
      continue
    }
    const key = keyOf(line)
    if (key === undefined && (index === start || isHeadersEnd(line))) break
    if (key !== undefined) found.add(key)
    values += `${line}\n`
  }
  return isHeaderBlock(found, values) ? index : undefined
}

/** A header as it stands in a text: its name in any language, and its value on the same line. */
export type WrittenHeader = keyof typeof keys

/**
 * The headers of the first earlier mail whose headers a text has, by what they are; undefined if it
 * has none. Marks of quoting (">") are passed over, which some programs put before what they pass
 * on.
 */
export function firstHeaders(text: string): ReadonlyMap<WrittenHeader, string> | undefined {
  const lines = text.split('\n').map((line) => line.replace(/^(\s{0,3}>)+ ?/, ''))
  for (let at = 0; at < lines.length; at++) {
    const start = historyAt(lines, at)
    if (start?.kind === 'headers') return headersOf(lines.slice(at, start.next))
  }
  return undefined
}

function headersOf(lines: readonly string[]): ReadonlyMap<WrittenHeader, string> {
  const found = new Map<WrittenHeader, string>()
  for (const line of lines) {
    const key = keyOf(line)
    if (key !== undefined && !found.has(key))
      found.set(key, line.replace(/^[^:：]*[:：][*_ ]*/, '').trim())
  }
  return found
}

function isHeadersEnd(line: string): boolean {
  return !/^\s|[;,<>@]/.test(line)
}

function isHeaderBlock(found: ReadonlySet<string>, values: string): boolean {
  if (!found.has('from') || found.size < 3) return false
  return address.test(values) || found.has('subject')
}

/** Which header a line is, if one with a value. */
function keyOf(line: string): WrittenHeader | undefined {
  if (!hasColon(line)) return undefined
  const name = /^[\s*_>]{0,4}([\p{L}][\p{L}\p{M} -]{0,24})[*_]{0,2}\s?[:：]/u
    .exec(line)?.[1]
    ?.trim()
  if (name === undefined) return undefined
  return (Object.keys(keys) as WrittenHeader[]).find((key) => keys[key].test(name))
}

function skipBlank(lines: readonly string[], at: number): number {
  let index = at
  while (index < lines.length && lines[index]!.trim() === '') index += 1
  return Math.min(index, lines.length - 1)
}
