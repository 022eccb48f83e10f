/** Every bound of the fax channel, each with its reason. */

const KiB = 1024
const MiB = 1024 * KiB

/**
 * One fax. A page of fine fax is 30 to 60 KB, so this is a thousand pages; machines hang up long
 * before.
 */
export const MAX_FAX_BYTES = 64 * MiB
/** Bytes of the file that a fax server writes with a fax: a dozen short lines. */
export const MAX_SIDECAR_BYTES = 16 * KiB
/** Characters kept of any one fact about a call. */
export const MAX_FACT_LENGTH = 500
/** A Telnyx event is 1 to 2 KB. */
export const MAX_EVENT_BYTES = 64 * KiB
/**
 * Bytes of a Phaxio callback: a fax of up to 500 pages and some 2 KB about it. All of it is held in
 * memory until its signature is checked.
 */
export const MAX_CALLBACK_BYTES = 24 * MiB
/**
 * The same bound if no token is set, so that no signature can be checked: some forty pages. Phaxio
 * keeps what is refused.
 */
export const MAX_UNCHECKED_BYTES = 2 * MiB
/** Parts of a callback; the documentation has seven fields and one file. */
export const MAX_CALLBACK_FIELDS = 30
export const MAX_CALLBACK_FILES = 5
/** Bytes of all fields together. */
export const MAX_CALLBACK_FIELD_BYTES = 256 * KiB
/**
 * An unchanged but incomplete file waits this long for its writer, in ms; then it is taken as it
 * is.
 */
export const PATIENCE_MS = 10 * 60_000
/** Documents out of one gateway's mail; a fax is one file. */
export const MAX_GATEWAY_DOCUMENTS = 20
/** Characters of a gateway's own words (subject, text) that are searched and kept. */
export const MAX_GATEWAY_TEXT = 4_000
