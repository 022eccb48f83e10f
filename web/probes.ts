import { Router, type Request, type RequestHandler } from 'express'
import type { Registry } from 'prom-client'
import type { Settings } from '../config/settings.ts'
import { bearerOf } from '../core/access/api-keys.ts'
import { asEvenhandError, EvenhandError } from '../platform/errors.ts'
import { isLoopback } from '../platform/limits/address-key.ts'
import { isSameText } from '../platform/signing.ts'

/** For monitoring: whether the process is up, whether it can work, and its counts. */
export function probeRouter({
  ready,
  metrics,
  settings
}: {
  ready: () => Promise<void>
  metrics: Registry
  settings: Settings
}): Router {
  const router = Router()
  router.use(['/healthz', '/readyz', '/metrics'], (_request, response, next) => {
    response.set('cache-control', 'no-store')
    next()
  })
  router.get('/healthz', (_request, response) => {
    response.type('text').send('ok\n')
  })
  router.get('/readyz', async (_request, response) => {
    const failure = await ready().then(() => undefined, asEvenhandError)
    const reason =
      failure?.code === 'STORAGE_FULL'
        ? 'the disk is full or cannot be written'
        : 'the database cannot be reached'
    response
      .status(failure ? 503 : 200)
      .type('text')
      .send(failure ? `${reason}\n` : 'ready\n')
  })
  router.get('/metrics', guardMetrics(settings), async (_request, response) => {
    response.set('content-type', metrics.contentType).send(await metrics.metrics())
  })
  return router
}

/** Headers that a proxy adds to a request. */
const forwarded = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via'
]

/**
 * Metrics are for the operators: only for requests from this machine and not through a proxy, or
 * with METRICS_TOKEN. The guard is on the route itself, so that every spelling of the path is
 * covered. @throws METRICS_PRIVATE
 */
function guardMetrics({ METRICS_TOKEN: token }: Settings): RequestHandler {
  return (request, _response, next) => {
    if (!isFromHere(request) && !isToken(bearerOf(request.headers.authorization), token))
      throw new EvenhandError('METRICS_PRIVATE')
    next()
  }
}

function isFromHere({ socket, headers }: Request): boolean {
  return (
    isLoopback(socket.remoteAddress ?? '') && !forwarded.some((name) => headers[name] !== undefined)
  )
}

function isToken(given: string | undefined, token: string | undefined): boolean {
  return given !== undefined && token !== undefined && isSameText(given, token)
}
