import { rates } from '../../platform/limits/rates.ts'

/** All bounds of the mail channel, each with its reason. Ordinary mail stays far below them. */

const KiB = 1024
const MiB = 1024 * KiB

/**
 * Bounds of reading one mail. A mail over one of them is quarantined for a person and keeps its
 * place.
 */
export const readLimits = {
  /**
   * MIME parts, including containers. A mail with a hundred photos has about 105; each part costs a
   * node and its headers.
   */
  parts: 500,
  /**
   * Nesting of containers. Forwarding adds one or two levels; a client's own structure is at most
   * five deep.
   */
  depth: 30,
  /**
   * Header bytes of one part. The longest seen in practice is a 60 KiB recipient list; every line
   * is parsed and kept.
   */
  headerBytes: 256 * KiB,
  /**
   * Nesting of forwarded mails, and of signed envelopes around parts. What lies deeper is kept as
   * an unopened document.
   */
  enclosed: 5,
  /**
   * Nesting and blocks of an S/MIME envelope. A signature with its certificates has 300 blocks; 40
   * MiB in pieces of 1 KiB are 40,000.
   */
  cmsDepth: 50,
  cmsNodes: 100_000,
  /** Bytes of an invitation that is put into words. */
  calendarBytes: 1 * MiB,
  /** Bytes of visiting cards, and how many of a file: an address book has thousands. */
  cardBytes: 256 * KiB,
  cards: 50,
  /** Bytes of rich text: a mail of ten pages has 100 KiB; it is read at 8 MB/s. */
  rtfBytes: 4 * MiB,
  /** Documents of one mail; each is stored, hashed and read by itself. */
  documents: 200,
  /**
   * Bytes of all decoded parts together. Decoding never adds bytes, so in ordinary use this is
   * above any SMTP_MAX_BYTES.
   */
  decodedBytes: 200 * MiB,
  /** Characters of text: the length of a novel. Matching and duplicate detection read all of it. */
  textLength: 2_000_000,
  /**
   * Characters of a text whose new words are told apart from its history, and kept beside it: 20
   * pages, a thread of a hundred mails.
   */
  partedLength: 100_000,
  /**
   * Bytes of UTF-7 text, which take 0.6 µs each to decode. A mail of ten pages has 30 KiB, and
   * UTF-7 has been out of use for twenty years.
   */
  utf7Bytes: 256 * KiB,
  /**
   * Characters of HTML converted to text, without embedded images; conversion runs at about 20
   * MB/s.
   */
  htmlLength: 2_000_000,
  /**
   * Nesting of open elements. Each costs memory, and end tags are searched among them. Browsers
   * stop nesting at 512.
   */
  htmlDepth: 1_000,
  /** Start tags of one HTML text. A long newsletter has 5,000; styles are looked up for each. */
  htmlTags: 60_000
} as const

/** Bounds of what is copied from headers. The rest is left out; the original has everything. */
export const headerLimits = {
  /** Values kept per header name (mostly Received lines). */
  values: 20,
  /** Characters kept per value as evidence; RFC 5322 allows a line 998. */
  valueLength: 1_000,
  /** Characters of a subject. */
  subjectLength: 2_000,
  /** Characters parsed of one address header: 500 recipients. */
  addressLength: 40_000,
  /** Addresses taken from one header. */
  addresses: 500,
  /**
   * Characters of a document's name: what file systems allow (255 bytes), with room for an
   * extension.
   */
  nameLength: 150,
  /** Reply tokens taken from one mail. */
  tokens: 20,
  /** Bytes of a returned original, or of a bounce's text, that are searched for our tokens. */
  tokenBytes: 128 * KiB
} as const

/**
 * Bounds of the SMTP service. All refusals are temporary (4xx), so that an honest sender's server
 * tries again.
 */
export const smtpLimits = {
  /** Sessions at once. Each costs a socket and about 30 KiB while idle. */
  connections: 200,
  /** Sessions at once from one address. A large provider's server opens about 20. */
  connectionsPerAddress: 50,
  connectionsPerMinute: rates.mailSessions,
  messagesPerMinute: rates.mails,
  /** Recipients of one mail: the least that RFC 5321 section 4.5.3.1.8 allows. */
  recipients: 100,
  /**
   * Bytes of mails being received, over all sessions, so that slow senders cannot fill the memory.
   */
  bytesInFlight: 256 * MiB,
  /** Silence in ms after which a session is closed: the 5 minutes of RFC 5321 section 4.5.3.2.7. */
  idleMs: 5 * 60_000,
  /**
   * Longest time in ms from DATA to the last byte: 40 MiB at 75 KiB/s. Slower senders would hold
   * memory too long.
   */
  dataMs: 10 * 60_000,
  /** How long a stop waits for mails being received, in ms. */
  closeMs: 20_000,
  /** Addresses kept by the counters per minute. */
  addresses: 20_000
} as const

