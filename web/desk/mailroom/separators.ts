/** Separator sheets to print: one per letter, laid on top of it before scanning. */
import type { Router } from 'express'
import { drawQrCodes } from '../../../core/mailroom/qr.ts'
import { mailroomLimits } from '../../../core/mailroom/limits.ts'
import type { Batch } from '../../../core/mailroom/types.ts'
import { field } from '../shared/fields.ts'
import { actorOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { showPage, type PageTools } from '../shared/pages.ts'
import { batchPath, workFrame, findBatch } from './shared.ts'

/** A ream is 500 sheets; half of it is a reasonable print job. */
export const MOST_SHEETS = 250
const USUAL_SHEETS = 20

/**
 * Viewing changes nothing: it shows sheets already made. Making sheets is a POST, because from then
 * on the tray is split by them.
 */
export function separatorRoutes(router: Router, options: WebContext, tools: PageTools): void {
  const { mailroom } = options
  router.get('/mailroom/batches/:batch/separators', async (request, response) => {
    const { batch } = await findBatch(options, request)
    const { from, count } = wanted(request.query, batch)
    const sheets = mailroom.separators(batch.id, from, count)
    const codes = await drawQrCodes(sheets.map(({ code }) => code))
    showPage(tools, request, response, 'mailroom/separators', {
      ...workFrame,
      title: `Separator sheets of tray ${batch.id}`,
      batch,
      back: batchPath(batch.id),
      from,
      count,
      made: from + count - 1 <= batch.printed,
      most: MOST_SHEETS,
      last: mailroomLimits.sheets,
      sheets: sheets.map(({ letter }, index) => ({ letter, qr: codes[index]! }))
    })
  })
  router.post('/mailroom/batches/:batch/separators', async (request, response) => {
    const { batch } = await findBatch(options, request)
    const { from, count } = wanted(
      { from: field(request, 'from', 10), count: field(request, 'count', 10) },
      batch
    )
    await mailroom.printSeparators(batch.id, from, count, actorOf(response))
    response.redirect(303, `${batchPath(batch.id)}/separators?from=${from}&count=${count}`)
  })
}

function wanted(
  asked: { readonly from?: unknown; readonly count?: unknown },
  { expected }: Batch
): { from: number; count: number } {
  const from = bounded(asked.from, mailroomLimits.sheets, 1)
  return {
    from,
    count: bounded(
      asked.count,
      Math.min(MOST_SHEETS, mailroomLimits.sheets - from + 1),
      Math.min(expected ?? USUAL_SHEETS, MOST_SHEETS)
    )
  }
}

/** A number from 1 to `most` from the URL; anything else becomes the nearest valid number. */
function bounded(value: unknown, most: number, usual: number): number {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : usual
  return Math.min(Math.max(number, 1), most)
}
