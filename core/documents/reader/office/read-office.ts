import type { FileInside, FileJob, FilesJob, PageJob } from '../job.ts'
import { writeFile } from 'node:fs/promises'
import { limits } from '../../limits.ts'
import { sniff, type OfficeKind } from '../../media-type.ts'
import { Refused } from '../refused.ts'
import { openContents, type Contents } from './contents.ts'
import { filesIn, largestFiles, noteUnread } from './files.ts'
import { openDocumentText } from './open-document.ts'
import { Package } from './package.ts'
import { sheetsText } from './sheets.ts'
import { slidesText } from './slides.ts'
import { wordText } from './word.ts'

const texts: Record<OfficeKind, (contents: Contents) => Promise<string>> = {
  docx: wordText,
  sheet: sheetsText,
  slides: slidesText,
  odf: openDocumentText
}

/**
 * Which office file a zip is and how many files lie inside it; undefined for other zips. @throws
 * Refused for one that is locked, damaged or over a bound
 */
export function officeFacts(
  path: string
): Promise<{ kind: OfficeKind; files: number } | undefined> {
  return Package.use(path, async (parts) => {
    const contents = await openContents(parts)
    return contents && { kind: contents.kind, files: filesIn(contents).length }
  })
}

/** The words of an office file, and what of it is not read. @throws Refused over a bound */
export function readOffice({
  path
}: Pick<PageJob, 'path'>): Promise<{ text: string; unread: string | undefined; files: number }> {
  return Package.use(path, async (parts) => {
    const contents = await opened(parts)
    const text = await texts[contents.kind](contents)
    await noteUnread(contents)
    return {
      text,
      unread: contents.notes.size > 0 ? [...contents.notes].join(' ') : undefined,
      files: filesIn(contents).length
    }
  })
}

/** The pictures and objects in an office file. */
export function listOfficeFiles({
  path
}: FilesJob): Promise<{ files: FileInside[]; total: number; unlisted: boolean }> {
  return Package.use(path, async (parts) => {
    const contents = await opened(parts)
    const files = largestFiles(contents, limits.embeddedFiles).map((name) => ({
      id: name,
      name: name.slice(name.lastIndexOf('/') + 1)
    }))
    return { files, total: filesIn(contents).length, unlisted: false }
  })
}

/** Writes one of them to a file of its own. @throws Refused over the bound */
export function takeOfficeFile({
  path,
  id,
  outPath,
  mostBytes
}: FileJob): Promise<{ bytes: number; mediaType: string }> {
  return Package.use(
    path,
    async (parts) => {
      const content = await parts.read(id)
      if (!content) throw new Refused('cannot be taken out of the document')
      await writeFile(outPath, content, { mode: 0o600 })
      return { bytes: content.length, mediaType: (await sniff(content)).mediaType }
    },
    mostBytes
  ).catch((error: unknown) => {
    if (error instanceof Refused && /unpacks/.test(error.message))
      throw new Refused(
        `and those before it have more than ${limits.embeddedBytes / 1024 ** 2} MiB together`
      )
    throw error
  })
}

async function opened(parts: Package): Promise<Contents> {
  const contents = await openContents(parts)
  if (!contents) throw new Refused('is no office file any more')
  return contents
}
