import type { Response } from 'express'
import { maySeeCase } from '../../../core/access/case-access.ts'
import { nameCase } from '../../../core/cases/named.ts'
import type { Staff } from '../../../core/access/staff.ts'
import type { WebContext } from '../../context.ts'
import { heading } from '../shared/heading.ts'

export interface NamedCase {
  readonly subject: string
  readonly receipt: string
}

/**
 * What the case of a page is about, for a person who may see it; undefined for other pages, and
 * where nobody can say so, as the database is away.
 * @param page such as `/desk/cases/<id>`
 */
export async function caseNamed(
  { db }: Pick<WebContext, 'db'>,
  response: Response,
  page: string
): Promise<NamedCase | undefined> {
  const [, caseId] = /^\/desk\/cases\/([0-9a-f-]{36})(?:#|$)/.exec(page) ?? []
  const found = caseId && (await nameCase(db, caseId).catch(() => undefined))
  const staff = response.locals['staff'] as Staff | undefined
  if (!found || !staff || !maySeeCase(staff, found)) return undefined
  return { subject: heading(found.subject, found.text), receipt: found.receipt }
}
