import type { RequestHandler } from 'express'
import { Histogram, type Registry } from 'prom-client'

/** Times requests by route pattern (never by path, which holds receipts and ids), method and status. */
export function measure(metrics: Registry): RequestHandler {
  const durations = new Histogram({
    name: 'evenhand_http_seconds', help: 'HTTP requests by route, method and status', labelNames: ['route', 'method', 'status'], registers: [metrics],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10]
  })
  return (request, response, next) => {
    const start = performance.now()
    response.on('finish', () => {
      const pattern: unknown = request.route?.path
      const route = typeof pattern === 'string' ? `${request.baseUrl.startsWith('/desk') ? '/desk' : ''}${pattern}` : 'other'
      durations.observe({ route, method: request.method, status: response.statusCode }, (performance.now() - start) / 1000)
    })
    next()
  }
}
