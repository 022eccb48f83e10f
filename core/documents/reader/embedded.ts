import { readFile, writeFile } from 'node:fs/promises'
import { AnnotationType } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFDocumentProxy } from 'pdfjs-dist/types/src/display/api.js'
import { limits } from '../limits.ts'
import { sniff } from '../media-type.ts'
import type { FileInside, FileJob, FilesJob } from './job.ts'
import { openPdf } from './pdf.ts'
import { Refused } from './refused.ts'

/** Longest name kept of a file inside a document; names are what a stranger wrote. */
const NAME_LENGTH = 200

/**
 * The files inside a document: of a PDF its own, and those pinned to its pages as comments; of an
 * office file its pictures and objects; of an archive all.
 */
export async function listFiles(
  job: FilesJob
): Promise<{ files: FileInside[]; total: number; unlisted: boolean }> {
  const { path } = job
  if (job.document === 'archive') return (await import('./archive.ts')).listArchived(job)
  if (job.document !== 'pdf') return (await import('./office/read-office.ts')).listOfficeFiles(job)
  const files = await filesIn(await openPdf(path))
  // Dictionaries of streams stand in the clear (ISO 32000-1, 7.5.7): a file that hangs elsewhere,
  // as on a film, still shows.
  const unlisted =
    files.length === 0 &&
    /\/Type\s*\/EmbeddedFile\b/.test((await readFile(path)).toString('latin1'))
  return { files: files.slice(0, limits.embeddedFiles), total: files.length, unlisted }
}

/**
 * Writes one of them to a file of its own. @throws Refused over the bound or where its bytes are
 * not there
 */
export async function takeFile(job: FileJob): Promise<{ bytes: number; mediaType: string }> {
  const { path, id, outPath, mostBytes } = job
  if (job.document !== 'pdf') return (await import('./office/read-office.ts')).takeOfficeFile(job)
  const pdf = await openPdf(path)
  // Files pinned to pages are known to the library only once the pages' comments were looked at.
  await filesIn(pdf)
  const content = (await pdf.getAttachmentContent(id)) as Uint8Array | null
  if (!content) throw new Refused('cannot be taken out of the document')
  if (content.length > mostBytes)
    throw new Refused(
      `and those before it have more than ${limits.embeddedBytes / 1024 ** 2} MiB together`
    )
  await writeFile(outPath, content, { mode: 0o600 })
  return { bytes: content.length, mediaType: (await sniff(content)).mediaType }
}

interface Pinned {
  readonly fileId?: string
  readonly file?: { readonly filename?: string }
}

async function filesIn(pdf: PDFDocumentProxy): Promise<FileInside[]> {
  const named = [...((await pdf.getAttachments()) ?? [])].map(
    ([id, { filename }]: [string, { filename: string }]) => ({ id, name: nameOf(filename) })
  )
  const pinned = (await pdf.getAnnotationsByType(
    new Set([AnnotationType.FILEATTACHMENT]),
    new Set()
  )) as Pinned[] | null
  const others = (pinned ?? []).flatMap(({ fileId, file }) =>
    fileId ? [{ id: fileId, name: nameOf(file?.filename) }] : []
  )
  return [...new Map([...named, ...others].map((one) => [one.id, one])).values()]
}

function nameOf(name: string | undefined): string {
  return (name?.trim() || 'unnamed').slice(0, NAME_LENGTH)
}
