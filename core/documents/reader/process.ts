/**
 * The program of one reader process: takes jobs one at a time from the pool, answers each, and ends
 * with its parent.
 */
import { readFile } from 'node:fs/promises'
import { endWithParent } from '../../../platform/end-with-parent.ts'
import { isStorageFull } from '../../../platform/errors.ts'
import { limits } from '../limits.ts'
import type { Job, JobResult } from './job.ts'
import { Refused } from './refused.ts'

// Each library takes 5 to 40 MB and up to a second of start-up, so only those a job needs are
// loaded.
async function perform(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'open':
      return (await import('./open.ts')).open(job)
    case 'information':
      return (await import('./information.ts')).informationOf(job)
    case 'survey':
      return (await import('./survey.ts')).survey(job)
    case 'page':
      return (await import('./page.ts')).readPage(job)
    case 'files':
      return (await import('./embedded.ts')).listFiles(job)
    case 'file':
      return (await import('./embedded.ts')).takeFile(job)
    case 'assemble':
      return (await import('./assemble.ts')).assemble(job)
    case 'language':
      return {
        language: await (
          await import('../../../platform/detect-language.ts')
        ).languageOf(await readFile(job.path, 'utf8'))
      }
    case 'bind':
      return (await import('./bind.ts')).bind(job)
    case 'picture':
      return (await import('./picture.ts')).picture(job)
  }
}

// Messages of decoders may quote content, so only our own refusals are passed on word for word.
function reasonOf(error: unknown): string {
  return error instanceof Refused ? error.message : 'cannot be decoded'
}

/**
 * Memory is measured after what is no longer used has gone: pictures lie outside V8's heap, so it
 * sees little reason to collect.
 */
function cost(before: NodeJS.CpuUsage): { rss: number; cpuSeconds: number } {
  const { user, system } = process.cpuUsage(before)
  if (process.memoryUsage.rss() > limits.readerRestBytes * 0.7) globalThis.gc?.()
  return { rss: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 }
}

process.on('message', (job: Job) => {
  const before = process.cpuUsage()
  perform(job)
    .then(
      (value) => process.send?.({ ok: true, value, ...cost(before) }),
      (error: unknown) =>
        process.send?.({
          ok: false,
          reason: reasonOf(error),
          full: isStorageFull(error),
          ...cost(before)
        })
    )
    .catch(() => process.exit(1))
})
// pdfjs leaves some promises of broken files unattended; the job itself still ends, or its time
// does.
process.on('unhandledRejection', () => {})
endWithParent()
