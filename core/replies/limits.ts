/** Upper bounds of what staff write to residents and to each other. */

/** Longest reply or note, in characters: some five pages. */
export const REPLY_LIMIT = 20_000
export const SUBJECT_LIMIT = 200
/** A postal address has at most some eight lines. */
export const ADDRESS_LIMIT = 500

export const replyFiles = {
  /** More than a handful belongs on a page of the agency's. */
  count: 10,
  /**
   * Bytes of all files of one reply. Most mail systems take 25 MB a mail, and base64 adds a third;
   * 15 MB become 20.
   */
  bytes: 15 * 1024 ** 2,
  nameLength: 120
}
