import type { RequestHandler } from 'express'
import { Histogram, type Registry } from 'prom-client'
import type { LoopWatch } from '../platform/event-loop-watch.ts'

/**
 * Times requests by route pattern (never by path, which holds receipts and ids), method and status.
 */
export function measure(metrics: Registry, watch?: LoopWatch): RequestHandler {
  const durations = new Histogram({
    name: 'evenhand_http_seconds',
    help: 'HTTP requests by route, method and status',
    labelNames: ['route', 'method', 'status'],
    registers: [metrics],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10]
  })
  return (request, response, next) => {
    const start = performance.now()
    const end = watch?.begin(`${request.method} ${areaOf(request.path)}`)
    response.on('close', () => end?.())
    response.on('finish', () => {
      const pattern: unknown = request.route?.path
      const route =
        typeof pattern === 'string'
          ? `${request.baseUrl.startsWith('/desk') ? '/desk' : ''}${pattern}`
          : 'other'
      durations.observe(
        { route, method: request.method, status: response.statusCode },
        (performance.now() - start) / 1000
      )
    })
    next()
  }
}

/**
 * The part of the site, from the first step of the path if it is one of ours; any other is
 * untrusted and not used.
 */
function areaOf(path: string): string {
  return (
    /^\/(v1|open311|hooks|desk|r|assets|metrics|healthz|readyz)(?=\/|$)/.exec(path)?.[0] ?? 'a page'
  )
}
