import { asEvenhandError, EvenhandError } from '../../platform/errors.ts'
import { openCms } from './cms.ts'
import { headerFields, messageFields } from './headers.ts'
import { readLimits } from './limits.ts'
import { isMsg, openMsg } from './msg.ts'
import { isTnef, openTnef } from './outlook.ts'
import { readParts, type Budget, type Part } from './parts.ts'

/** Sentences shown with a document that was not opened. */
export const closed = {
  smime: 'It is encrypted (S/MIME), and no key to it is kept here.',
  pgp: 'It is encrypted (PGP), and no key to it is kept here.',
  broken: 'Its S/MIME envelope cannot be opened.',
  deep: `It lies deeper than ${readLimits.enclosed} mails inside each other, or has more than is read by machine.`,
  outlook: 'It is an envelope of Outlook (winmail.dat) that cannot be opened.',
  outlookPart:
    'It is an envelope of Outlook (winmail.dat) that breaks off; more may have been in it.',
  msg: 'It is a message saved by Outlook (.msg) that cannot be read by machine.',
  mail: 'It says that it is a mail and cannot be read as one.'
} as const

/**
 * Opens parts that are mails or envelopes themselves: forwarded mails, and signed or compressed
 * S/MIME. What is encrypted or cannot be opened is marked and left as it is. The budget covers the
 * whole mail.
 */
export async function openEnclosed(root: Part, budget: Budget, level = 1): Promise<void> {
  if (root.mediaType === 'multipart/encrypted') sealAll(root)
  for (const child of root.children) await openEnclosed(child, budget, level)
  if (root.children.length > 0 || root.sealed !== undefined) return
  if (isMail(root)) await open(root, 'mail', root.bytes, budget, level)
  else if (isMsg(root)) await openSaved(root, budget, level)
  else if (isTnef(root)) await openPacked(root, budget, level)
  else if (isEnvelope(root)) await openEnvelope(root, budget, level)
}

// RFC 3156: the two parts are a version and the encrypted message, whatever their names.
function sealAll(root: Part): void {
  for (const child of root.children) {
    child.sealed = closed.pgp
    sealAll(child)
  }
}

/** Recognised by type. By name only if the content begins with a mail header. */
function isMail({ mediaType, fileName, bytes }: Part): boolean {
  if (/^message\/(rfc822|global)$/.test(mediaType)) return true
  if (mediaType !== 'application/octet-stream' || !/\.eml$/i.test(fileName)) return false
  const fields = messageFields(bytes)
  return (
    fields.has('from') && (fields.has('subject') || fields.has('date') || fields.has('received'))
  )
}

function isEnvelope({ mediaType, fileName }: Part): boolean {
  return (
    /^application\/(x-)?pkcs7-mime$/.test(mediaType) ||
    (mediaType === 'application/octet-stream' && /\.p7m$/i.test(fileName))
  )
}

async function openEnvelope(part: Part, budget: Budget, level: number): Promise<void> {
  const opened = openCms(part.bytes)
  if (opened.kind === 'encrypted') part.sealed = closed.smime
  else if (opened.kind === 'broken') part.sealed = closed.broken
  else if (opened.kind === 'content') await open(part, 'content', opened.bytes, budget, level)
}

/** A mail that Outlook saved stands for itself, as an attached one does. */
async function openSaved(part: Part, budget: Budget, level: number): Promise<void> {
  const root = level > readLimits.enclosed ? undefined : openMsg(part.bytes)
  if (!root) {
    part.sealed = level > readLimits.enclosed ? closed.deep : closed.msg
    return
  }
  spend(budget, root.children)
  for (const child of root.children) await openEnclosed(child, budget, level + 1)
  part.enclosed = { kind: 'mail', root }
}

/** @throws EvenhandError READ_LIMIT */
function spend(budget: Budget, parts: readonly Part[]): void {
  budget.parts -= parts.length
  budget.bytes -= parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (budget.parts < 0) throw new EvenhandError('READ_LIMIT', 'too many parts')
  if (budget.bytes < 0)
    throw new EvenhandError('READ_LIMIT', `more than ${readLimits.decodedBytes} decoded bytes`)
}

/** A mail packed inside another is passed on with it, as an attached mail is. */
async function openPacked(part: Part, budget: Budget, level: number): Promise<void> {
  const opened = level > readLimits.enclosed ? undefined : openTnef(part.bytes)
  if (!opened) {
    part.sealed = level > readLimits.enclosed ? closed.deep : closed.outlook
    return
  }
  budget.parts -= opened.root.children.length
  if (budget.parts < 0) throw new EvenhandError('READ_LIMIT', 'too many parts')
  for (const child of opened.root.children) {
    await openEnclosed(child, budget, level + 1)
    if (child.enclosed?.kind === 'outlook') child.enclosed = { ...child.enclosed, kind: 'mail' }
  }
  part.enclosed = { kind: 'outlook', root: opened.root }
  if (opened.broken) part.sealed = closed.outlookPart
}

async function open(
  part: Part,
  kind: 'content' | 'mail',
  bytes: Buffer,
  budget: Budget,
  level: number
): Promise<void> {
  if (bytes.length === 0) return
  if (level > readLimits.enclosed) {
    part.sealed = closed.deep
    return
  }
  try {
    const root =
      kind === 'content' && !hasHeader(bytes) ? fileIn(part, bytes) : await readParts(bytes, budget)
    await openEnclosed(root, budget, level + 1)
    part.enclosed = { kind, root }
  } catch (error) {
    part.sealed = asEvenhandError(error).code === 'READ_LIMIT' ? closed.deep : closed.mail
  }
}

/** A signed mail begins with a header; a signed file ("contract.pdf.p7m") does not. */
function hasHeader(bytes: Buffer): boolean {
  return (
    /^(\r?\n)?[!-9;-~]{1,100}:/.test(bytes.toString('latin1', 0, 200)) &&
    !bytes.subarray(0, 200).includes(0)
  )
}

function fileIn(part: Part, bytes: Buffer): Part {
  const fileName = part.fileName.replace(/\.p7m$/i, '')
  return {
    ...part,
    mediaType: 'application/octet-stream',
    charset: '',
    disposition: 'attachment',
    fileName,
    fields: headerFields([]),
    container: false,
    children: [],
    bytes
  }
}
