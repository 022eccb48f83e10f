/** Scans sent from the bench, kept one by one as they come. */
import type { Request, Response } from 'express'
import { Router } from 'express'
import { EvenhandError } from '../../core/errors.ts'
import type { FormProtection } from '../csrf.ts'
import { actorOf, requireStaff } from '../gate.ts'
import type { HttpOptions } from '../http-options.ts'
import { mailroomRoles, redirectWith, type PageTools } from '../pages.ts'
import { showBatch, sideOf, type BatchProblem } from './batch.ts'
import { receiveFiles } from './receive-files.ts'
import { batchPath, findBatch } from './shared.ts'

/** Stands before the check of form tokens, since the token comes in the body; makes that check itself before anything is kept. */
export function uploadRouter(options: HttpOptions, tools: PageTools, protection: FormProtection): Router {
  const router = Router({ caseSensitive: true })
  router.post('/mailroom/batches/:batch/scans', requireStaff(mailroomRoles), async (request, response) => {
    const problems: BatchProblem[] = []
    const { batch } = await findBatch(options, request)
    const kept = await receiveFiles(request, {
      begin: (fields) => checkToken(protection, request, response, fields),
      keep: async (name, bytes, fields) => {
        const refused = await options.mailroom.addScan(batch.id, { name, bytes, side: sideOf(fields.get('side') ?? ''), actor: actorOf(response) }).then(() => undefined, sayRefusal)
        if (refused) problems.push({ text: `${name}: ${refused}` })
        return !refused
      },
      over: (text) => problems.push({ text })
    })
    if (kept === 0 && problems.length === 0) problems.push({ field: 'scans', text: 'Files from the scanner: choose at least one.' })
    if (problems.length === 0) redirectWith(options.settings, response, batchPath(batch.id), 'scans-kept')
    else await showBatch(options, tools, request, response, await findBatch(options, request), problems)
  })
  return router
}

function sayRefusal(error: unknown): string {
  if (error instanceof EvenhandError && !error.report) return error.message
  throw error
}

function checkToken({ check }: FormProtection, request: Request, response: Response, fields: ReadonlyMap<string, string>): Promise<void> {
  request.body = Object.fromEntries(fields)
  return new Promise((resolve, reject) => { void check(request, response, (error?: unknown) => (error ? reject(error as Error) : resolve())) })
}
