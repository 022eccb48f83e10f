/** Bounds of the telephone channel, each with its reason. */

/** Bytes: a call's forty parameters are 3 KB; a transcription of two minutes adds 10. */
export const MAX_BODY_BYTES = 64 * 1024
/**
 * An hour of sound as Twilio stores it (8 kHz, 16 bit) is 58 MB; with both ends recorded
 * separately, twice that.
 */
export const MAX_RECORDING_BYTES = 128 * 1024 ** 2
/** The provider's record of a call is 2 KB of JSON. */
export const MAX_CALL_BYTES = 64 * 1024
/** A message shorter than this, in seconds, is a breath or a click. */
export const LEAST_SECONDS = 3
/** Characters of one number or name. */
export const MAX_LABEL = 200
