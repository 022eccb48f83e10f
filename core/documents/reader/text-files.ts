import { open, readFile } from 'node:fs/promises'
import { asEvenhandError } from '../../../platform/errors.ts'
import { readHtml, type HtmlReading } from '../../../platform/html/text.ts'
import { readRtf } from '../../../platform/rtf/text.ts'
import { limits } from '../limits.ts'
import { isOffice } from '../media-type.ts'
import type { Page } from '../types.ts'
import type { PageJob } from './job.ts'
import { Refused } from './refused.ts'

interface Text {
  readonly text: string
  /** What of the file it is not, as staff read it. */
  readonly unread?: string | undefined
  /** Files inside, which may be all there is. */
  readonly files?: number
}

const CUT = `It has more than ${limits.textCharacters / 1e6} million characters, of which the first were read.`

const SHOWS_MORE =
  'It may show more than its words, such as pictures, marked words or parts that open: look at it.'

/**
 * Text, HTML, rich text, office files and archives as one page without a picture. @throws Refused where it goes beyond a
 * bound
 */
export async function readText(job: PageJob): Promise<Page> {
  const { text: whole, unread, files = 0 } = await textOf(job)
  const text = whole.slice(0, limits.textCharacters).trim()
  const notes = [
    ...(unread ? [unread] : []),
    ...(whole.length > limits.textCharacters ? [CUT] : []),
    ...(text === '' && files === 0 ? ['No text was found in it.'] : [])
  ].join(' ')
  return {
    number: job.number,
    text,
    confidence: text ? 1 : 0,
    rotation: 0,
    skew: 0,
    blank: false,
    words: [],
    source: 'text-layer',
    widthPx: 0,
    heightPx: 0,
    dpi: 0,
    ...(notes ? { unread: notes } : {})
  }
}

async function textOf(job: PageJob): Promise<Text> {
  if (isOffice(job.document)) return (await import('./office/read-office.ts')).readOffice(job)
  if (job.document === 'archive')
    return { text: '', files: await (await import('./archive.ts')).countArchived(job.path) }
  if (job.document === 'rtf') return readRichText(await readFile(job.path))
  const { text, more } = await head(job.path)
  const page = job.document === 'html' ? readPage(text) : { text, whole: true }
  const unread = [...(more ? [CUT] : []), ...(page.whole ? [] : [SHOWS_MORE])].join(' ')
  return { text: page.text, unread: unread || undefined }
}

/** Its length is bounded as that of every document. */
function readRichText(bytes: Buffer): Text {
  const { text, html, hasMore } = readRtf(bytes)
  const page = html ? readPage(text) : { text, whole: true }
  return { text: page.text, unread: page.whole && !hasMore ? undefined : SHOWS_MORE }
}

async function head(path: string): Promise<{ text: string; more: boolean }> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(limits.textCharacters),
      0,
      limits.textCharacters,
      0
    )
    return {
      text: new TextDecoder().decode(buffer.subarray(0, bytesRead)),
      more: (await file.stat()).size > bytesRead
    }
  } finally {
    await file.close()
  }
}

/** A saved page as its reader sees it. @throws Refused over a bound */
function readPage(html: string): HtmlReading {
  try {
    return readHtml(
      html,
      { htmlLength: limits.textCharacters, htmlDepth: limits.htmlDepth, htmlTags: limits.htmlTags },
      { links: false }
    )
  } catch (error) {
    throw new Refused(`has ${asEvenhandError(error).detail ?? 'more than is read by machine'}`)
  }
}
