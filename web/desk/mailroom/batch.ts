/** One tray: its scans, its sheets as thumbnails, and what staff decide about them. */
import type { Request, Response, Router } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import type { BatchView, Letter, Mailroom, Scan, Sheet } from '../../../core/mailroom/types.ts'
import { field } from '../shared/fields.ts'
import { actorOf } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, showPage, type Flash, type PageTools } from '../shared/pages.ts'
import { formatAge } from '../shared/age.ts'
import { refusal } from '../shared/refusal.ts'
import { MAX_SCAN_BYTES } from './scan-limits.ts'
import {
  accountLine,
  batchPath,
  batchStates,
  workFrame,
  count,
  difference,
  findBatch,
  position
} from './shared.ts'
import { nameActor } from '../shared/actor-names.ts'

export function batchRoutes(router: Router, options: WebContext, tools: PageTools): void {
  const { mailroom, settings } = options
  router.get('/mailroom/batches/:batch', async (request, response) =>
    showBatch(options, tools, request, response, await findBatch(options, request))
  )
  router.get('/mailroom/batches/:batch/progress', async (request, response) => {
    response.json(progressOf(await findBatch(options, request)))
  })
  const act = (
    path: string,
    done: Flash,
    run: (view: BatchView, request: Request, actor: string) => Promise<string | undefined>
  ) => {
    router.post(`/mailroom/batches/:batch/${path}`, async (request, response) => {
      const view = await findBatch(options, request)
      const answer = await run(view, request, actorOf(response)).then(
        (to) => ({ to, flash: done }),
        (error: unknown) => ({ to: undefined, flash: refusal(error) })
      )
      redirectWith(settings, response, answer.to ?? batchPath(view.batch.id), answer.flash)
    })
  }
  act('finish', 'scanning-finished', async ({ batch }, _request, actor) => {
    await mailroom.finishScanning(batch.id, actor)
    return undefined
  })
  act('release', 'tray-released', async ({ batch }, request, actor) => {
    await mailroom.releaseBatch(batch.id, actor, field(request, 'reason') || undefined)
    return undefined
  })
  act('late', 'late-parted', async ({ batch }, request, actor) =>
    batchPath(await mailroom.partLate(batch.id, actor, field(request, 'reason')))
  )
  act('sides', 'sheet-changed', async ({ batch, scans }, request, actor) => {
    const scan = scans.find(({ id }) => id === field(request, 'scan', 100))
    if (!scan) throw new EvenhandError('NOT_FOUND')
    await mailroom.setSides(batch.id, scan.id, sideOf(field(request, 'side', 10)), actor)
    return undefined
  })
  router.post('/mailroom/batches/:batch/sheets', async (request, response) => {
    const view = await findBatch(options, request)
    const sheet = view.sheets.find(
      (one) => one.position === position(field(request, 'position', 10))
    )
    if (!sheet) throw new EvenhandError('NOT_FOUND')
    const wish = field(request, 'do', 20)
    if (wish === 'open') return response.redirect(303, addressOf(view, sheet))
    const flash = await changeSheet(mailroom, view, sheet, {
      wish,
      actor: actorOf(response),
      reason: field(request, 'reason')
    }).catch(refusal)
    redirectWith(settings, response, `${batchPath(view.batch.id)}?at=${sheet.position}`, flash)
  })
}

export function sideOf(value: string): Scan['side'] {
  return value === 'fronts' || value === 'backs' ? value : 'both'
}

/** The page of the letter that a sheet belongs to, or of the sheet alone. */
function addressOf({ batch, letters }: BatchView, sheet: Sheet): string {
  const letter = letters.find(({ number }) => number === sheet.letter)
  return letter
    ? `${batchPath(batch.id)}/letters/${letter.id}`
    : `${batchPath(batch.id)}/sheets/${sheet.position}/page?turned=${sheet.turned}`
}

