/** The program of one reader process: takes jobs one at a time from the pool, answers each, and ends with its parent. */
import type { Job, JobResult } from './job.ts'
import { Refused } from './refused.ts'

// Each library takes 5 to 40 MB and up to a second of start-up, so only those a job needs are loaded.
async function perform(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'open': return (await import('./open.ts')).open(job)
    case 'survey': return (await import('./survey.ts')).survey(job)
    case 'page': return (await import('./page.ts')).readPage(job)
    case 'assemble': return (await import('./assemble.ts')).assemble(job)
  }
}

// Messages of decoders may quote content, so only our own refusals are passed on word for word.
function reasonOf(error: unknown): string {
  return error instanceof Refused ? error.message : 'cannot be decoded'
}

process.on('message', (job: Job) => {
  perform(job).then(
    (value) => process.send?.({ ok: true, value, rss: process.memoryUsage.rss() }),
    (error: unknown) => process.send?.({ ok: false, reason: reasonOf(error), rss: process.memoryUsage.rss() })
  ).catch(() => process.exit(1))
})
process.on('disconnect', () => process.exit(0))
