/**
 * What a page can ask about addresses of residents: to be told of news by one, or to read the
 * agency's answers, after a code that was sent there.
 */

/** How a code can be sent. */
export const codeWays = ['mail', 'text'] as const
export type CodeWay = (typeof codeWays)[number]
export type ProofPurpose = 'updates' | 'answer'

export interface CodeAddress {
  readonly way: CodeWay
  /** A mailbox, or a number as E.164. */
  readonly address: string
}

export interface CodeRequest extends CodeAddress {
  readonly contactId: string
  readonly purpose: ProofPurpose
  /** The language of the page that asked for it. */
  readonly language: string
}

export interface AddressProof extends CodeAddress {
  readonly purpose: ProofPurpose
  /** Tries that are left; 0 also for a code whose time is over. */
  readonly triesLeft: number
  /** How long asking again sends no second code; 0 where it sends one. */
  readonly secondsToNext: number
  /** How long the code is good; 0 for one whose time is over, or that was used. */
  readonly secondsLeft: number
  /**
   * What became of its message: `waiting` to be sent, `sent`, `filed` (written to a file, as no way
   * to send is set up) or `failed` (never sent, or not delivered).
   */
  readonly sending: 'waiting' | 'sent' | 'filed' | 'failed'
}

export interface AskedCode {
  readonly proofId: string
  /** It was asked for just before: that code is on its way, and none was sent now. */
  readonly sentBefore: boolean
}

export interface ReadableAnswer {
  readonly answerId: string
  /** When it was sent, or written where it never was. */
  readonly at: Date
  readonly fate: 'sent' | 'filed' | 'returned'
  /** The case it stands in now; null for one to a campaign whose message has none. */
  readonly caseId: string | null
  readonly subject: string
  readonly text: string
  readonly files: readonly { readonly position: number; readonly name: string }[]
}

export interface AddressProofs {
  /** By which ways a code can be sent: those that are set up. */
  readonly ways: readonly CodeWay[]
  /** Addresses given in the contact that a code can reach, at most ten. */
  addressesOf(contactId: string): Promise<CodeAddress[]>
  /** What was typed as an address; undefined where no code can be sent to it. */
  addressFrom(typed: string): CodeAddress | undefined
  /** Sends a code; "spent" where today's codes are used up. */
  ask(request: CodeRequest): Promise<AskedCode | 'spent'>
  /** A proof of this contact; undefined for every other id. */
  find(contactId: string, proofId: string): Promise<AddressProof | undefined>
  /** Counts a try. Right means that the address is proved from now on. */
  check(contactId: string, proofId: string, code: string): Promise<'right' | 'wrong' | 'over'>
  /** Answers to whoever proved an address lately by this proof; undefined without one. */
  answers(contactId: string, proofId: string): Promise<ReadableAnswer[] | undefined>
  /** A file of one of these answers. */
  answerFile(
    contactId: string,
    proofId: string,
    file: { readonly answerId: string; readonly position: number }
  ): Promise<{ name: string; mediaType: string; content: Uint8Array } | undefined>
  /** Whether a link for stopping updates is ours. */
  knowsStopLink(token: string): boolean
  /** Stops the updates that a link is for; false where it is not ours. */
  stopUpdates(token: string): Promise<boolean>
}
