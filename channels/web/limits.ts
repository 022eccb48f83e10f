/**
 * Bounds on what a form may send. What meets each exactly is accepted; one more is refused with a
 * page that says so.
 */

/** Files in one contact: photos of a pothole, a letter and its pages. */
export const MAX_FILES = 10
/**
 * Bytes of all files together: ten phone photos of 5 MB as they come from the camera. Browsers with
 * scripts make them smaller first. The form's hint names this number.
 */
export const MAX_FILE_BYTES = 50 * 1024 * 1024
/** Characters of what is added on a status page: as much as the town's own form takes. */
export const MAX_TEXT_LENGTH = 20_000
/**
 * Bytes of all typed text: some 500 pages. Each field has its own smaller bound in the form's file.
 */
export const MAX_TEXT_BYTES = 1024 * 1024
/**
 * A form has at most 100 fields; the rest is room for hidden fields and for answers with several
 * values.
 */
export const MAX_FIELDS = 200
/**
 * Bytes for boundaries and headers of 205 parts of about 300 bytes, with room to spare. Urlencoded
 * text of 1 MiB needs three times its size instead.
 */
const PART_OVERHEAD = 1024 * 1024
/** Bytes of the whole request body; checked before anything is parsed. */
export const MAX_BODY_BYTES = MAX_FILE_BYTES + MAX_TEXT_BYTES + PART_OVERHEAD
/** Urlencoded bodies have no files, and each byte of text takes at most three. */
export const MAX_URLENCODED_BYTES = 3 * MAX_TEXT_BYTES
/** Characters of a file's name. A longer one is cut in the envelope; the original keeps it. */
export const MAX_NAME_LENGTH = 255

/** Hours a form may stay open before it has to be loaded again. */
export const TOKEN_HOURS = 24
