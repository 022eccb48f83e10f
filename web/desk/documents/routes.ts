/**
 * Documents of a case: pages beside their text, pictures, the searchable copy, the untouched
 * original.
 */
import { readDocument } from '../../../core/cases/files.ts'
import { Router, type Request, type Response } from 'express'
import { EvenhandError } from '../../../platform/errors.ts'
import { sendFile } from '../../send-file.ts'
import type { WebContext } from '../../context.ts'
import { sendPicture } from '../mailroom/pictures.ts'
import { showPage, type PageTools } from '../shared/pages.ts'

/** Pages of a long document shown at once. */
const PAGES_SHOWN = 20

/** Contacts are reached only through a case that the person may see. */
export type ContactOf = (request: Request, response: Response) => Promise<string>

export function documentRoutes(
  { db, blobs, documents }: Pick<WebContext, 'db' | 'blobs' | 'documents'>,
  tools: PageTools,
  contactOf: ContactOf
): Router {
  const router = Router({ caseSensitive: true })
  const path = '/cases/:id/contacts/:contact/documents/:index'
  router.get(path, async (request, response) => {
    sendFile(
      response,
      await readDocument({ db, blobs }, await contactOf(request, response), indexOf(request))
    )
  })
  router.get(`${path}/copy`, async (request, response) => {
    sendFile(
      response,
      await documents.readingCopy(await contactOf(request, response), indexOf(request))
    )
  })
  router.get(`${path}/pages`, async (request, response) => {
    const contactId = await contactOf(request, response)
    const from = numberOf(String(request.query['from'] ?? '1'))
    const paper = await documents.find(contactId, indexOf(request), from, PAGES_SHOWN)
    if (!paper || (paper.pages.length === 0 && from > 1)) throw new EvenhandError('NOT_FOUND')
    const base = `/desk/cases/${String(request.params['id'])}/contacts/${contactId}`
    showPage(tools, request, response, 'documents/document', {
      title: paper.document.name,
      paper,
      base,
      back: `/desk/cases/${String(request.params['id'])}`,
      from,
      shown: PAGES_SHOWN
    })
  })
  router.get(`${path}/pages/:page`, async (request, response) => {
    sendPicture(
      response,
      await documents.picture(
        await contactOf(request, response),
        indexOf(request),
        numberOf(request.params['page'])
      )
    )
  })
  return router
}

function indexOf(request: Request): number {
  const index = String(request.params['index'])
  return /^\d{1,4}$/.test(index) ? Number(index) : -1
}

/** @throws EvenhandError NOT_FOUND */
function numberOf(page: unknown): number {
  if (typeof page !== 'string' || !/^[1-9]\d{0,4}$/.test(page)) throw new EvenhandError('NOT_FOUND')
  return Number(page)
}
