/** Where the link of an update leads: a page that asks, and the press that stops it. */
import type { ChannelRequest, ChannelResponse, ChannelRoute } from '../../core/intake/channel.ts'
import type { WebIntake } from './intake.ts'
import { languageFor, page } from './pages.ts'
import { renderStop } from './proof-pages.ts'
import { unknownCode } from './status-routes.ts'

/** Bytes of what a mail program sends for its one press (RFC 8058). */
const MAX_PRESS_BYTES = 4096

export function stopRoutes(intake: WebIntake): ChannelRoute[] {
  const route = (method: 'get' | 'post'): ChannelRoute => ({
    method,
    path: '/u/:token',
    maxBodyBytes: method === 'get' ? 0 : MAX_PRESS_BYTES,
    handle: (request) => answerStop(intake, request, method === 'post')
  })
  return [route('get'), route('post')]
}

/** Looking at the link changes nothing: mail filters look at every link. */
async function answerStop(
  intake: WebIntake,
  request: ChannelRequest,
  stop: boolean
): Promise<ChannelResponse> {
  const token = request.params['token'] ?? ''
  if (!(await intake.addressProofs().stopUpdates(token, stop))) return unknownCode(intake, request)
  const agency = intake.agency()
  const body = renderStop(agency, languageFor(request, agency), { token, done: stop })
  return page(200, body, request, intake.settings, agency)
}
