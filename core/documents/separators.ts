import type { Barcode, Page } from './types.ts'
import { isSame, sign } from '../../platform/signing.ts'

/** One letter's separator sheet: which batch, and the letter's number in it from 1. */
export interface Separator {
  readonly batch: string
  readonly letter: number
}

const prefix = 'EVH1'
/** 16 bytes of HMAC-SHA-256: short enough for a small QR code, not to be guessed. */
const signatureBytes = 16
const batchName = /^[A-Za-z0-9-]{1,40}$/

/**
 * The text of a separator sheet's QR code. A code that a resident prints cannot split a batch,
 * since it lacks the secret.
 * @throws RangeError for a batch name other than 1–40 letters, digits, hyphens or a letter number
 * outside 1–99,999.
 */
export function signSeparator({ batch, letter }: Separator, secret: Uint8Array): string {
  if (!batchName.test(batch)) throw new RangeError('batch: 1 to 40 letters, digits or hyphens')
  if (!Number.isInteger(letter) || letter < 1 || letter > 99_999)
    throw new RangeError('letter: 1 to 99,999')
  const payload = `${prefix}:${batch}:${letter}`
  return `${payload}:${signature(payload, secret).toString('base64url')}`
}

/** The separator in a code's text, or undefined where it is not one of ours. */
export function verifySeparator(text: string, secret: Uint8Array): Separator | undefined {
  const [head, batch, letter, signed, ...rest] = text.split(':')
  if (
    head !== prefix ||
    !batch ||
    !letter ||
    !signed ||
    rest.length > 0 ||
    !batchName.test(batch) ||
    !/^[1-9]\d{0,4}$/.test(letter)
  )
    return undefined
  const given = Buffer.from(signed, 'base64url')
  const right = signature(`${head}:${batch}:${letter}`, secret)
  return isSame(given, right) ? { batch, letter: Number(letter) } : undefined
}

function signature(payload: string, secret: Uint8Array): Buffer {
  return sign(secret, payload).subarray(0, signatureBytes)
}

/**
 * Why a document starts: `sheet` is dropped from the working copy, `mark` is on the first page of
 * the document and stays.
 */
export interface Split {
  readonly page: number
  readonly kind: 'sheet' | 'mark'
  readonly by: 'signed' | 'text' | 'number'
}

export interface SplitRules {
  readonly secret?: Uint8Array
  /** Texts of bought separator sheets. @default ['PATCHT'] */
  readonly sheets?: readonly string[]
  /** Start of an archive number on a first page, as in "ASN00123". Off unless given. */
  readonly numberPrefix?: string
  /** Pattern of a tag code on a first page. Off unless given. */
  readonly mark?: RegExp
}

/**
 * Kinds that are read but part nothing: they are on identity cards and parcels, and anybody's
 * letter may show one.
 */
const foreign = /^(PDF417|ITF)/

/** The barcodes of a page that may part a stack. */
export function separatingCodes(barcodes: readonly Barcode[]): Barcode[] {
  return barcodes.filter(({ format }) => !foreign.test(format))
}

/** Which pages separate documents, by their barcodes. A page is never both. */
export function findSplits(
  pages: readonly Pick<Page, 'number' | 'barcodes'>[],
  rules: SplitRules = {}
): Split[] {
  return pages.flatMap(({ number, barcodes = [] }, index) => {
    const found = separatingCodes(barcodes)
      .map((barcode) => judge(barcode, rules))
      .find((split) => split !== undefined)
    // A mark on the very first page opens the first document and splits nothing.
    return found && !(index === 0 && found.kind === 'mark') ? [{ page: number, ...found }] : []
  })
}

function judge({ text }: Barcode, rules: SplitRules): Omit<Split, 'page'> | undefined {
  if (rules.secret && verifySeparator(text, rules.secret)) return { kind: 'sheet', by: 'signed' }
  if ((rules.sheets ?? ['PATCHT']).includes(text)) return { kind: 'sheet', by: 'text' }
  if (archiveNumber(text, rules.numberPrefix) !== undefined) return { kind: 'mark', by: 'number' }
  return rules.mark?.test(text) ? { kind: 'mark', by: 'text' } : undefined
}

/**
 * The number of an archive code such as "ASN00123", at most 2³²−1; undefined where it is something
 * else.
 */
export function archiveNumber(text: string, codePrefix: string | undefined): number | undefined {
  if (!codePrefix || !text.startsWith(codePrefix)) return undefined
  const digits = /^\s*(\d{1,10})/.exec(text.slice(codePrefix.length))?.[1]
  const number = Number(digits)
  return digits !== undefined && number <= 0xffff_ffff ? number : undefined
}
