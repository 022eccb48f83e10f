/**
 * Receipts on paper, for people at the counter and for letters, faxes and calls that no machine can
 * answer.
 */
import { Router, type Request, type Response } from 'express'
import { publicUrl } from '../../../config/settings.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import { drawQrCodes } from '../../../core/mailroom/qr.ts'
import { baseFrame } from '../../../platform/pages/frame.ts'
import {
  findSlip,
  listWaitingSlips,
  recordSlip,
  type Slip
} from '../../../core/outbox/printed-slips.ts'
import { actorOf, requireStaff } from '../shared/authorization.ts'
import type { WebContext } from '../../context.ts'
import { redirectWith, showPage, type PageTools } from '../shared/pages.ts'

/**
 * How long to wait for the place in line of an entry just saved, in ms, because reading it takes a
 * moment.
 */
const WAIT_MS = 3_000
const LOOK_EVERY_MS = 100

export function slipRouter(options: WebContext, tools: PageTools): Router {
  const { db, agency, settings } = options
  const router = Router()
  router.use('/slips', requireStaff())
  router.get('/slips', async (request, response) => {
    showPage(tools, request, response, 'slips/slips', {
      title: 'Receipts owed',
      current: '/desk/slips',
      ...(await listWaitingSlips(db))
    })
  })
  router.get('/slips/:receipt', async (request, response) =>
    showSlip(options, tools, request, response)
  )
  router.post('/slips/:receipt/given', async (request, response) => {
    const slip = await findSlip(db, agency(), String(request.params['receipt']))
    if (!slip) throw new EvenhandError('RECEIPT_UNKNOWN')
    await recordSlip(db, slip.contactId, actorOf(response))
    redirectWith(settings, response, `/desk/slips/${slip.receipt}`, 'slip-given')
  })
  return router
}

async function showSlip(
  { db, agency, settings }: Pick<WebContext, 'db' | 'agency' | 'settings'>,
  tools: PageTools,
  request: Request,
  response: Response
): Promise<void> {
  const slip = await findSettled(
    () => findSlip(db, agency(), String(request.params['receipt'])),
    'new' in request.query
  )
  if (!slip) throw new EvenhandError('RECEIPT_UNKNOWN')
  const { languages } = agency().departments.agency
  const language =
    [request.query['lang'], slip.language, slip.language.split('-')[0]].find(
      (one): one is string => typeof one === 'string' && languages.includes(one)
    ) ??
    languages[0] ??
    'en'
  const url = `${publicUrl(settings)}/r/${slip.receipt}`
  const [qr] = await drawQrCodes([url])
  const paper = baseFrame(agency(), language)
  showPage(tools, request, response, 'slips/slip', {
    title: `Slip ${slip.receipt}`,
    scripts: ['forms.js', 'desk.js', 'work-screen.js'],
    slip,
    qr,
    url,
    paper,
    facts: factsOf(slip, paper),
    slipLanguages: languages.length > 1 ? languages : [],
    isNew: 'new' in request.query
  })
}

async function findSettled(
  find: () => Promise<Slip | undefined>,
  wait: boolean
): Promise<Slip | undefined> {
  const deadline = performance.now() + WAIT_MS
  for (;;) {
    const slip = await find()
    if (!wait || slip?.state !== 'received' || performance.now() > deadline) return slip
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_EVERY_MS)
    })
  }
}

/** Contains nothing that was said and no name, because somebody may find the slip on the street. */
function factsOf(
  slip: Slip,
  { t, say, time }: ReturnType<typeof baseFrame>
): { term: string; text: string }[] {
  const department = say(slip.departmentName)
  return [
    { term: t('status.arrived'), text: time(slip.arrivedAt) },
    ...(department ? [{ term: t('status.department'), text: department }] : []),
    slip.place === undefined
      ? {
          term: t('slip.state'),
          text: t(`status.state.${slip.state}`, { department: say(slip.departmentName) })
        }
      : {
          term: t('status.place'),
          text: t(slip.place === 1 ? 'status.placeFirst' : 'status.placeIs', { place: slip.place })
        }
  ]
}
