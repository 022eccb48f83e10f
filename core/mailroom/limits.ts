/** Bounds of a batch; beyond them the clerk logs another tray, nothing is lost. */
export const mailroomLimits = {
  /** A feeder holds 500 sheets of two sides; this is ten loads of it, and the lot is one HMAC a sheet. */
  sheets: 10_000,
  /** Files of one batch: a scanner set to a file a page, for a day's tray. */
  scans: 2_000,
  /** Characters of a scan's name, note, location, sender: labels, not letters. */
  label: 300,
  note: 2_000,
  /** Separator sheets made at once. */
  separators: 500,
  enclosures: 100,
  /** Letters released while the caller waits; more are left to the worker. */
  releaseAtOnce: 20
} as const