async function changeSheet(
  mailroom: Mailroom,
  { batch, sheets }: BatchView,
  sheet: Sheet,
  {
    wish,
    actor,
    reason
  }: { readonly wish: string; readonly actor: string; readonly reason: string }
): Promise<Flash> {
  if (wish === 'begin') await mailroom.beginLetterAt(batch.id, sheet.position, actor, reason)
  // Any sheet of a letter can be used to join it with the letter before.
  else if (wish === 'join')
    await mailroom.joinToLetterBefore(
      batch.id,
      sheets.find(({ letter, starts }) => starts && letter === sheet.letter)?.position ??
        sheet.position,
      actor,
      reason
    )
  else if (wish === 'page' || wish === 'blank' || wish === 'separator')
    await mailroom.setKind(batch.id, sheet.position, wish, actor, reason)
  else if (wish === 'rotate')
    await mailroom.rotate(
      batch.id,
      sheet.position,
      ((sheet.turned + 90) % 360) as Sheet['turned'],
      actor
    )
  else throw new EvenhandError('BAD_REQUEST')
  return wish === 'rotate' ? 'sheet-turned' : 'sheet-changed'
}

export interface BatchProblem {
  readonly field?: string
  readonly text: string
}

/** The page of a tray. With problems, it answers a request that could not be carried out. */
export async function showBatch(
  { staff }: Pick<WebContext, 'staff'>,
  tools: PageTools,
  request: Request,
  response: Response,
  { problems = [], ...view }: BatchView & { readonly problems?: readonly BatchProblem[] }
): Promise<void> {
  const { batch, sheets } = view
  const names = await staff.names()
  const at = typeof request.query['at'] === 'string' ? Number(request.query['at']) : 0
  showPage(tools, request, response, 'mailroom/batch', {
    ...workFrame,
    title: `Tray ${batch.id}`,
    ...view,
    problems,
    path: batchPath(batch.id),
    stateText: batchStates[batch.state],
    groups: groupSheets(view),
    mendable:
      sheets.every(({ read }) => read) &&
      view.scans.every(({ state }) => state === 'read' || state === 'withheld'),
    chosen: sheets.some(({ position }) => position === at) ? at : undefined,
    progress: progressOf(view),
    accountText: accountLine(batch.pageCount),
    difference: difference(batch.pageCount),
    count,
    age: formatAge,
    who: (actor: string) => nameActor(names, actor),
    kindText,
    mostMegabytes: MAX_SCAN_BYTES / 1024 ** 2,
    status: problems.length > 0 ? 422 : 200
  })
}

/**
 * For a page that polls: a text to show, and a stamp that changes when the page must be reloaded.
 */
function progressOf({ batch, scans, sheets }: BatchView): {
  working: boolean
  text: string
  stamp: string
  done: number
} {
  const text =
    batch.state === 'reading'
      ? `${batch.pagesRead.toLocaleString('en')} of ${count(batch.pagesTotal, 'page')} read`
      : `${count(scans.length, 'scan')} so far, ${count(batch.pagesTotal, 'page')}`
  return {
    working: batch.state === 'reading' || batch.state === 'scanning',
    text,
    done: batch.pagesRead,
    stamp: `${batch.state} ${scans.length} ${sheets.length} ${batch.problems.length}`
  }
}

interface SheetGroup {
  /** The page's letter; undefined between letters, and until the pages are read. */
  readonly letter: Letter | undefined
  readonly heading: string
  readonly sheets: Sheet[]
}

/** Sheets in order, grouped by letter with its blank backs; separators stand between the groups. */
function groupSheets({ sheets, letters }: BatchView): SheetGroup[] {
  const groups: SheetGroup[] = []
  const byNumber = new Map(letters.map((letter) => [letter.number, letter]))
  for (const sheet of sheets) {
    const last = groups.at(-1)
    const [first] = last?.sheets ?? []
    if (
      first &&
      (first.letter === sheet.letter || (first.letter !== undefined && sheet.kind === 'blank'))
    )
      last!.sheets.push(sheet)
    else
      groups.push({
        letter: sheet.letter === undefined ? undefined : byNumber.get(sheet.letter),
        heading: sheet.letter === undefined ? 'Between letters' : `Letter ${sheet.letter}`,
        sheets: [sheet]
      })
  }
  return groups
}

const startWords = {
  signed: 'after its separator',
  text: 'after a bought separator',
  number: 'by its archive number',
  person: 'by hand',
  first: 'as the first sheet'
} as const

/** What a sheet is, in a word or two. */
function kindText(sheet: Sheet): string {
  const { kind } = sheet
  if (sheet.withheld !== undefined) return `${kind}, withheld`
  if (!sheet.read) return `${kind}, being read`
  return sheet.starts && sheet.startedBy ? `${kind}, begins ${startWords[sheet.startedBy]}` : kind
}
