/**
 * Bounds of scans uploaded by a form, each with its reason, and what the page says if one is
 * exceeded.
 */
import { limits } from '../../../core/documents/limits.ts'
import type { Over, StreamBounds } from '../../../platform/http-bodies/stream-files.ts'

/** Bytes of one file: as much as the reader accepts. It is held in memory until it is stored. */
export const MAX_SCAN_BYTES = limits.documentBytes
/**
 * Files of one request: enough for a small tray with one file per page. Those of a large tray are
 * sent in several requests.
 */
export const MAX_SCANS = 100

export const scanBounds: StreamBounds = {
  fileBytes: MAX_SCAN_BYTES,
  files: MAX_SCANS,
  nameLength: 255,
  // Typed fields are two short ones.
  fields: 10,
  fieldBytes: 4096,
  // Beyond the files that are kept, the page names those that were not. A body with more parts than
  // this is no tray.
  parts: 2_000
}

export function sayOver(over: Over): string {
  if (over.bound === 'files')
    return `Only the first ${MAX_SCANS} files were kept. Send the rest in another go.`
  return `${over.name}: larger than ${MAX_SCAN_BYTES / 1024 ** 2} MB, so it was not kept. Scan it in parts.`
}
