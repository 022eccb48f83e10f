/** Files in an archive (.zip): each is read as a document of its own, within the bounds of all. */
import { limits } from '../limits.ts'
import type { FileInside, FilesJob } from './job.ts'
import { Package } from './office/package.ts'

/** What systems put beside the files that somebody packed. */
const furniture = /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i

function filesIn(parts: Package): string[] {
  return parts.names.filter((name) => !furniture.test(name))
}

/** @throws Refused for one that is damaged or over a bound */
export function countArchived(path: string): Promise<number> {
  return Package.use(path, async (parts) => filesIn(parts).length)
}

/** In the order in which they were packed. */
export function listArchived({
  path
}: FilesJob): Promise<{ files: FileInside[]; total: number; unlisted: boolean }> {
  return Package.use(path, async (parts) => {
    const names = filesIn(parts)
    const files = names
      .slice(0, limits.embeddedFiles)
      .map((name) => ({ id: name, name: name.slice(name.lastIndexOf('/') + 1) }))
    return { files, total: names.length, unlisted: false }
  })
}
