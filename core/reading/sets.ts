/** Which contacts are read together, and whose come in turns. */
import { domainOf } from '../../platform/text/mail-domain.ts'
import type { RawRow } from './raw.ts'

type Origin = Pick<RawRow, 'channel' | 'source' | 'evidence'>

/** Small contacts sent to a reader process at once. */
const SET = 8

/**
 * Groups small contacts into sets for one reader each. A sender with several contacts gets sets of
 * their own, so that nobody else waits while these fail.
 */
export function setsOf<R extends Origin>(rows: readonly R[]): R[][] {
  const byOrigin = [...Map.groupBy(rows, originOf).values()]
  const single = byOrigin.filter((own) => own.length === 1).flat()
  return [single, ...byOrigin.filter((own) => own.length > 1)].flatMap((own) => chunks(own, SET))
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size)
  )
}

/**
 * Where the contact came from, as far as the transport knows. Reading alternates between origins;
 * the order of the line does not use it.
 */
export function originOf({ channel, source, evidence }: Origin): string {
  const { remoteAddress, mailFrom } = evidence
  const domain = typeof mailFrom === 'string' ? domainOf(mailFrom) : ''
  return [channel, typeof remoteAddress === 'string' ? remoteAddress : source, domain].join(' ')
}
