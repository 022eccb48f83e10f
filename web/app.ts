import cookieParser from 'cookie-parser'
import express from 'express'
import { publicUrl } from '../config/settings.ts'
import { EvenhandError } from '../platform/errors.ts'
import { assetRouter } from './assets.ts'
import { mountRoute } from './channel-routes.ts'
import { handleError } from './error-handler.ts'
import type { WebContext } from './context.ts'
import { measure } from './request-metrics.ts'
import { probeRouter } from './probes.ts'
import { deskRouter } from './desk/router.ts'
import { securityHeaders } from './security-headers.ts'

/** Builds everything that is served over HTTP. The caller listens. */
export function createApp(options: WebContext): { app: express.Express } {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  // The client address that a proxy reports is used only if the administrator named that proxy,
  // because any client can send the header.
  app.set('trust proxy', options.settings.TRUST_PROXY)
  app.use(securityHeaders({ https: publicUrl(options.settings).startsWith('https:') }))
  app.use(measure(options.metrics, options.watch))
  app.use('/assets', assetRouter())
  app.use(probeRouter(options))
  app.use(cookieParser())
  for (const route of options.routes) mountRoute(app, route, options)
  app.use('/desk', deskRouter(options))
  app.use(() => {
    throw new EvenhandError('NOT_FOUND')
  })
  app.use(handleError(options))
  return { app }
}
