/** Separator sheets to print: one a letter, laid on top of it before scanning. */
import type { Router } from 'express'
import { drawQrCodes } from '../../core/mailroom/qr.ts'
import { mailroomLimits } from '../../core/mailroom/limits.ts'
import type { HttpOptions } from '../http-options.ts'
import { showPage, type PageTools } from '../pages.ts'
import { batchPath, benchFrame, findBatch } from './shared.ts'

/** A ream is 500 sheets; half of it is as much as one print job should be. */
export const MOST_SHEETS = 250
const USUAL_SHEETS = 20

export function separatorRoutes(router: Router, options: HttpOptions, tools: PageTools): void {
  router.get('/mailroom/batches/:batch/separators', async (request, response) => {
    const { batch } = await findBatch(options, request)
    const usual = Math.min(batch.expected ?? USUAL_SHEETS, MOST_SHEETS)
    const from = bounded(request.query['from'], mailroomLimits.sheets, 1)
    const count = bounded(request.query['count'], Math.min(MOST_SHEETS, mailroomLimits.sheets - from + 1), usual)
    const sheets = await options.mailroom.separators(batch.id, from, count)
    const codes = await drawQrCodes(sheets.map(({ code }) => code))
    showPage(tools, request, response, 'mailroom/separators', {
      ...benchFrame, title: `Separator sheets of tray ${batch.id}`, batch, back: batchPath(batch.id), from, count, most: MOST_SHEETS, last: mailroomLimits.sheets,
      sheets: sheets.map(({ letter }, index) => ({ letter, qr: codes[index]! }))
    })
  })
}

/** A number from 1 to `most` out of the address; anything else becomes the nearest that can be meant. */
function bounded(value: unknown, most: number, usual: number): number {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : usual
  return Math.min(Math.max(number, 1), most)
}
