/** Messages that Outlook saved as files (MS-OXMSG), read as the mails that they were. */
import msgReader, { type FieldsData } from '@kenjiuno/msgreader'
import { holdsTogether, isCompoundFile } from './compound-file.ts'
import { headerFields } from './headers.ts'
import { bare, oneLine, wordsOf } from './outlook.ts'
import type { Part } from './parts.ts'

// The package is CommonJS, and its class is the default export within it.
const { default: MsgReader } = msgReader

export const MSG_TYPE = 'application/vnd.ms-outlook'

/** By its name or type, if it begins as one: documents of Word 97 begin so too. */
export function isMsg({
  mediaType,
  fileName,
  bytes
}: Pick<Part, 'mediaType' | 'fileName' | 'bytes'>): boolean {
  return isCompoundFile(bytes) && (mediaType === MSG_TYPE || /\.msg$/i.test(fileName))
}

/**
 * The mail in such a file, with its words in each of their forms and its files. Undefined if it
 * cannot be read, or is none.
 */
export function openMsg(bytes: Buffer): Part | undefined {
  try {
    if (!holdsTogether(bytes)) return undefined
    const reader = new MsgReader(exactBuffer(bytes))
    const message = reader.getFileData()
    if (message.error !== undefined) return undefined
    const files = (message.attachments ?? []).map((file) => filePart(reader, file))
    const words = { ...bare('multipart/alternative'), container: true, children: formsOf(message) }
    return {
      ...bare('multipart/mixed'),
      fields: headerFields(headersOf(message)),
      container: true,
      children: [...(words.children.length > 0 ? [words] : []), ...files]
    }
  } catch {
    return undefined
  }
}

/** A buffer may be a piece of a larger one, which the reader would take for its own. */
function exactBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

function formsOf({ body = '', html, bodyHtml, compressedRtf }: FieldsData): Part[] {
  const shown = html ? Buffer.from(html) : bodyHtml ? Buffer.from(bodyHtml) : undefined
  const rtf = compressedRtf && Buffer.from(compressedRtf)
  return wordsOf({ text: body, rtf, html: shown })
}

/** A mail inside it is written out as a file of the same kind. */
function filePart(reader: InstanceType<typeof MsgReader>, file: FieldsData): Part {
  const { content } = reader.getAttachment(file)
  const name = file.fileName || file.name || file.fileNameShort || ''
  const inner = file.innerMsgContent === true
  const contentId = file.pidContentId ?? ''
  return {
    ...bare(inner ? MSG_TYPE : typeOf(file), Buffer.from(content)),
    fileName: inner && !/\.msg$/i.test(name) ? `${name}.msg` : name,
    disposition: contentId ? 'inline' : 'attachment',
    fields: headerFields(
      contentId ? [{ key: 'content-id', line: `Content-ID: <${oneLine(contentId)}>` }] : []
    )
  }
}

function typeOf({ attachMimeTag }: FieldsData): string {
  return attachMimeTag?.trim().toLowerCase() || 'application/octet-stream'
}

/** Those of the transport are not used: they say how the mail was built before Outlook took it. */
function headersOf(message: FieldsData): { key: string; line: string }[] {
  const { subject, senderName, senderSmtpAddress, senderEmail, recipients = [] } = message
  const from = mailbox(senderName, senderSmtpAddress ?? senderEmail)
  const to = (kind: FieldsData['recipType']) =>
    recipients
      .filter(({ recipType }) => recipType === kind)
      .map(({ name, smtpAddress, email }) => mailbox(name, smtpAddress ?? email))
      .filter(Boolean)
      .join(', ')
  const headers = {
    From: from,
    To: to('to'),
    Cc: to('cc'),
    Date: message.clientSubmitTime ?? message.messageDeliveryTime ?? '',
    'Message-ID': message.messageId ?? '',
    Subject: subject ?? ''
  }
  return Object.entries(headers)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ key: name.toLowerCase(), line: `${name}: ${oneLine(value)}` }))
}

/** An address within an Exchange organisation is none on the internet (/o=…/cn=…). */
function mailbox(name = '', address = ''): string {
  const quoted = `"${name.replace(/[\\"]/g, '\\$&')}"`
  return address.includes('@') ? `${quoted} <${address}>` : name && quoted
}
