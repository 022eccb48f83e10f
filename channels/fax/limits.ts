/** Every bound of the fax channel, each with its reason. */

const KiB = 1024
const MiB = 1024 * KiB

/** One fax. A page of fine fax is 30 to 60 KB, so this is a thousand pages; machines hang up long before. */
export const MAX_FAX_BYTES = 64 * MiB
/** What a fax server writes beside a fax: a dozen short lines. */
export const MAX_SIDECAR_BYTES = 16 * KiB
/** Characters kept of any one fact about a call. */
export const MAX_FACT_LENGTH = 500
/** A Telnyx event is 1 to 2 KB. */
export const MAX_EVENT_BYTES = 64 * KiB
/** A Phaxio callback is the fax and some 2 KB about it. */
export const MAX_CALLBACK_BYTES = MAX_FAX_BYTES + MiB
/** Parts of a callback: seven fields and one file as documented. */
export const MAX_CALLBACK_FIELDS = 30
export const MAX_CALLBACK_FILES = 5
export const MAX_CALLBACK_FIELD_BYTES = 256 * KiB
/** Deliveries a minute from one address: a provider sends for all its customers from few. */
export const HOOKS_PER_MINUTE = 600
/** A file that stands still but is not whole waits this long for its writer, in ms; then it is taken as it is. */
export const PATIENCE_MS = 10 * 60_000
/** Documents out of one gateway's mail; a fax is one file. */
export const MAX_GATEWAY_DOCUMENTS = 20
/** Characters of a gateway's own words (subject, text) that are looked through and kept. */
export const MAX_GATEWAY_TEXT = 4_000
