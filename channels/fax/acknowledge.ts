import type { Undeliverable } from '../../core/channel.ts'

/**
 * Nothing is faxed back: there is no outgoing fax service, the caller's number may be withheld or forged, and a line that sends is often none that
 * receives. What is owed to the sender stays owed and is told at the desk, where a slip with the receipt can be printed for the answer by post.
 */
export function acknowledge(): Undeliverable {
  return { undeliverable: 'a fax cannot be answered by fax here; print the slip with the receipt for the answer by post' }
}
