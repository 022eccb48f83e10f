/** The addresses of GeoReport v2 (http://wiki.open311.org/GeoReport_v2). */
import type { ChannelRequest, ChannelResponse, ChannelRoute, Intake } from '../../core/channel.ts'
import type { EvenhandError } from '../../core/errors.ts'
import { discovery, serviceDefinition, serviceList } from './catalogue.ts'
import { refusal, splitFormat, type Format } from './format.ts'
import { checkJurisdiction } from './jurisdiction.ts'
import { MAX_BODY_BYTES, POSTS_PER_MINUTE, READS_PER_MINUTE } from './limits.ts'
import { takeReport } from './post.ts'
import { listReports, resolveToken, showReport } from './requests.ts'

type Handle = (request: ChannelRequest, format: Format, id: string) => ChannelResponse | Promise<ChannelResponse>

export function open311Routes(collect: Intake): ChannelRoute[] {
  const read = (path: string, handle: (request: ChannelRequest) => ChannelResponse | Promise<ChannelResponse>): ChannelRoute =>
    ({ method: 'get', path, maxBodyBytes: 0, perMinute: READS_PER_MINUTE, refuse, handle: async (request) => handle(request) })
  const collections: Record<string, Handle> = {
    discovery: (_request, format) => discovery(format, collect.agency(), collect.settings),
    services: within(collect, (_request, format) => serviceList(format, collect.agency())),
    requests: within(collect, (request, format) => listReports(collect, request, format)),
    tokens: within(collect, (_request, format) => resolveToken(collect, '', format))
  }
  const members: Record<string, Handle> = {
    services: within(collect, (_request, format, id) => serviceDefinition(format, collect.agency(), id)),
    requests: within(collect, (_request, format, id) => showReport(collect, id, format)),
    tokens: within(collect, (_request, format, id) => resolveToken(collect, id, format))
  }
  return [
    read('/open311/:resource', (request) => dispatch({ discovery: collections['discovery']! }, request, request.params['resource'])),
    read('/open311/v2/:resource', (request) => dispatch(collections, request, request.params['resource'])),
    read('/open311/v2/:resource/:id', (request) => dispatch(only(members, request.params['resource']), request, request.params['id'], request.params['resource'])),
    {
      method: 'post', path: '/open311/v2/:resource', maxBodyBytes: MAX_BODY_BYTES, perMinute: POSTS_PER_MINUTE, refuse,
      handle: async (request) => dispatch({ requests: (_request, format) => takeReport(collect, request, format) }, request, request.params['resource'])
    }
  ]
}

/** Asks for the jurisdiction first, as every method but discovery does. */
function within(collect: Intake, handle: Handle): Handle {
  return (request, format, id) => {
    const problems = checkJurisdiction(collect.agency(), request.query.get('jurisdiction_id')?.trim() || undefined)
    return problems.length > 0 ? refusal(format, problems) : handle(request, format, id)
  }
}

/** @param last the last part of the address, which carries the format */
function dispatch(handlers: Record<string, Handle>, request: ChannelRequest, last = '', resource?: string): ChannelResponse | Promise<ChannelResponse> {
  const parts = splitFormat(last)
  const name = resource ?? parts?.name ?? ''
  const handle = parts && Object.hasOwn(handlers, name) ? handlers[name] : undefined
  if (!parts || !handle) return refusal(parts?.format ?? 'xml', [{ status: 404, description: 'There is nothing at this address.' }])
  return handle(request, parts.format, resource === undefined ? '' : parts.name)
}

function only(handlers: Record<string, Handle>, resource = ''): Record<string, Handle> {
  return Object.hasOwn(handlers, resource) ? { [resource]: handlers[resource]! } : {}
}

/** The specification knows 400, 403 and 404; where trying again helps, a final 400 would make an honest client give up. */
function refuse(error: EvenhandError, request: ChannelRequest): ChannelResponse {
  const status = error.status === 429 || error.status >= 500 ? error.status : error.status === 404 ? 404 : 400
  return refusal(request.path.endsWith('.json') ? 'json' : 'xml', [{ status, description: error.message }])
}
