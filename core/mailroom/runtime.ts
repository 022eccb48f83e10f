import type { ContactAcceptor } from '../intake/accept.ts'
import type { Runtime } from '../runtime.ts'

/**
 * What the mailroom works with. It submits letters through `acceptLetter`, which keeps their place.
 */
export interface MailroomRuntime extends Pick<
  Runtime,
  'db' | 'blobs' | 'log' | 'queues' | 'agency' | 'secret' | 'settings'
> {
  readonly acceptor: Pick<ContactAcceptor, 'acceptLetter'>
}
