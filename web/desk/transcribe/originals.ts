/** The original as a person sees or hears it: pages as pictures, recordings as sound. */
import type { Request, Response, Router } from 'express'
import type { EnvelopeDocument } from '../../../core/envelope.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import type { Transcription } from '../../../core/transcription/transcribe.ts'
import { readDocument, readOriginal } from '../../../core/cases/files.ts'
import type { StoredFile } from '../../../core/cases/types.ts'
import { idParam } from '../shared/fields.ts'
import { sendFile } from '../../send-file.ts'
import type { WebContext } from '../../context.ts'
import { sendPicture } from '../mailroom/pictures.ts'

/** Pages shown at once; the rest of a longer fax is in its file. */
const PAGES_SHOWN = 50

export interface Original {
  readonly name: string
  readonly kind: 'sound' | 'pictures' | 'file'
  readonly href: string
  /** URLs of the pages' pictures. */
  readonly pages: readonly string[]
}

export async function viewOriginals(
  { transcription }: Pick<WebContext, 'transcription'>,
  { contactId, envelope }: Transcription
): Promise<Original[]> {
  return Promise.all(
    envelope.documents.map(async (document, index) => {
      const href = `/desk/transcribe/${contactId}/documents/${index}`
      if (isSound(document.mediaType))
        return { name: document.name, kind: 'sound', href: `${href}/sound`, pages: [] }
      const pages = (await transcription.pages(document.sha256))
        .slice(0, PAGES_SHOWN)
        .map((number) => `${href}/pages/${number}`)
      return { name: document.name, kind: pages.length > 0 ? 'pictures' : 'file', href, pages }
    })
  )
}

export function originalRoutes(router: Router, options: WebContext): void {
  const { transcription } = options
  router.get('/transcribe/:contact/original', async (request, response) =>
    sendFile(response, await readOriginal(options, (await waitingOf(options, request)).contactId))
  )
  router.get('/transcribe/:contact/documents/:index', async (request, response) => {
    const { waiting, index } = await documentOf(options, request)
    sendFile(response, await readDocument(options, waiting.contactId, index))
  })
  router.get('/transcribe/:contact/documents/:index/sound', async (request, response) => {
    const { waiting, document, index } = await documentOf(options, request)
    if (!isSound(document.mediaType)) throw new EvenhandError('NOT_FOUND')
    sendSound(request, response, await readDocument(options, waiting.contactId, index))
  })
  router.get('/transcribe/:contact/documents/:index/pages/:page', async (request, response) => {
    const { document } = await documentOf(options, request)
    const page = /^[1-9]\d{0,4}$/.test(request.params.page) ? Number(request.params.page) : 0
    sendPicture(response, await transcription.picture(document.sha256, page))
  })
}

/** @throws EvenhandError CONTACT_NOT_QUARANTINED if it is not waiting (any more) */
export async function waitingOf(
  { transcription }: Pick<WebContext, 'transcription'>,
  request: Request
): Promise<Transcription> {
  const waiting = await transcription.find(idParam(request, 'contact', 'NOT_FOUND'))
  if (!waiting) throw new EvenhandError('CONTACT_NOT_QUARANTINED')
  return waiting
}

async function documentOf(
  options: WebContext,
  request: Request
): Promise<{ waiting: Transcription; document: EnvelopeDocument; index: number }> {
  const waiting = await waitingOf(options, request)
  const index = Number(request.params['index'])
  const document = Number.isInteger(index) ? waiting.envelope.documents[index] : undefined
  if (!document) throw new EvenhandError('NOT_FOUND')
  return { waiting, document, index }
}

/** Whether browsers play the type without running anything. */
function isSound(mediaType: string): boolean {
  return /^audio\/[\w.+-]+$/.test(mediaType)
}

/**
 * Sends the whole file or the one range asked for (RFC 9110 section 14), because players jump
 * within a recording.
 */
function sendSound(request: Request, response: Response, file: StoredFile | undefined): void {
  if (!file) throw new EvenhandError('NOT_FOUND')
  response.set({
    'content-type': file.mediaType,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=600'
  })
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length)
  const ranges = request.range(bytes.length)
  if (ranges === -1) response.status(416).set('content-range', `bytes */${bytes.length}`).end()
  else if (Array.isArray(ranges) && ranges.type === 'bytes' && ranges.length === 1) {
    const { start, end } = ranges[0]!
    response
      .status(206)
      .set('content-range', `bytes ${start}-${end}/${bytes.length}`)
      .send(bytes.subarray(start, end + 1))
  } else response.send(bytes)
}
