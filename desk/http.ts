import cookieParser from 'cookie-parser'
import express from 'express'
import { publicUrl } from '../config/settings.ts'
import { EvenhandError } from '../core/errors.ts'
import { assetRouter } from './assets.ts'
import { mountRoute } from './channel-routes.ts'
import { handleError } from './error-handler.ts'
import type { HttpOptions } from './http-options.ts'
import { measure } from './measure.ts'
import { probeRouter } from './probes.ts'
import { deskRouter } from './router.ts'
import { securityHeaders } from './security.ts'

/** Everything that is served over HTTP, built in one place; listening is the caller's. */
export function createHttp(options: HttpOptions): { app: express.Express } {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  // Behind a proxy (which a public address of its own tells) the client's address is the proxy's word, if the proxy is near.
  app.set('trust proxy', options.settings.PUBLIC_URL ? 'loopback, linklocal, uniquelocal' : false)
  app.use(securityHeaders(publicUrl(options.settings).startsWith('https:')))
  app.use(measure(options.metrics))
  app.use('/assets', assetRouter())
  app.use(probeRouter(options))
  app.use(cookieParser())
  for (const route of options.routes) mountRoute(app, route, options)
  app.use('/desk', deskRouter(options))
  app.use(() => { throw new EvenhandError('NOT_FOUND') })
  app.use(handleError(options))
  return { app }
}
