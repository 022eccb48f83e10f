/** Every bound of the mail channel, each with its reason. Ordinary mail stays far below all of them. */

const KiB = 1024
const MiB = 1024 * KiB

/** Bounds of reading one mail. Over one of them the mail is quarantined for a person, its place kept. */
export const readLimits = {
  /** MIME parts, containers included. A mail with a hundred photos has about 105; each part costs a node and its headers. */
  parts: 500,
  /** Containers inside each other. Forwarding adds one or two levels; a client's own structure is at most five deep. */
  depth: 30,
  /** Header bytes of one part. The longest seen in practice is a 60 KiB recipient list; every line is parsed and kept. */
  headerBytes: 256 * KiB,
  /** Documents out of one mail; every one is stored, hashed and read on its own. */
  documents: 200,
  /** Bytes of all decoded parts together. Decoding never adds bytes, so this is over any SMTP_MAX_BYTES in ordinary use. */
  decodedBytes: 200 * MiB,
  /** Characters of text: a novel. Matching and duplicate detection read all of it. */
  textLength: 2_000_000,
  /** Characters of HTML converted to text, embedded images already taken out; conversion runs at about 20 MB/s. */
  htmlLength: 2_000_000,
  /** Open elements inside each other. The converter is quadratic in the depth (200,000 levels take 9 s); browsers flatten at 512. */
  htmlDepth: 1_000,
  /** Start tags of one HTML text: those with an optional end may nest where they should not, and this many cost 0.8 s at worst. */
  htmlTags: 60_000
} as const

/** Bounds of what is copied from headers: over them the rest is left out, the original keeps everything. */
export const headerLimits = {
  /** Values kept of one header name (Received lines, mostly). */
  values: 20,
  /** Characters kept of one value in evidence: RFC 5322 lets a line have 998. */
  valueLength: 1_000,
  /** Characters of a subject. */
  subjectLength: 2_000,
  /** Characters of one address header that are parsed: 500 recipients. */
  addressLength: 40_000,
  /** Addresses taken from one header. */
  addresses: 500,
  /** Characters of a document's name: what file systems hold (255 bytes) with room for an extension. */
  nameLength: 150,
  /** Reply tokens taken from one mail. */
  tokens: 20,
  /** Bytes of a returned original, or of a bounce's text, that are searched for our tokens. */
  tokenBytes: 128 * KiB
} as const

/** Bounds of the SMTP service. All refusals are temporary (4xx): an honest sender's server tries again. */
export const smtpLimits = {
  /** Sessions at once: each costs a socket and about 30 KiB while idle. */
  connections: 200,
  /** Sessions at once from one address; a large provider's server opens about 20. */
  connectionsPerAddress: 50,
  /** New sessions a minute from one address. */
  connectionsPerMinute: 300,
  /** Mails a minute from one address: a provider's busiest relay in a campaign, not a flood. */
  messagesPerMinute: 1_200,
  /** Failed sign-ins a minute from one address; each costs 60 ms and 32 MiB of scrypt. */
  failedAuthPerMinute: 10,
  /** Recipients of one mail, as RFC 5321 section 4.5.3.1.8 requires at least. */
  recipients: 100,
  /** Bytes of mails being received, over all sessions, so that slow senders cannot fill the memory. */
  bytesInFlight: 256 * MiB,
  /** Silence after which a session is closed: the 5 minutes of RFC 5321 section 4.5.3.2.7. */
  idleMs: 5 * 60_000,
  /** One mail from DATA to its last byte: 40 MiB at 75 KiB/s. Slower senders hold memory for nothing. */
  dataMs: 10 * 60_000,
  /** How long a stop waits for mails in hand. */
  closeMs: 20_000,
  /** Addresses remembered for the counters per minute. */
  addresses: 20_000
} as const

export type SmtpLimits = { readonly [name in keyof typeof smtpLimits]: number }
