/** Cases and their contacts as far as a person may see them. */
import type { Request, Response } from 'express'
import { maySeeCase } from '../../../core/access/case-access.ts'
import type { CaseView } from '../../../core/cases/types.ts'
import { viewCase } from '../../../core/cases/view.ts'
import { EvenhandError } from '../../../platform/errors.ts'
import type { WebContext } from '../../context.ts'
import { staffOf } from '../shared/authorization.ts'
import { idParam } from '../shared/fields.ts'

/**
 * A case of another department gets the same answer as one that does not exist. @throws
 * CASE_UNKNOWN
 */
export async function findCase(
  { db }: Pick<WebContext, 'db'>,
  request: Request,
  response: Response
): Promise<CaseView> {
  const view = await viewCase(db, idParam(request, 'id', 'CASE_UNKNOWN'))
  if (!view || !maySeeCase(staffOf(response), view)) throw new EvenhandError('CASE_UNKNOWN')
  return view
}

/** Files can be read only through a case that the person may see. @throws NOT_FOUND */
export async function contactOf(
  options: Pick<WebContext, 'db'>,
  request: Request,
  response: Response
): Promise<string> {
  const { contacts } = await findCase(options, request, response)
  const contact = idParam(request, 'contact', 'NOT_FOUND')
  if (!contacts.some(({ contactId }) => contactId === contact)) throw new EvenhandError('NOT_FOUND')
  return contact
}
