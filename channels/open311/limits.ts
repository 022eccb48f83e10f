/** Bounds on what a client may send or ask. Each is met exactly by the largest thing accepted; one more is refused before anything is stored. */
import type { FormLimits } from '../../core/form-body.ts'

/** Of a description, by the specification. */
export const MAX_DESCRIPTION = 4_000
/** Of the short arguments, in characters: the longest mail address there can be, names and numbers with room. */
export const maxLength: Readonly<Record<string, number>> = {
  email: 254, first_name: 200, last_name: 200, phone: 40, device_id: 200, account_id: 200, address_string: 1_000, address_id: 200, media_url: 2_000
}
/** Of one answer to an attribute, as long as a message in our own form. */
export const MAX_ANSWER = 20_000
/** A service has at most 100 attributes of at most 200 values; clients send a few dozen. */
const MAX_FIELDS = 500

/** All text together is some 250 pages; files are a few photos. */
export const formLimits: FormLimits = { fields: MAX_FIELDS, textBytes: 512 * 1024, files: 5, fileBytes: 10 * 1024 ** 2, nameLength: 255 }
/** Text urlencoded takes three bytes for one; multipart headers take less than that. */
export const MAX_BODY_BYTES = formLimits.fileBytes + 3 * formLimits.textBytes

/** A picture fetched from an allowed host. */
export const MAX_PICTURE_BYTES = 10 * 1024 ** 2

/** Requests of one address in a minute: one server of a city app sends for all its users. */
export const POSTS_PER_MINUTE = 600
export const READS_PER_MINUTE = 600

/** By the specification: at most 90 days and 1,000 reports to an answer. */
export const MAX_DAYS = 90
export const MAX_REPORTS = 1_000
/** Receipts in one question; with more, the address would be longer than servers take. */
export const MAX_ASKED = 500
/** Pages beyond this are asked by programs that lost count. */
export const MAX_PAGE = 10_000
