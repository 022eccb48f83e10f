/** Bounds on one contact from another system. A contact that meets each exactly is accepted. */

/** Files of one contact: a conversation's pictures, a letter's pages. */
export const MAX_FILES = 20
/** Bytes of all files together; the same as for a form. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024
/** Characters of the text: some 500 pages. */
export const MAX_TEXT = 1_000_000
/**
 * Bytes: base64 makes files a third longer, and a million characters take at most 6 bytes each in
 * JSON; 512 KB for the rest.
 */
export const MAX_BODY_BYTES = Math.ceil((MAX_FILE_BYTES * 4) / 3) + 6 * MAX_TEXT + 512 * 1024
/** Bytes of the `contact` part of a multipart body. */
export const MAX_CONTACT_BYTES = 6 * MAX_TEXT + 512 * 1024
/** The contact, its files, and a few empty parts that some client libraries add. */
export const MAX_PARTS = 2 * MAX_FILES
/** Characters of a file's name. */
export const MAX_NAME = 255
