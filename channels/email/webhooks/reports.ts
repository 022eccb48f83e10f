/** What services say became of mail that we sent through them. */
import type { MailReport } from '../../../core/intake/mail-report.ts'
import { isLasting } from '../lasting.ts'
import { answersNamed, asNamed, returnedTokens } from '../tokens.ts'

interface Said {
  readonly outcome: MailReport['outcome']
  /** The status by RFC 3463, or what begins with one. */
  readonly status?: string | null | undefined
  /** What the other server answered, or the service's own reason. */
  readonly answer?: string | null | undefined
  /** The service's own word on a failure, where the answer says nothing. */
  readonly lasting?: boolean
}

/**
 * The report, if it is about mail of ours: the town may send other mail by the same account.
 * @param names what names the mail: its Message-ID, or a value that we gave it
 */
export function reportOn(
  names: readonly (string | null | undefined)[],
  { outcome, status, answer, lasting }: Said
): MailReport[] {
  const named = asNamed(names.filter((name) => typeof name === 'string'))
  const tokens = returnedTokens(named.join(' '), [])
  if (tokens.length === 0) return []
  const code = statusIn(status ?? '') ?? statusIn(answer ?? '')
  return [
    {
      tokens,
      answers: answersNamed(named),
      outcome,
      ...(code ? { status: code } : {}),
      ...(outcome === 'failed'
        ? { lasting: answer || code ? isLasting(code, answer ?? '', '') : lasting === true }
        : {})
    }
  ]
}

function statusIn(text: string): string | undefined {
  return /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(text.slice(0, 2_000))?.[0]
}
