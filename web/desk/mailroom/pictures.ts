/** Pictures of sheets, upright as the pages show them. */
import type { Response, Router } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import type { SheetPicture } from '../../../core/mailroom/types.ts'
import type { WebContext } from '../../context.ts'
import { position } from './shared.ts'

/**
 * A clerk goes back and forth in a tray for some minutes. A picture's address changes when its
 * sheet is turned.
 */
const CACHE_SECONDS = 600

export function pictureRoutes(router: Router, { mailroom }: Pick<WebContext, 'mailroom'>): void {
  for (const size of ['thumbnail', 'page'] as const) {
    router.get(`/mailroom/batches/:batch/sheets/:position/${size}`, async (request, response) => {
      const id = String(request.params['batch'])
      const picture = /^[A-Za-z0-9-]{1,40}$/.test(id)
        ? await mailroom.picture(id, position(request.params['position']), size)
        : undefined
      sendPicture(response, picture)
    })
  }
}

/**
 * We made the picture, but from an untrusted file: it may be shown in our pages, and has no rights
 * if a browser opens it alone.
 */
export function sendPicture(response: Response, picture: SheetPicture | undefined): void {
  if (!picture || !/^image\/(jpeg|png|webp)$/.test(picture.mediaType))
    throw new EvenhandError('NOT_FOUND')
  response.set({
    'content-type': picture.mediaType,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': `private, max-age=${CACHE_SECONDS}`
  })
  response.send(Buffer.from(picture.bytes.buffer, picture.bytes.byteOffset, picture.bytes.length))
}
