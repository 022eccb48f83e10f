/** Bounds of mail that services push to us, each with its reason. */

const KiB = 1024
const MiB = 1024 * KiB

/** Bytes of a request besides the mail: headers and texts that the service took out of it. */
export const FRAME_BYTES = 1 * MiB
/** Fields of a form. Mailgun sends each header of a mail as one. */
export const MAX_FIELDS = 1_000
/** Files of a form, where a service takes the mail apart. */
export const MAX_FILES = 200
/** Events of one request. SendGrid posts what it has each second, or 768 KB of it: about 1,500. */
export const MAX_EVENTS = 3_000
/** Characters of a service's verdict, and of its id, that are kept. */
export const MAX_FACT = 200
/** A certificate of Amazon's has 2 KB. */
export const MAX_CERTIFICATE_BYTES = 32 * KiB
/** Certificates kept; Amazon changes its own about once a year. */
export const MAX_CERTIFICATES = 20
/** What Amazon answers to a confirmed subscription has half a KB. */
export const MAX_CONFIRMATION_BYTES = 64 * KiB
/**
 * Mailgun tries for 8 hours, and its signature covers no more than the time and a token. An older
 * one is no try of its own any more.
 */
export const MAILGUN_WINDOW_MS = 9 * 3_600_000
/** By how much its clock may be before ours. */
export const CLOCK_SLACK_MS = 10 * 60_000
