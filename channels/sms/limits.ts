/** Bounds of the text channel, each with its reason. */

/**
 * Bytes: a joined text has 1,600 characters, at most 19 KB written as %XX; ten media addresses and
 * WhatsApp's extra fields add 10 KB.
 */
export const MAX_BODY_BYTES = 64 * 1024
/** Twilio sends at most ten. */
export const MAX_MEDIA = 10
/** Twilio accepts 5 MB per message; pictures of messengers go up to 16. */
export const MAX_MEDIA_BYTES = 32 * 1024 ** 2
/** Other numbers in a group: Twilio allows ten in all, carriers up to twenty. */
export const MAX_OTHERS = 20
/** Characters kept as text: Twilio allows 1,600, messengers 4,096. The original keeps the rest. */
export const MAX_TEXT = 20_000
/** Characters of one number or name. */
export const MAX_LABEL = 200
