/**
 * The program of the process that checks who vouches for mails. Many are under way at once, because
 * nearly all of their time is waiting for name servers. Its arguments are those servers.
 */
import { endWithParent } from '../../../platform/end-with-parent.ts'
import { boundedResolver, isAnswering } from './resolver.ts'
import {
  authenticationOf,
  hasOrdinaryLines,
  reasons,
  unchecked,
  type Authentication,
  type Delivered
} from './verdict.ts'

export interface Question extends Delivered {
  readonly id: number
}

export interface Answer {
  readonly id: number
  readonly verdict: Authentication
  /** True if no name service answers; asking for more mails is of no use for a while. */
  readonly silent: boolean
}

endWithParent()
process.on('unhandledRejection', () => undefined)
const servers = process.argv.slice(2)

async function answer({ id, ...mail }: Question): Promise<Answer> {
  if (!hasOrdinaryLines(Buffer.from(mail.bytes)))
    return { id, verdict: unchecked(reasons.lines), silent: false }
  const resolver = boundedResolver(servers)
  try {
    const verdict = await authenticationOf(withLineEnds(mail), resolver.resolve)
    const silent = resolver.asked && !resolver.answered && !(await isAnswering(servers))
    return { id, verdict: silent ? unchecked(reasons.silent) : verdict, silent }
  } catch {
    return { id, verdict: unchecked(reasons.broken), silent: false }
  } finally {
    resolver.close()
  }
}

/**
 * Lines that end by LF alone are signed as if by CRLF; mailauth takes each such line by itself,
 * which is slow.
 */
function withLineEnds(mail: Delivered): Delivered {
  const text = Buffer.from(mail.bytes).toString('latin1')
  if (!/(?<!\r)\n/.test(text)) return mail
  return { ...mail, bytes: Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1') }
}

process.on('message', (question: Question) => {
  void answer(question).then((found) => process.send?.(found))
})
process.send?.({ ready: true })
