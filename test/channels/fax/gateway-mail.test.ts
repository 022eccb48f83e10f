import { describe, expect, test } from '@jest/globals'
import { fax } from '../../../channels/fax/index.ts'
import type { StoredRaw } from '../../../core/intake/channel.ts'
import { faxPdf } from './support.ts'

interface Mail {
  subject?: string
  text?: string
  files?: readonly { name: string; bytes: Uint8Array; inline?: boolean }[]
}

function mailOf({
  subject = 'Fax from +1 202 555 0143 (2 pages)',
  text = 'A fax has arrived.',
  files = []
}: Mail): Buffer {
  const parts = files.map(({ name, bytes, inline }) =>
    [
      '--x',
      `Content-Type: ${inline ? 'image/png' : 'application/pdf'}; name="${name}"`,
      `Content-Disposition: ${inline ? 'inline' : 'attachment'}; filename="${name}"`,
      ...(inline ? ['Content-ID: <logo@x>'] : []),
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(bytes).toString('base64')
    ].join('\r\n')
  )
  const type = files.some(({ inline }) => inline) ? 'multipart/related' : 'multipart/mixed'
  return Buffer.from(
    [
      `Subject: ${subject}`,
      'From: robot@faxes.example',
      'MIME-Version: 1.0',
      `Content-Type: ${type}; boundary=x`,
      '',
      '--x',
      'Content-Type: text/plain',
      '',
      text,
      ...parts,
      '--x--',
      ''
    ].join('\r\n')
  )
}

async function translated(mail: Mail, patterns: object[] = []) {
  const raw: StoredRaw = {
    channel: 'fax',
    source: 'gateway:service',
    bytes: mailOf(mail),
    mediaType: 'message/rfc822',
    recipients: ['fax@town.example'],
    evidence: { gateway: { id: 'service', proof: 'dkim', patterns } },
    sha256: '0'.repeat(64)
  }
  const [translation] = await fax.translate(raw)
  return translation!
}

const file = { name: 'fax-20251125-0143.pdf', bytes: await faxPdf('The letter') }

describe('a mail of a fax service', () => {
  test("is a fax: its attachment is the document, and nothing the service wrote is the resident's text", async () => {
    const { envelope, contents } = await translated({ files: [file] })
    expect(envelope).toMatchObject({
      channel: 'fax',
      text: '',
      sender: { emails: [], phones: [] },
      recipients: ['fax@town.example'],
      documents: [{ name: file.name, mediaType: 'application/pdf' }],
      evidence: { mail: { subject: 'Fax from +1 202 555 0143 (2 pages)' } }
    })
    expect(contents.map((content) => Buffer.from(content).equals(file.bytes))).toEqual([true])
  })

  test('the caller and the rest are found where the patterns say: in subject, text and file name', async () => {
    const { envelope } = await translated(
      { text: 'CSID: TOWN LIBRARY\r\nincomplete: line dropped\r\n', files: [file] },
      [
        { in: 'file', pattern: '^fax-(?<id>\\d+)' },
        { in: 'subject', pattern: 'FAX from (?<caller>\\+?\\d[\\d .-]{5,}\\d)' },
        { in: 'subject', pattern: '\\((?<pages>\\d+) pages?\\)' },
        { in: 'text', pattern: '^CSID: *(?<station>.+)$' },
        { in: 'text', pattern: 'incomplete: *(?<error>.+)' }
      ]
    )
    expect(envelope.sender.phones).toEqual(['+12025550143'])
    expect(envelope.evidence).toMatchObject({
      incomplete: 'The fax broke off (line dropped); pages may be missing.',
      fax: {
        callerNumber: '+1 202 555 0143',
        pages: 2,
        communication: '20251125',
        stationId: 'TOWN LIBRARY',
        error: 'line dropped',
        partial: true
      }
    })
  })

  test('without a pattern that fits, the caller is not known', async () => {
    const { envelope } = await translated({ subject: 'You have a new fax', files: [file] }, [
      { in: 'subject', pattern: 'from (?<caller>\\d+)' }
    ])
    expect(envelope.sender.phones).toEqual([])
  })

  test('a logo of the service is no page of the fax', async () => {
    const { envelope } = await translated({
      text: 'hi',
      files: [
        { name: 'logo.png', bytes: Buffer.from('89504e470d0a1a0a', 'hex'), inline: true },
        file
      ]
    })
    expect(envelope.documents.map(({ name }) => name)).toEqual([file.name])
  })

  test('without a fax in it a person looks at it', async () => {
    expect((await translated({})).unsure).toBe("The fax service's mail came without a fax.")
  })
})
