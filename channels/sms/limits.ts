/** Bounds of the text channel, each with its reason. */

/** A joined text has 1,600 characters, written as %XX at most 19 KB; ten media addresses and WhatsApp's notes add 10 KB. */
export const MAX_BODY_BYTES = 64 * 1024
/** Twilio posts from many addresses, a proxy shows them as one: a storm of texts in an emergency is let in, a loop is not. */
export const PER_MINUTE = 6_000
/** Twilio sends ten at most. */
export const MAX_MEDIA = 10
/** Twilio takes 5 MB a message in; pictures of messengers go to 16. */
export const MAX_MEDIA_BYTES = 32 * 1024 ** 2
/** Longest text kept as text: Twilio's bound is 1,600, messengers' 4,096; the rest stays in the original. */
export const MAX_TEXT = 20_000
/** Characters of one number or name. */
export const MAX_LABEL = 200
