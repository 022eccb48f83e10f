/** What the service that sends our mail says became of one: an event of its own, not a mail. */
export interface MailReport {
  /** Signed tokens of ours in what it names of the mail. */
  readonly tokens: readonly string[]
  /** Ids of the agency's answers it is about. If empty, it is about a receipt. */
  readonly answers: readonly string[]
  /** `failed`: it will reach nobody. `complaint`: the person reported it as unwanted. */
  readonly outcome: 'failed' | 'delayed' | 'delivered' | 'complaint'
  /** The status by RFC 3463, such as 5.1.1. */
  readonly status?: string
  /** Of a failure: whether the address itself is no good. */
  readonly lasting?: boolean
}

/** `early`: the mail is not yet written down as sent, so that the service has to say it again. */
export type Noted = 'noted' | 'early'
