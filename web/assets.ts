import compression from 'compression'
import express, { Router } from 'express'
import { EvenhandError } from '../platform/errors.ts'
import { assetFolders, assetVersion } from '../platform/pages/assets.ts'

const YEAR_MS = 365 * 24 * 3_600_000

/**
 * `/assets/<version>/<folder>/…`, for a year; only these folders, nothing above them, no hidden
 * files.
 */
export function assetRouter(): Router {
  const router = Router()
  // Pages stay uncompressed, because they hold tokens beside
  // what visitors typed (BREACH attack).
  router.use(compression())
  for (const [name, folder] of Object.entries(assetFolders)) {
    router.use(
      `/${assetVersion}/${name}`,
      express.static(folder, {
        immutable: true,
        maxAge: YEAR_MS,
        index: false,
        redirect: false,
        dotfiles: 'ignore'
      })
    )
  }
  router.use(() => {
    throw new EvenhandError('NOT_FOUND')
  })
  return router
}
