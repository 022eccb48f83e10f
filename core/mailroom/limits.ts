/** Bounds of one batch. What exceeds them goes into another tray, so nothing is lost. */
export const mailroomLimits = {
  /**
   * A feeder holds 500 sheets of two sides, so this is ten loads. Drawing the lot costs one HMAC a
   * sheet.
   */
  sheets: 10_000,
  /** Files of one batch: enough for a day's tray and a scanner that makes one file a page. */
  scans: 2_000,
  /** Characters of a scan's name, a note, a location or a sender; these are labels, not letters. */
  label: 300,
  note: 2_000,
  /** Separator sheets made in one request. */
  separators: 500,
  enclosures: 100,
  /** Letters released while the caller waits. If there are more, a worker releases them. */
  releaseAtOnce: 20
} as const
