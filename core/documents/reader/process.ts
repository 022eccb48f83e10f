/** The program of one reader process: takes jobs one at a time from the pool, answers each, and ends with its parent. */
import { assemble } from './assemble.ts'
import type { Job, JobResult } from './job.ts'
import { open } from './open.ts'
import { readPage } from './page.ts'
import { Refused } from './refused.ts'
import { survey } from './survey.ts'

function perform(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'open': return open(job)
    case 'survey': return survey(job)
    case 'page': return readPage(job)
    case 'assemble': return assemble(job)
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
