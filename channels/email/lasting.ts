/**
 * Whether a mail that failed will fail again: the address itself is no good (nobody there, no such
 * domain, moved, takes no mail), or something else stood in the way (mailbox full, a filter, time).
 * The words of the server's answer say more than its status: many servers answer 5.1.1 or 5.0.0 to
 * everything.
 */

/** Characters of a notice that are looked at. */
const LOOKED_AT = 3_000

/**
 * True if the address is no good; false if not, or if nothing says so, as nobody should be asked
 * for another address without reason.
 *
 * @param status by RFC 3463, such as 5.1.1
 * @param answer the answer of the other server, where the report has it (RFC 3464 section 2.3.6)
 * @param notice the report in words
 */
export function isLasting(status: string | undefined, answer: string, notice: string): boolean {
  const words = notice.slice(0, LOOKED_AT)
  const said = words.slice(0, original.exec(words)?.index)
  const given = status ?? statusIn(said)
  if (ofSender.test(oneLine(said))) return false
  if (afterData.test(oneLine(said)) && !isOfRecipient(given, `${answer} ${said}`)) return false
  for (const text of [answer.slice(0, LOOKED_AT), said].map(oneLine)) {
    if (passing.test(text)) return false
    if (lasting.test(text)) return true
    if (stopped.test(text)) return status === '5.1.1'
  }
  return lastingStatus.test(given)
}

/**
 * Whether what was said after DATA is about the recipient all the same: no recipient was left, the
 * status is of an address (5.1), or a sentence says so. The usual formulas are said by filters too.
 */
function isOfRecipient(status: string, said: string): boolean {
  const line = oneLine(said.slice(0, 2 * LOOKED_AT))
  return (
    noneLeft.test(line) || status.startsWith('5.1.') || lasting.test(line.replace(formulas, ''))
  )
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

function statusIn(text: string): string {
  return /(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(text)?.[0] ?? ''
}

/** Where the returned mail begins. */
const original =
  /^[\s-]*(.{0,40}copy of the (original )?(mail|message)|(the )?original message( follows|[\s-]*$)|message headers follow|enclosed is a copy)|^(received|return-path|dkim-signature): /im

/** A server that refuses the sender says nothing of the recipient. */
const ofSender = /(in reply to|after) mail from|(?<!command )\[mail_from\]/i

/** One that takes the recipient and then refuses the message filters it, as a rule. */
const afterData =
  />>> DATA|(in reply to|after) (end of )?data|smtp command data|(?<!command )\[data\]/i

/** DATA is refused because each recipient was (RFC 5321 section 3.3, RFC 2920 section 3.1). */
const noneLeft = /<<< 503|<<< 55\d[^<]*no valid recipients/i

/** A server's stock answers for nobody there. */
const formulas = /(unknown|no such|invalid) [a-z]{1,20}|[a-z]{1,20} (unknown|not found)/gi

/**
 * RFC 3463 section 3.2, RFC 7505: no such mailbox, no such system, a wrong address, moved, takes no
 * mail; 5.4.4: no route to the host. 5.1.7 and 5.1.8 are about the sender.
 */
const lastingStatus = /^5\.(1\.([1236]|10|351)|4\.4|7\.27)$/

/** Somebody is there, and may be again. */
const stopped = /disabled|suspended|inactive|discontinued/i

const passing = anyOf([
  '(mail|in)box( is| for .{1,60} is)? full',
  'quota',
  'out of storage',
  'exceed(s|ed|ing)? ',
  'too (large|big|many)',
  'disk (space|full)',
  'spam|junk mail|bulk mail',
  'black ?list|block ?list|blocked|dnsbl|rbl\\b|banned|reputation|(?<!not )listed (at|by|in|on)\\b',
  'reverse dns|ptr record|ip name lookup|\\bptr\\b|resolve your|fix reverse',
  '\\b(spf|dkim|dmarc)\\b|unauthenticated|authentication (information|required)|pretend',
  'polic(y|ies)',
  'virus|malware',
  'relay(ing)? (access |not )?(denied|permitted|prohibited)|not permitted to relay',
  'time(d)? ?out|expired|too long|multiple retries',
  '(domain of )?sender( address)?( \\S{1,100})?( is)?( rejected|\\.\\.\\.| does not exist| verify)',
  'sender (verif|reject|domain|address)',
  'try (again )?later|found, try again|temporar(y|ily) (failure|unavailable|error|problem|deferred|rejected)|temporarily|frequency limited|rate limit',
  'access denied \\(|client host rejected|connection (refused|reset|frequency)',
  'loop|hop count|malformed|name server reply'
])

const lasting = anyOf([
  '(user|recipient|mailbox|account|address|addressee|person)( \\S{1,120})?( is| was)? (unknown|not (known|found|listed|recognized|exist))',
  '(unknown|no such|invalid|non-?existent|bad|illegal) (final delivery )?(local[ -]part|user|userid|recipient|mailbox|account|address|destination|addressee|person)',
  'unknown (local|in virtual|recipient|or illegal alias)',
  "(user|account|mailbox|address|recipient|addressee|alias)( \\S{1,120})? (does ?n[o']t|do not|did not|doesn.t|not) exist",
  "doesn't have an? \\S{1,60} account",
  "(could ?n[o']t|couldn.t) be found",
  'not listed in',
  'name is not recognized',
  'no (valid|such) (recipients?|user|mailbox|address|person)',
  'no mailbox (here|found)|mailbox (not found|unavailable)',
  'not a (valid|known) (user|mailbox|recipient|address)',
  'recipient( address)? (not found|invalid)|recipient address rejected(\\.|: (access denied|undeliverable|bad destination|user unknown|unknown))',
  'recipnotfound|recipientnotfound|ex_nouser',
  'destinataire (invalide|inconnu)',
  'no longer (on|at|with|here|in use)',
  'not our customer|has moved|moved to',
  '(host|domain)( name)?( \\S{1,120})? ?(unknown|not found|is not reachable|(does not|doesn.t) exist)',
  '(unknown|no such|illegal|invalid) (host|domain)',
  // A domain by its name.
  '[a-z0-9]\\.[a-z]{2,24} (does not|doesn.t) exist',
  '(host|domain) (does not|doesn.t) accept (any )?(e-?)?mail',
  'unroutea?ble|no route to (host|domain)|nxdomain|cannot resolve|name or service not known',
  'no mx|mx record|mail exchanger|no smtp service|null ?mx',
  'dns lookup failure',
  'usuario (desconocido|no existe)|no existe (el|la) (usuario|direcci|cuenta|buz)',
  'utilisateur inconnu|empfänger unbekannt|benutzer unbekannt|unbekannter (empfänger|benutzer)',
  'destinatario sconosciuto|onbekende gebruiker|desconhecido|存在しません|見つかりません|不存在'
])

function anyOf(patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join('|'), 'iu')
}
