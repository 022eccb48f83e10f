/** The addresses of GeoReport v2 (http://wiki.open311.org/GeoReport_v2). */
import type { ChannelRequest, ChannelResponse, ChannelRoute } from '../../core/intake/channel.ts'
import type { Open311Intake } from './intake.ts'
import type { EvenhandError } from '../../platform/errors.ts'
import { discovery, serviceDefinition, serviceList } from './catalogue.ts'
import { refusal, splitFormat, type Format } from './format.ts'
import { checkJurisdiction } from './jurisdiction.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { takeReport } from './post.ts'
import { listReports, resolveToken, showReport } from './requests.ts'

type Handle = (
  request: ChannelRequest,
  format: Format,
  id: string
) => ChannelResponse | Promise<ChannelResponse>

export function open311Routes(intake: Open311Intake): ChannelRoute[] {
  const read = (
    path: string,
    handle: (request: ChannelRequest) => ChannelResponse | Promise<ChannelResponse>
  ): ChannelRoute => ({
    method: 'get',
    path,
    maxBodyBytes: 0,
    refuse,
    handle: async (request) => handle(request)
  })
  const collections: Record<string, Handle> = {
    discovery: (_request, format) => discovery(format, intake.agency(), intake.settings),
    services: within(intake, (_request, format) => serviceList(format, intake.agency())),
    requests: within(intake, (request, format) => listReports(intake, request, format)),
    tokens: within(intake, (request, format) =>
      resolveToken(intake, '', format, request.remoteAddress)
    )
  }
  const members: Record<string, Handle> = {
    services: within(intake, (_request, format, id) =>
      serviceDefinition(format, intake.agency(), id)
    ),
    requests: within(intake, (request, format, id) =>
      showReport(intake, id, format, request.remoteAddress)
    ),
    tokens: within(intake, (request, format, id) =>
      resolveToken(intake, id, format, request.remoteAddress)
    )
  }
  return [
    read('/open311/:resource', (request) =>
      dispatch({ discovery: collections['discovery']! }, request, request.params['resource'])
    ),
    read('/open311/v2/:resource', (request) =>
      dispatch(collections, request, request.params['resource'])
    ),
    read('/open311/v2/:resource/:id', (request) =>
      dispatch(
        only(members, request.params['resource']),
        request,
        request.params['id'],
        request.params['resource']
      )
    ),
    {
      method: 'post',
      path: '/open311/v2/:resource',
      maxBodyBytes: MAX_BODY_BYTES,
      refuse,
      handle: async (request) =>
        dispatch(
          { requests: (_request, format) => takeReport(intake, request, format) },
          request,
          request.params['resource']
        )
    }
  ]
}

/** Checks the jurisdiction first, as every method except discovery must. */
function within(intake: Open311Intake, handle: Handle): Handle {
  return (request, format, id) => {
    const problems = checkJurisdiction(
      intake.agency(),
      request.query.get('jurisdiction_id')?.trim() || undefined
    )
    return problems.length > 0 ? refusal(format, problems) : handle(request, format, id)
  }
}

/** @param last the last part of the address, which includes the format */
function dispatch(
  handlers: Record<string, Handle>,
  request: ChannelRequest,
  last = '',
  resource?: string
): ChannelResponse | Promise<ChannelResponse> {
  const parts = splitFormat(last)
  const name = resource ?? parts?.name ?? ''
  const handle = parts && Object.hasOwn(handlers, name) ? handlers[name] : undefined
  if (!parts || !handle)
    return refusal(parts?.format ?? 'xml', [
      { status: 404, description: 'There is nothing at this address.' }
    ])
  return handle(request, parts.format, resource === undefined ? '' : parts.name)
}

function only(handlers: Record<string, Handle>, resource = ''): Record<string, Handle> {
  return Object.hasOwn(handlers, resource) ? { [resource]: handlers[resource]! } : {}
}

/**
 * The specification has 400, 403 and 404. If trying again helps, other codes are used, because
 * after a final 400 an honest client gives up.
 */
function refuse(error: EvenhandError, request: ChannelRequest): ChannelResponse {
  const status =
    error.status === 429 || error.status >= 500 ? error.status : error.status === 404 ? 404 : 400
  return refusal(request.path.endsWith('.json') ? 'json' : 'xml', [
    { status, description: error.message }
  ])
}