export type SmtpLimits = { readonly [name in keyof typeof smtpLimits]: number }

/** Bounds of asking the network who vouches for a mail. Over one of them, the verdict says so. */
export const authenticationLimits = {
  /** Time in ms for all questions of one mail. Name servers answer in 20 to 200. */
  ms: 2_000,
  /** And for one try of one of them. */
  tryMs: 700,
  /**
   * Questions of one mail. Two signatures, a sender with all the ten that SPF allows, and DMARC's
   * walk up a name need 30.
   */
  questions: 60,
  /** Signatures and seals of one mail; each is a computation. A mail through two lists has five. */
  signatures: 20,
  /**
   * Bytes of a mail times its signatures, each of which may be over another length of it: 10 MB of
   * it take a second.
   */
  signedBytes: 50 * MiB,
  /**
   * Lines of a mail, and bytes of the longest. mailauth takes each line by itself and joins the
   * pieces of long ones: 40 MiB of base64 have 550,000 lines; as one line they take over a minute.
   */
  lines: 1_000_000,
  lineBytes: 100_000,
  /** Mails being checked at once, each waiting for name servers, and their bytes together. */
  atOnce: 100,
  bytes: 128 * MiB,
  /** Heap of the process in MB. The mails themselves lie outside of it. */
  heapMb: 256,
  /** After this long, in ms, something computes instead of waiting, and the process is ended. */
  guardMs: 10_000,
  /** The same for one that has yet to start, which takes far longer on a busy machine. */
  startMs: 30_000,
  /** A process with nothing to do gives its memory back after this long, in ms. */
  idleMs: 60_000,
  /** Where no name service answers, none is asked for this long, in ms. */
  restMs: 30_000
} as const

/** Bounds of pulling mailboxes. The largest mail is SMTP_MAX_BYTES here too. */
export const pullLimits = {
  /**
   * Mailboxes drained at once by a process. Each holds a database connection while it is drained, of
   * the twelve that there are.
   */
  atOnce: 3,
  /** Messages written down together. So many are taken again after a kill, and recognised. */
  batch: 50,
  /** What is kept of a mail over the limit: its header, and enough text to see who wrote. */
  startBytes: 1 * MiB,
  /** A list of two million messages has 20 MB; no other line is long. */
  lineBytes: 32 * MiB,
  connectMs: 20_000,
  /** Silence in ms after which a connection is given up; IDLE is begun anew within it. */
  silenceMs: 10 * 60_000,
  /** IDLE begins when nothing was asked for so long, and is renewed before routers forget it. */
  idleAfterMs: 300,
  idleMs: 4 * 60_000,
  /** A server that announces nothing is looked at so often. */
  lookAgainMs: 60_000,
  /** When another process had the mailbox in hand. */
  othersMs: 10_000,
  /** How soon a change of mailboxes.yaml is followed. */
  followMs: 2_000,
  /** Longest wait in seconds that a server may ask for; it is asked again then. */
  askedToWaitS: 15 * 60,
  /** A token is renewed so long before its end: longer than a request takes, and clocks differ. */
  renewTokenMs: 5 * 60_000,
  /** Messages told of by Microsoft Graph in one answer; each has 300 bytes. */
  graphPage: 200,
  /** Graph gives no more of them in one answer, whatever is asked for. */
  graphPageMost: 1_000,
  /** Answers to a list, after which it is given up: two million messages. */
  graphPages: 10_000,
  /** Bytes of an answer that is not a mail: a full page has 300 KB. */
  graphAnswerBytes: 4 * MiB,
  /** Silence after which Graph is given up; it takes half a minute to write down a large mail. */
  graphSilenceMs: 90_000,
  /** Characters of a link that leads on. They have some hundred, and grow with the mailbox. */
  linkLength: 8_000,
  /** Characters of the name of a message; they have about 150. */
  messageIdLength: 500,
  /** Characters of a token: those of Microsoft have 2,000. */
  tokenLength: 16_000,
  /** Characters kept of what a server says about an error. */
  saidLength: 200
} as const
