/** Where the link of an update leads: a page that asks, and the press that stops it. */
import type { ChannelRequest, ChannelResponse, ChannelRoute } from '../../core/intake/channel.ts'
import type { WebIntake } from './intake.ts'
import { languageFor, page } from './pages.ts'
import { renderStop } from './proof-pages.ts'
import { unknownCode } from './status-routes.ts'

/** Bytes of what a mail program sends for its one press (RFC 8058). */
const MAX_PRESS_BYTES = 4096

export function stopRoutes(intake: WebIntake): ChannelRoute[] {
  return [
    // Looking at the link changes nothing: mail filters look at every link.
    route('get', (request) =>
      answer(intake, request, intake.addressProofs().knowsStopLink(tokenOf(request)), false)
    ),
    route('post', async (request) =>
      answer(intake, request, await intake.addressProofs().stopUpdates(tokenOf(request)), true)
    )
  ]
}

function route(method: 'get' | 'post', handle: ChannelRoute['handle']): ChannelRoute {
  return {
    method,
    path: '/u/:token',
    maxBodyBytes: method === 'get' ? 0 : MAX_PRESS_BYTES,
    handle
  }
}

const tokenOf = ({ params }: ChannelRequest) => params['token'] ?? ''

async function answer(
  intake: WebIntake,
  request: ChannelRequest,
  known: boolean,
  done: boolean
): Promise<ChannelResponse> {
  if (!known) return unknownCode(intake, request)
  const agency = intake.agency()
  const body = renderStop(agency, languageFor(request, agency), { token: tokenOf(request), done })
  return page(200, body, request, intake.settings, agency)
}
