/** Bounds on what a form may bring. Each is met exactly by the largest thing accepted; one more is refused with a page that says so. */

/** Files in one contact: a few photos of a pothole, a letter and its pages. */
export const MAX_FILES = 5
/** All files together: five phone photos at 2 MB; the form's hint names this number. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024
/** All typed text together: some 500 pages. Each field has its own smaller bound in the form's file. */
export const MAX_TEXT_BYTES = 1024 * 1024
/** A form has at most 100 fields; the rest is room for the hidden ones and for answers given more than once. */
export const MAX_FIELDS = 200
/** Boundaries and headers of 205 parts at about 300 bytes, with room; urlencoded text of 1 MiB needs three times that. */
const PART_OVERHEAD = 1024 * 1024
/** The request body as a whole; checked before anything is parsed. */
export const MAX_BODY_BYTES = MAX_FILE_BYTES + MAX_TEXT_BYTES + PART_OVERHEAD
/** Urlencoded bodies carry no files; each byte of text takes at most three. */
export const MAX_URLENCODED_BYTES = 3 * MAX_TEXT_BYTES
/** A file's name; what is longer is cut in the envelope, the original keeps it. */
export const MAX_NAME_LENGTH = 255

/** Hours a form may stay open before it has to be loaded again. */
export const TOKEN_HOURS = 24

/** Requests of one address in a minute: a library's, a shelter's or a phone company's shared address must not run into it. */
export const POSTS_PER_MINUTE = 120
export const VIEWS_PER_MINUTE = 600
/** Status look-ups: generous to people, useless for guessing 85-bit codes. */
export const STATUS_PER_MINUTE = 30
