/**
 * How far our reading of the Hunny Software samples agrees with the parse that stalwart's
 * mail-parser publishes for them.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { convert } from 'html-to-text'
import { safeName } from '../../../channels/email/documents.ts'
import { withoutImages } from '../../../platform/text/marks.ts'
import { corpusFile } from '../../helpers/corpora.ts'
import { sample, translated } from './support.ts'

interface Expected {
  readonly text_body: readonly number[]
  readonly html_body: readonly number[]
  readonly attachments: readonly number[]
  readonly parts: readonly ExpectedPart[]
}

interface ExpectedPart {
  readonly headers: readonly {
    readonly name: unknown
    readonly value: { readonly ContentType?: ContentType }
  }[]
  readonly body: {
    readonly Text?: string
    readonly Html?: string
    readonly Binary?: readonly number[]
    readonly InlineBinary?: readonly number[]
    readonly Message?: unknown
  }
}

interface ContentType {
  readonly attributes?: readonly { readonly name: string; readonly value: string }[] | null
}

export interface Agreement {
  readonly mails: number
  /** Mails whose text is the same but for white space. */
  readonly sameText: number
  readonly mailsWithText: number
  readonly documents: number
  readonly sameBytes: number
  readonly named: number
  readonly sameName: number
  readonly different: string[]
}

/**
 * Reads all samples and compares: texts without white space, HTML by its words, a character they
 * could not decode (U+FFFD) with anything, names as they are shown here (without colons). Embedded
 * messages have no bytes to compare with.
 */
export async function compareWithStalwart(): Promise<Agreement> {
  const folder = corpusFile('email/mime/stalwart-legacy')
  const total = {
    mails: 0,
    sameText: 0,
    mailsWithText: 0,
    documents: 0,
    sameBytes: 0,
    named: 0,
    sameName: 0,
    different: [] as string[]
  }
  for (const name of readdirSync(folder)
    .filter((entry) => entry.endsWith('.eml'))
    .sort()) {
    const lineEnds = readFileSync(path.join(folder, name)).includes('\r\n') ? '.crlf.json' : '.json'
    const expected = JSON.parse(
      readFileSync(path.join(folder, name.replace('.eml', lineEnds)), 'utf8')
    ) as Expected
    const { envelope } = await translated(sample(`mime/stalwart-legacy/${name}`))
    total.mails += 1
    compareText(name, expected, envelope.text, total)
    compareDocuments(name, expected, envelope.documents, total)
  }
  return total
}

type Total = { -readonly [name in keyof Agreement]: Agreement[name] }

function compareText(name: string, expected: Expected, text: string, total: Total): void {
  // Their text_body names pictures too, and HTML where there is no plain text; ours takes the words
  // of that HTML. What images show is left out of both.
  const bodies = expected.text_body.map((index) => expected.parts[index]!.body)
  const theirs = bodies
    .map(
      (body) =>
        body.Text ??
        convert(body.Html ?? '', {
          wordwrap: false,
          selectors: [{ selector: 'img', format: 'skip' }]
        })
    )
    .join('\n')
  if (bare(theirs) === '') return
  total.mailsWithText += 1
  const pattern = bare(theirs)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\uFFFD+/g, '.{1,4}')
  if (new RegExp(`^${pattern}$`, 'i').test(bare(withoutImages(text)))) total.sameText += 1
  else total.different.push(`${name} text`)
}

function compareDocuments(
  name: string,
  expected: Expected,
  ours: readonly { readonly name: string; readonly sha256: string }[],
  total: Total
): void {
  for (const index of expected.attachments) {
    const part = expected.parts[index]!
    const bytes = part.body.Binary ?? part.body.InlineBinary
    // They leave uuencoded parts encoded.
    if (!bytes || Buffer.from(bytes.slice(0, 6)).toString() === 'begin ') continue
    total.documents += 1
    const sha256 = createHash('sha256').update(Uint8Array.from(bytes)).digest('hex')
    const found = ours.filter((document) => document.sha256 === sha256)
    if (found.length > 0) total.sameBytes += 1
    else total.different.push(`${name} part ${index}`)
    const shown = fileName(part)
    if (shown === undefined) continue
    total.named += 1
    if (found.some((document) => document.name === shown)) total.sameName += 1
    else total.different.push(`${name} part ${index} name ${shown}`)
  }
}

function fileName(part: ExpectedPart): string | undefined {
  const attributes = (wanted: string) =>
    part.headers.find((header) => header.name === wanted)?.value.ContentType?.attributes ?? []
  const given =
    attributes('content_disposition').find((entry) => entry.name === 'filename') ??
    attributes('content_type').find((entry) => entry.name === 'name')
  return given && safeName(given.value)
}

function bare(text: string): string {
  return text.replace(/[\s\u00a0]+/g, '')
}
