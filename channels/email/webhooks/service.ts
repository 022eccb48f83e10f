/** What the mail services have in common that push mail to us by HTTP. */
import type { Settings } from '../../../config/settings.ts'
import type { ChannelRequest, Ports, RemoteFile } from '../../../core/intake/channel.ts'
import type { MailReport } from '../../../core/intake/mail-report.ts'

/** A mail as a service posted it. */
export interface PostedMail {
  /** The service's own id of it. */
  readonly id?: string
  /** The mail as it came to the service; absent if the service was not told to send it. */
  readonly raw?: Uint8Array
  /** The service stored it, and it is fetched from there. */
  readonly stored?: true
  /** MAIL FROM; empty for reports of mail servers. Absent if the service does not say. */
  readonly mailFrom?: string
  /** RCPT TO. */
  readonly recipients: readonly string[]
  /** What the service thinks of it. Evidence only: nothing is decided by it. */
  readonly verdicts?: Readonly<Record<string, string>>
  /** What the service read in it, for a person to see where the mail itself is not there. */
  readonly shown: { readonly from?: string; readonly subject?: string; readonly text?: string }
}

/** The body of one request of a service. */
export interface Posted {
  /** Absent for events that bring no mail. */
  readonly mail?: PostedMail
  /** What became of mails that the service sent for us. */
  readonly reports?: readonly MailReport[]
  /** The service's name of the event. */
  readonly event: string
  /** The values that its signature is over, or that say what is to be done. */
  readonly signed: Readonly<Record<string, string>>
}

/** A service that the settings switch on. */
export interface ServiceDoor {
  /**
   * One sentence why nothing shows that the service sent it; undefined if that is shown.
   * @param read reads the body, for a proof that stands in it; who has none causes no such work
   */
  whyUnproved(
    request: ChannelRequest,
    read: () => Promise<Posted | undefined>
  ): string | undefined | Promise<string | undefined>
  /**
   * Does what a proved event without mail asks for. @throws EvenhandError if it is to be sent again
   */
  follow?(posted: Posted): Promise<void>
}

export interface MailService {
  /** Last part of its address below /hooks/mail, and the source of what is not plain mail. */
  readonly id: string
  readonly name: string
  /** Further parts of its address. */
  readonly below?: readonly string[]
  /** How many times as long as the mail its request can be. */
  readonly factor: number
  /** Why the mail itself is not there, and what is to be switched on. */
  readonly missing: string
  /** Reads a body. It runs in a thread if the body is large. Undefined if it is none of theirs. */
  read(bytes: Uint8Array, mediaType: string): Promise<Posted | undefined>
  /** Undefined if the settings do not switch it on. */
  open(settings: Settings, ports: Pick<Ports, 'tokenIsFor'>): ServiceDoor | undefined
  /** Where to fetch the mail, for a service that only gives notice of it. */
  remoteFiles?(bytes: Uint8Array, settings: Settings): readonly RemoteFile[]
}
