import MailComposer from 'nodemailer/lib/mail-composer/index.js'

export interface MailFile {
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array
  /** Content-ID of a picture drawn in the text. */
  readonly cid?: string
}

/** A mail as a resident's program writes it. */
export function mailWith(
  text: string,
  files: readonly MailFile[],
  {
    subject = '',
    to = 'parks@willowcreek.example',
    html,
    headers
  }: { subject?: string; to?: string; html?: string; headers?: Record<string, string> } = {}
): Promise<Buffer> {
  const attachments = files.map(({ name, type, bytes, cid }) => ({
    filename: name,
    contentType: type,
    content: Buffer.from(bytes),
    ...(cid ? { cid } : {})
  }))
  return new MailComposer({
    from: 'Agnes Whitlock <agnes@people.example>',
    to,
    subject,
    text,
    ...(html ? { html } : {}),
    ...(headers ? { headers } : {}),
    attachments
  })
    .compile()
    .build()
}
