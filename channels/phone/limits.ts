/** Bounds of the telephone channel, each with its reason. */

/** A call's forty parameters are 3 KB; a transcription of two minutes adds 10. */
export const MAX_BODY_BYTES = 64 * 1024
/** Twilio posts from many addresses, a proxy shows them as one: six requests a call, a thousand calls a minute. */
export const PER_MINUTE = 6_000
/** An hour of telephone sound as Twilio keeps it (8 kHz, 16 bit) is 58 MB; both ends apart twice that. */
export const MAX_RECORDING_BYTES = 128 * 1024 ** 2
/** The provider's record of a call is 2 KB of JSON. */
export const MAX_CALL_BYTES = 64 * 1024
/** A message this short, in seconds, is a breath or a click. */
export const LEAST_SECONDS = 3
/** Characters of one number or name. */
export const MAX_LABEL = 200
