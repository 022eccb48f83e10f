/** Notes, drafts kept by the page's script, duties, and second looks at replies. */
import { Router, type Request, type Response } from 'express'
import { dutiesOf, settleDuty } from '../../../core/outbox/duties.ts'
import { isSetUp } from '../../../core/outbox/set-up.ts'
import { actorsOf } from '../../../core/access/staff.ts'
import { approveReply, sendBackReply, type SecondPerson } from '../../../core/replies/approve.ts'
import { savedWords } from '../../../core/replies/compose.ts'
import { fileOfReply, letterOf } from '../../../core/replies/letter-of.ts'
import { markMentionsRead } from '../../../core/replies/notes.ts'
import { gatheredCases, viewReply } from '../../../core/replies/view.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import type { CaseView } from '../../../core/cases/types.ts'
import type { WebContext } from '../../context.ts'
import { sendFile } from '../../send-file.ts'
import { actorOf, staffOf } from '../shared/authorization.ts'
import { field, idParam } from '../shared/fields.ts'
import { redirectWith, type Flash } from '../shared/pages.ts'
import type { ComeBack } from '../unsent/refused.ts'
import { keepBox, type Value } from './boxes.ts'
import { findCase } from './find.ts'

type Act = (view: CaseView, request: Request, response: Response) => Promise<Flash>

export function conversationRouter(options: WebContext, comeBack: ComeBack): Router {
  const { db, settings } = options
  const router = Router()
  const post = (path: string, place: string, act: Act) =>
    router.post(path, async (request, response) => {
      const view = await findCase(options, request, response)
      await act(view, request, response).then(
        (say) => redirectWith(settings, response, `/desk/cases/${view.caseId}${place}`, say),
        (error: unknown) => comeBack(request, response, error, place)
      )
    })
  post('/cases/:id/mentions/read', '', async (view, _request, response) => {
    await markMentionsRead(db, staffOf(response).id, await gatheredCases(db, view.caseId))
    return 'mentions-read'
  })
  post('/cases/:id/duties/:duty', '#duties', async (view, request, response) => {
    const duties = await dutiesOf(db, await gatheredCases(db, view.caseId))
    const dutyId = idParam(request, 'duty', 'NOT_FOUND')
    if (!duties.some((duty) => duty.dutyId === dutyId)) throw new EvenhandError('NOT_FOUND')
    const [how, words] = [field(request, 'how', 20), field(request, 'words')]
    await settleDuty(db, { dutyId, actor: actorOf(response), how, words })
    return 'duty-settled'
  })
  post('/cases/:id/replies/:reply/approve', '', async (view, request, response) => {
    const replyId = await replyOf(options, view, request)
    await approveReply(options, replyId, secondPerson(response))
    const { way } = (await viewReply(db, view.caseId, replyId))!
    return way && !isSetUp(settings, way) ? 'reply-filed' : 'reply-approved'
  })
  post('/cases/:id/replies/:reply/send-back', '', async (view, request, response) => {
    const replyId = await replyOf(options, view, request)
    const words = field(request, 'words')
    await sendBackReply(db, { replyId, person: secondPerson(response), words })
    return 'reply-sent-back'
  })
  router.post('/cases/:id/drafts/:kind', async (request, response) => {
    const view = await findCase(options, request, response)
    const kind = request.params['kind'] === 'note' ? 'note' : 'reply'
    const body = (request.body ?? {}) as Record<string, unknown>
    const kept = await keepBox(options, view, response, { kind, value: valueIn(body) })
    if (!kept) throw new EvenhandError('BAD_REQUEST', 'a draft without an id')
    const { version, updatedAt, other } = kept.draft
    response.json({ version, at: updatedAt, other: other.length > 0 })
  })
  router.get('/cases/:id/replies/:reply/letter', async (request, response) => {
    const view = await findCase(options, request, response)
    const letter = await letterOf(options, await replyOf(options, view, request))
    if (!letter) throw new EvenhandError('NOT_FOUND')
    // Shown in the browser, where it is printed.
    response.set('content-disposition', `inline; filename="${letter.name}"`)
    response.type('application/pdf').send(Buffer.from(letter.bytes))
  })
  router.get('/cases/:id/replies/:reply/files/:number', async (request, response) => {
    const view = await findCase(options, request, response)
    const replyId = await replyOf(options, view, request)
    const number = /^\d{1,2}$/.exec(String(request.params['number']))?.[0]
    sendFile(response, number ? await fileOfReply(options, replyId, Number(number)) : undefined)
  })
  router.get('/cases/:id/saved/:saved', async (request, response) => {
    const view = await findCase(options, request, response)
    const { language } = request.query
    const text = savedWords(
      options.agency(),
      view,
      String(request.params['saved']),
      typeof language === 'string' ? language : undefined
    )
    if (text === undefined) throw new EvenhandError('NOT_FOUND')
    response.json({ text })
  })
  return router
}

function valueIn(body: Record<string, unknown>): Value {
  return (name) => {
    const value = body[name]
    return typeof value === 'string' ? value : ''
  }
}

function secondPerson(response: Response): SecondPerson {
  return { actor: actorOf(response), names: actorsOf(staffOf(response)) }
}

/** A reply of this case. @throws NOT_FOUND */
async function replyOf(
  { db }: Pick<WebContext, 'db'>,
  view: CaseView,
  request: Request
): Promise<string> {
  const replyId = idParam(request, 'reply', 'NOT_FOUND')
  if (!(await viewReply(db, view.caseId, replyId))) throw new EvenhandError('NOT_FOUND')
  return replyId
}
