/**
 * Bounds on what a client may send or ask. What meets each exactly is accepted; one more is refused
 * before anything is stored.
 */
import type { FormLimits } from '../../platform/http-bodies/form.ts'

/** Characters of a description, by the specification. */
export const MAX_DESCRIPTION = 4_000
/**
 * Characters of the short arguments: the longest possible mail address; names and numbers with room
 * to spare.
 */
export const maxLength: Readonly<Record<string, number>> = {
  email: 254,
  first_name: 200,
  last_name: 200,
  phone: 40,
  device_id: 200,
  account_id: 200,
  address_string: 1_000,
  address_id: 200,
  media_url: 2_000
}
/** Characters of one answer to an attribute: as long as a message in our own form. */
export const MAX_ANSWER = 20_000
/** A service has at most 100 attributes with at most 200 values; clients send a few dozen. */
const MAX_FIELDS = 500

/** All text together is some 250 pages; files are a few photos. */
export const formLimits: FormLimits = {
  fields: MAX_FIELDS,
  textBytes: 512 * 1024,
  files: 5,
  fileBytes: 10 * 1024 ** 2,
  nameLength: 255
}
/** Urlencoded text takes up to three bytes per byte; multipart headers take less than that. */
export const MAX_BODY_BYTES = formLimits.fileBytes + 3 * formLimits.textBytes

/** Bytes of a picture fetched from an allowed host. */
export const MAX_PICTURE_BYTES = 10 * 1024 ** 2

/** By the specification: an answer covers at most 90 days and has at most 1,000 reports. */
export const MAX_DAYS = 90
export const MAX_REPORTS = 1_000
/** Receipts in one request; with more, the address would be longer than servers accept. */
export const MAX_ASKED = 500
/** Pages beyond this are asked for only by faulty programs. */
export const MAX_PAGE = 10_000
