import { readFile } from 'node:fs/promises'
import type { OfficeKind } from '../media-type.ts'

/** Names for office files whose parts alone tell what they are. */
export const officeTypes: Readonly<Record<OfficeKind, string>> = {
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  sheet: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  slides: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odf: 'application/vnd.oasis.opendocument.text'
}

const ASK = 'which is not read by machine: look at the original, or ask for it as PDF'

/**
 * What is in a compound file ([MS-CFB]), by names of the streams in its directory, which are
 * UTF-16.
 */
const compound: readonly (readonly [string, string])[] = [
  ['EncryptedPackage', 'is locked with a password'],
  ['WordDocument', `is a Word document of the old kind (.doc), ${ASK}`],
  ['PowerPoint Document', `is a presentation of the old kind (.ppt), ${ASK}`],
  ['Workbook', `is an Excel workbook of the old kind (.xls), ${ASK}`],
  ['__substg1.0_', `is a message saved by Outlook (.msg), ${ASK}`],
  ['Book', `is an Excel workbook of the old kind (.xls), ${ASK}`],
  ['\u0001Ole', `is an object of another program (OLE), ${ASK}`]
]

/** Why a file that is neither text, picture, PDF nor office file is not read. */
export async function otherKind(path: string, mediaType: string): Promise<string> {
  if (mediaType !== 'application/x-cfb') return 'is of a kind that is not read by machine'
  const bytes = await readFile(path)
  return (
    compound.find(([stream]) => bytes.includes(Buffer.from(stream, 'utf16le')))?.[1] ??
    'is of a kind that is not read by machine'
  )
}
