import { Resolver } from 'node:dns/promises'
import type { DNSResolver } from 'mailauth'
import { authenticationLimits } from '../limits.ts'

/** Answers that say that nothing is there, or that the asked server cannot tell. */
const answers = new Set(['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'ENOTIMP', 'EFORMERR'])

/** The name service for one mail: so many questions, for so long. */
export interface BoundedResolver {
  readonly resolve: DNSResolver
  /** Whether it asked at all, and whether any server answered anything. */
  readonly asked: boolean
  readonly answered: boolean
  close(): void
}

/**
 * Asks `servers`, or those of the system if there are none. After its time or its questions are
 * used up each further one fails at once as if it had timed out, so that the check ends.
 */
export function boundedResolver(
  servers: readonly string[],
  limits: { readonly ms: number; readonly questions: number } = authenticationLimits
): BoundedResolver {
  const resolver = openResolver(servers)
  let left = limits.questions
  let answered = false
  const timer = setTimeout(() => {
    left = 0
    resolver.cancel()
  }, limits.ms)
  const resolve = async (name: string, type: string): Promise<string[][] | string[]> => {
    if (left <= 0) throw timedOut()
    left -= 1
    try {
      const found = (await resolver.resolve(name, type)) as string[][] | string[]
      answered = true
      return found
    } catch (error) {
      const { code = '' } = error as { code?: string }
      if (answers.has(code)) answered = true
      throw code === 'ENOTFOUND' || code === 'ENODATA' ? error : timedOut()
    }
  }
  return {
    resolve,
    get asked() {
      return left < limits.questions
    },
    get answered() {
      return answered
    },
    close() {
      clearTimeout(timer)
      resolver.cancel()
    }
  }
}

/**
 * Whether a name service answers at all, whatever the mails' senders do with theirs: the root is
 * known to every one.
 */
export async function isAnswering(servers: readonly string[]): Promise<boolean> {
  const root = boundedResolver(servers, { ms: authenticationLimits.tryMs, questions: 1 })
  await root.resolve('.', 'NS').catch(() => undefined)
  root.close()
  return root.answered
}

function openResolver(servers: readonly string[]): Resolver {
  const resolver = new Resolver({ timeout: authenticationLimits.tryMs, tries: 2 })
  if (servers.length > 0) resolver.setServers(servers)
  return resolver
}

function timedOut(): Error {
  return Object.assign(new Error('the name service did not answer'), { code: 'ETIMEOUT' })
}
