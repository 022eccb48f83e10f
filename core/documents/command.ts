import { writeFile } from 'node:fs/promises'
import { readDocument } from './read.ts'
import type { Attachment, ReadOptions } from './types.ts'

export interface ReadCommand {
  readonly file: string | Uint8Array
  readonly json?: boolean
  /** Where the searchable PDF goes. */
  readonly pdf?: string
  readonly languages?: readonly string[]
  readonly engine?: 'wasm' | 'native'
  readonly barcodes?: boolean
}

export interface Streams {
  readonly out: (text: string) => void
  /** Progress and the outcome, for people. */
  readonly err: (text: string) => void
}

/**
 * `evenhand read <file>`: text on stdout, or with `json` the pages; returns the exit code: 0 read,
 * 1 withheld.
 */
export async function readCommand(
  { file, json, pdf, ...options }: ReadCommand,
  { out, err }: Streams
): Promise<0 | 1> {
  let done = 0
  const progress: ReadOptions = {
    onPage: (page, total) =>
      err(
        `page ${page.number} (${++done} of ${total})${page.withheld ? `: ${page.withheld}` : ''}\n`
      )
  }
  const result = await readDocument(file, {
    ...options,
    ...progress,
    attachments: true,
    information: true,
    searchablePdf: pdf !== undefined
  })
  if (pdf && result.searchablePdf) await writeFile(pdf, result.searchablePdf)
  if (pdf && !result.searchablePdf) err('No searchable PDF could be made.\n')
  if (result.reason) err(`${result.reason}\n`)
  out(json ? `${JSON.stringify({ ...result, searchablePdf: undefined })}\n` : `${textOf(result)}\n`)
  return result.outcome === 'read' && (!pdf || result.searchablePdf) ? 0 : 1
}

/** Pages apart by form feeds; files inside by their names. */
function textOf({ pages, attachments = [] }: Pick<Attachment, 'pages' | 'attachments'>): string {
  const own = pages.map((page) => page.text).join('\n\f\n')
  return [own, ...attachments.map((inside) => `\f\n[${inside.name}]\n${textOf(inside)}`)].join('\n')
}
