/** Mounts the routes of channels, which never see Express. Each route has its own bounds. */
import type { ErrorRequestHandler, Express, Request, Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import { publicUrl, type Settings } from '../config/settings.ts'
import type { ChannelRequest, ChannelResponse, ChannelRoute } from '../core/intake/channel.ts'
import { EvenhandError } from '../platform/errors.ts'
import { rates } from '../platform/limits/rates.ts'
import type { Log } from '../platform/logger.ts'
import type { Bodies } from './bodies.ts'
import { retryAfter, toCatalogue } from './error-handler.ts'

export function mountRoute(
  app: Express,
  route: ChannelRoute,
  { settings, log, bodies }: { settings: Settings; log: Log; bodies: Bodies }
): void {
  const body =
    route.maxBodyBytes > 0
      ? [
          ...(route.keepsText ? [bodies.textOf(route.maxBodyBytes)] : []),
          bodies.raw(route.maxBodyBytes)
        ]
      : []
  app[route.method](
    route.path,
    limitRate(route.perMinute ?? rates.flood),
    ...body,
    async (request: Request, response: Response) => {
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const { textFields } = response.locals as Pick<ChannelRequest, 'textFields'>
      send(
        response,
        await route.handle({
          ...toChannelRequest(request, settings),
          ...(textFields ? { textFields } : {}),
          signal: gone.signal
        })
      )
    },
    refuseAs(route, settings, log)
  )
}

/** Answers an error in the route's own format if it has one. */
function refuseAs(route: ChannelRoute, settings: Settings, log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (!route.refuse || response.headersSent) return next(thrown)
    const error = toCatalogue(thrown)
    if (error.report)
      log.error({ err: error, code: error.code, method: request.method }, 'a request failed')
    response.set(retryAfter(error))
    send(response, route.refuse(error, toChannelRequest(request, settings)))
  }
}

function send(response: Response, answer: ChannelResponse): void {
  response
    .status(answer.status)
    .set({ 'cache-control': 'no-store', ...copyHeaders(answer.headers) })
  response.end(answer.body)
}

/** Refuses an address that makes more requests than a route allows. */
function limitRate(perMinute: number) {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: false,
    legacyHeaders: false,
    validate: { xForwardedForHeader: false },
    handler: (_request, _response, next) => next(new EvenhandError('RATE_LIMITED'))
  })
}

function toChannelRequest(request: Request, settings: Settings): ChannelRequest {
  return {
    method: request.method,
    path: request.path,
    url: publicUrl(settings) + request.originalUrl,
    headers: request.headers,
    query: new URLSearchParams(request.originalUrl.split('?').slice(1).join('?')),
    params: Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)])
    ),
    cookies: request.cookies as Record<string, string | undefined>,
    body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
    remoteAddress: request.ip ?? ''
  }
}

function copyHeaders(
  headers: Readonly<Record<string, string | readonly string[]>> = {}
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...value]
    ])
  )
}
