/** Receipts on paper: for people at the counter, and for letters, faxes and calls that no machine can answer. */
import { Router, type Request, type Response } from 'express'
import { publicUrl } from '../config/settings.ts'
import { EvenhandError } from '../core/errors.ts'
import { drawQrCodes } from '../core/mailroom/qr.ts'
import { baseFrame } from '../core/pages/frame.ts'
import type { Slip } from '../core/slips.ts'
import { actorOf, requireStaff } from './gate.ts'
import type { HttpOptions } from './http-options.ts'
import { redirectWith, showPage, type PageTools } from './pages.ts'

/** Whoever has just saved an entry sees its place: reading takes a moment, and this long is worth waiting, in ms. */
const WAIT_MS = 3_000
const LOOK_EVERY_MS = 100

export function slipRouter(options: HttpOptions, tools: PageTools): Router {
  const { desk, settings } = options
  const router = Router()
  router.use('/slips', requireStaff())
  router.get('/slips', async (request, response) => {
    showPage(tools, request, response, 'slips', { title: 'Receipts owed', current: '/desk/slips', ...await desk.listOwedSlips() })
  })
  router.get('/slips/:receipt', async (request, response) => showSlip(options, tools, request, response))
  router.post('/slips/:receipt/given', async (request, response) => {
    const slip = await desk.slip(String(request.params['receipt']))
    if (!slip) throw new EvenhandError('RECEIPT_UNKNOWN')
    await desk.recordSlip(slip.contactId, actorOf(response))
    redirectWith(settings, response, `/desk/slips/${slip.receipt}`, 'slip-given')
  })
  return router
}

async function showSlip({ desk, agency, settings }: HttpOptions, tools: PageTools, request: Request, response: Response): Promise<void> {
  const slip = await findSettled(desk, String(request.params['receipt']), 'new' in request.query)
  if (!slip) throw new EvenhandError('RECEIPT_UNKNOWN')
  const { languages } = agency().departments.agency
  const language = [request.query['lang'], slip.language, slip.language.split('-')[0]].find((one): one is string => typeof one === 'string' && languages.includes(one)) ?? languages[0] ?? 'en'
  const url = `${publicUrl(settings)}/r/${slip.receipt}`
  const [qr] = await drawQrCodes([url])
  const paper = baseFrame(agency(), language)
  showPage(tools, request, response, 'slip', {
    title: `Slip ${slip.receipt}`, scripts: ['forms.js', 'desk.js', 'bench.js'], slip, qr, url, paper, facts: factsOf(slip, paper), slipLanguages: languages.length > 1 ? languages : [], isNew: 'new' in request.query
  })
}

async function findSettled(desk: HttpOptions['desk'], receipt: string, wait: boolean): Promise<Slip | undefined> {
  const deadline = performance.now() + WAIT_MS
  for (;;) {
    const slip = await desk.slip(receipt)
    if (!wait || slip?.state !== 'received' || performance.now() > deadline) return slip
    await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY_MS) })
  }
}

/** Nothing of what was said and nobody's name: a slip may be found on the street. */
function factsOf(slip: Slip, { t, say, time }: ReturnType<typeof baseFrame>): { term: string; text: string }[] {
  const department = say(slip.departmentName)
  return [
    { term: t('status.arrived'), text: time(slip.arrivedAt) },
    ...(department ? [{ term: t('status.department'), text: department }] : []),
    slip.place === undefined ? { term: t('slip.state'), text: t(`status.state.${slip.state}`) } : { term: t('status.place'), text: t(slip.place === 1 ? 'status.placeFirst' : 'status.placeIs', { place: slip.place }) }
  ]
}
