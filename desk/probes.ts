import { Router } from 'express'
import type { Registry } from 'prom-client'
import type { DeskCore } from './core.ts'

/** For whoever watches the process: is it up, can it work, what does it count. */
export function probeRouter({ desk, metrics }: { desk: DeskCore; metrics: Registry }): Router {
  const router = Router()
  router.use(['/healthz', '/readyz', '/metrics'], (_request, response, next) => {
    response.set('cache-control', 'no-store')
    next()
  })
  router.get('/healthz', (_request, response) => { response.type('text').send('ok\n') })
  router.get('/readyz', async (_request, response) => {
    const ready = await desk.ready().then(() => true, () => false)
    response.status(ready ? 200 : 503).type('text').send(ready ? 'ready\n' : 'the database cannot be reached\n')
  })
  router.get('/metrics', async (_request, response) => { response.set('content-type', metrics.contentType).send(await metrics.metrics()) })
  return router
}
