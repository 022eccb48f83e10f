/** Takes scans uploaded from the page and stores each as it arrives. */
import { Router } from 'express'
import type { FormProtection } from '../shared/csrf.ts'
import { actorOf, requireStaff } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { mailroomRoles } from '../shared/roles.ts'
import { redirectWith, type PageTools } from '../shared/pages.ts'
import { isRefusal } from '../shared/refusal.ts'
import { showBatch, sideOf, type BatchProblem } from './batch.ts'
import { streamFiles } from '../../../platform/http-bodies/stream-files.ts'
import { sayOver, scanBounds } from './scan-limits.ts'
import { batchPath, findBatch } from './shared.ts'

/**
 * Runs before the general check of form tokens, because the token comes in the body. It makes that
 * check itself before anything is kept.
 */
export function uploadRouter(
  options: WebContext,
  tools: PageTools,
  protection: FormProtection
): Router {
  const router = Router({ caseSensitive: true })
  router.post(
    '/mailroom/batches/:batch/scans',
    requireStaff(mailroomRoles),
    async (request, response) => {
      const problems: BatchProblem[] = []
      const { batch } = await findBatch(options, request)
      const kept = await streamFiles(
        request,
        {
          begin: (fields) => protection.checkFields(request, response, fields),
          keep: async (given, bytes, fields) => {
            const name = given || 'scan'
            const refused = await options.mailroom
              .addScan(batch.id, {
                name,
                bytes,
                side: sideOf(fields.get('side') ?? ''),
                actor: actorOf(response)
              })
              .then(() => undefined, sayRefusal)
            if (refused) problems.push({ text: `${name}: ${refused}` })
            return !refused
          },
          over: (over) => problems.push({ text: sayOver(over) })
        },
        scanBounds
      )
      if (kept === 0 && problems.length === 0)
        problems.push({ field: 'scans', text: 'Files from the scanner: choose at least one.' })
      if (problems.length === 0)
        redirectWith(options.settings, response, batchPath(batch.id), 'scans-kept')
      else
        await showBatch(options, tools, request, response, {
          ...(await findBatch(options, request)),
          problems
        })
    }
  )
  return router
}

function sayRefusal(error: unknown): string {
  if (isRefusal(error)) return error.message
  throw error
}
