import { open, readFile } from 'node:fs/promises'
import { convert } from 'html-to-text'
import { unzipSync } from 'fflate'
import mammoth from 'mammoth'
import { limits } from '../limits.ts'
import type { Page } from '../types.ts'
import type { PageJob } from './job.ts'
import { Refused } from './refused.ts'

/** Text, HTML and office files as one page without a picture. @throws Refused where an office file unpacks beyond bounds. */
export async function readText(job: PageJob): Promise<Page> {
  const text = (await textOf(job)).slice(0, limits.textCharacters).trim()
  const confidence = text ? 1 : 0
  return { number: job.number, text, confidence, rotation: 0, skew: 0, blank: false, words: [], source: 'text-layer', widthPx: 0, heightPx: 0, dpi: 0 }
}

async function textOf({ path, document }: PageJob): Promise<string> {
  if (document === 'text') return head(path)
  if (document === 'html') return htmlText(await head(path))
  const bytes = await readFile(path)
  checkUnpacked(bytes)
  if (document === 'docx') return (await mammoth.extractRawText({ buffer: bytes })).value
  if (document === 'odf') return htmlText(part(bytes, /^content\.xml$/))
  return document === 'sheet' ? htmlText(part(bytes, /^xl\/sharedStrings\.xml$/)) : ''
}

async function head(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limits.textCharacters), 0, limits.textCharacters, 0)
    return new TextDecoder().decode(buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

function htmlText(markup: string): string {
  const block = { format: 'block' }
  return convert(markup, {
    wordwrap: false,
    limits: { maxInputLength: limits.textCharacters, maxDepth: 200 },
    selectors: [{ selector: 'img', format: 'skip' }, { selector: 'a', options: { ignoreHref: true } }, ...['text:p', 'text:h', 'si'].map((tag) => ({ selector: tag.replace(':', '\\:'), ...block }))]
  })
}

/** The sizes a zip declares, added up before anything is unpacked; a lie is caught by the reader's memory bound. */
function checkUnpacked(bytes: Uint8Array): void {
  let sum = 0
  unzipSync(bytes, { filter: ({ originalSize }) => { sum += originalSize; return false } })
  if (sum > limits.officeBytes) throw new Refused('unpacks to more than is read by machine')
}

function part(bytes: Uint8Array, name: RegExp): string {
  const parts = unzipSync(bytes, { filter: (file) => name.test(file.name) })
  return Object.values(parts).map((content) => new TextDecoder().decode(content)).join('\n')
}
