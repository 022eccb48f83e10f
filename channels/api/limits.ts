/** Bounds on what another system may hand in as one contact. Each is met exactly by the largest thing accepted. */

/** A conversation's pictures, a letter's pages. */
export const MAX_FILES = 20
/** All files together, as bytes; the same as a form's. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024
/** Characters of the text: some 500 pages. */
export const MAX_TEXT = 1_000_000
/** Base64 takes four thirds; text of a million characters at most 6 bytes each in JSON; room for the rest. */
export const MAX_BODY_BYTES = Math.ceil(MAX_FILE_BYTES * 4 / 3) + 6 * MAX_TEXT + 512 * 1024
/** What is not a file: the `contact` part of a multipart body. */
export const MAX_CONTACT_BYTES = 6 * MAX_TEXT + 512 * 1024
/** A contact, its files, and a few that browsers' libraries add empty. */
export const MAX_PARTS = 2 * MAX_FILES
/** A file's name, characters. */
export const MAX_NAME = 255
