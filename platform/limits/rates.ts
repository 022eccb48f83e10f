/**
 * All rate limits of the product. A limit counts what one person or one program does: a wrong
 * guess, a browser's form, a key. A town behind one address, a library or a proxy never reaches
 * one, and what protects the machine itself (`flood`) is far above what a town does.
 * docs/administrator.md has the same table; a test compares the two.
 */
export const rates = {
  /**
   * Requests per minute of one address to one kind of page: 200 a second, as much as two cores
   * serve. Beyond: 429 until the minute is over.
   */
  flood: 12_000,
  /**
   * Contacts per minute from one browser (the form's own cookie): enough for somebody who helps
   * others fill in forms, too few for a program.
   */
  formsPerBrowser: 30,
  /**
   * Wrong receipts per minute from one address. Beyond, wrong ones get 429; a right one is still
   * shown.
   */
  wrongReceipts: 60,
  /** Wrong API keys per minute from one address. A right one still works. */
  wrongKeys: 60,
  /** Invalid set-up links per minute from one address. A right one still works. */
  wrongLinks: 30,
  /**
   * Requests per minute of one API key, unless it was given another number: ten a second, enough
   * for the chat system of a large city.
   */
  perKey: 600,
  /**
   * Deliveries without the provider's signature that one process keeps per minute. Signed ones are
   * not counted.
   */
  held: 300,
  /**
   * Bytes of those deliveries per minute: the largest fax and some more, or a hundred of the usual
   * size.
   */
  heldBytes: 32 * 1024 ** 2,
  /**
   * Mails per minute from one address, which may be the spam filter of the whole town: 100 a
   * second. Beyond: 451, and the sender's server tries again.
   */
  mails: 6_000,
  /** New SMTP sessions per minute from one address. */
  mailSessions: 3_000,
  /** Failed SMTP sign-ins per minute from one address; each costs 60 ms and 32 MiB of scrypt. */
  mailSignIns: 10,
  /** Certificates of Amazon that one process fetches per minute; any forged notice can name one. */
  mailCertificates: 10
} as const

/**
 * Signing in at the desk. Nobody can lock another person's account: a pause applies to one pair of
 * account and address, or of account and browser.
 */
export const signInRates = {
  /** Failures without a pause, because people mistype. */
  freeFailures: 5,
  /** Pause after the next failure, in seconds. Each further failure doubles it. */
  firstPause: 30,
  longestPause: 900,
  /**
   * Failures at one account within an hour, from anywhere. Beyond, an attempt from an unknown
   * browser is answered later but never refused.
   */
  slowFrom: 30,
  /** How much later, in ms: hardly noticed by a person, but useless for a program that guesses. */
  slowMs: 2_000,
  /**
   * Attempts delayed at once in one process. Further ones from unknown browsers get 429. Each holds
   * a socket and little else.
   */
  slowAtOnce: 200
} as const

/**
 * Codes that show whose an address is. Nobody can have more sent to somebody else than these, and fifty
 * tries a day at six digits stay hopeless.
 */
export const codeRates = {
  /** Codes a day to one address or number, whatever receipt they are asked for with. */
  codesPerAddress: 5,
  /** Codes a day with one receipt, to whatever address. */
  codesPerReceipt: 10,
  /** Tries at one code. */
  codeTries: 5,
  /** How long a code is good: mail is seldom slower. */
  codeMinutes: 10,
  /** How long the answers stay open in the browser in which a right code was typed. */
  openMinutes: 30
} as const

/**
 * Receipts per day. Beyond, the contact is served like any other, and the reason why no receipt was
 * sent is recorded.
 */
export const replyRates = {
  /**
   * To one address, ignoring "+" and what follows: more than a person needs; two machines answering
   * each other reach it in seconds.
   */
  perAddress: 20,
  /** To all addresses that differ only after "+" or in a long number, as programs generate them. */
  perFamily: 5,
  /** To one domain, for the same text from addresses that programs use. */
  perSameText: 3,
  /** To one domain, for texts whose words show that they are automatic answers. */
  perAnsweringSystem: 3
} as const
