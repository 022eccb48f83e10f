/** Pictures of sheets, upright as the bench shows them. */
import type { Response, Router } from 'express'
import { EvenhandError } from '../../core/errors.ts'
import type { SheetPicture } from '../../core/mailroom/types.ts'
import type { HttpOptions } from '../http-options.ts'
import { position } from './shared.ts'

/** A clerk goes to and fro in a tray for some minutes; a picture's address changes when its sheet is turned. */
const CACHE_SECONDS = 600

export function pictureRoutes(router: Router, { mailroom }: HttpOptions): void {
  for (const size of ['thumbnail', 'page'] as const) {
    router.get(`/mailroom/batches/:batch/sheets/:position/${size}`, async (request, response) => {
      const id = String(request.params['batch'])
      const picture = /^[A-Za-z0-9-]{1,40}$/.test(id) ? await mailroom.picture(id, position(request.params['position']), size) : undefined
      sendPicture(response, picture)
    })
  }
}

/** Made by us from a stranger's file: shown in our pages, without any rights should a browser open it alone. */
export function sendPicture(response: Response, picture: SheetPicture | undefined): void {
  if (!picture || !/^image\/(jpeg|png|webp)$/.test(picture.mediaType)) throw new EvenhandError('NOT_FOUND')
  response.set({
    'content-type': picture.mediaType, 'content-security-policy': "default-src 'none'; sandbox", 'x-content-type-options': 'nosniff',
    'cache-control': `private, max-age=${CACHE_SECONDS}`
  })
  response.send(Buffer.from(picture.bytes.buffer, picture.bytes.byteOffset, picture.bytes.length))
}
