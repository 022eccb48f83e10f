/** A form as it came, and how a page shows it to be looked over and sent again. */
import type { Request } from 'express'
import { isBlank } from '../../../platform/text/visible.ts'
import type { WebContext } from '../../context.ts'
import { deedOf } from './deeds.ts'
import type { Unsent } from './kept.ts'
import { sortFields } from './words.ts'

/** Fields never kept: tokens and passwords. */
const LEFT_OUT = new Set(['_csrf', 'password', 'kept', 'shown'])

/** A form as it came. */
export function readUnsent(request: Request, staffId: string): Unsent {
  const body = Object.entries((request.body ?? {}) as Record<string, unknown>)
  const fields = body.flatMap(([name, given]) =>
    LEFT_OUT.has(name)
      ? []
      : [given]
          .flat()
          .filter((value) => typeof value === 'string')
          .map((value) => [name, value] as const)
  )
  return {
    staffId,
    action: request.originalUrl,
    fields,
    files: mayHoldFiles(request),
    at: Date.now()
  }
}

/** Fields in which a person says something; the rest was chosen, or is short to type again. */
const WORDS = ['text', 'note', 'words', 'reason', 'outcome']

/** Whether something would be lost with the form. */
export function holdsWords({ body }: Pick<Request, 'body'>): boolean {
  const fields = (body ?? {}) as Record<string, unknown>
  return WORDS.some((name) => {
    const value = fields[name]
    return typeof value === 'string' && !isBlank(value)
  })
}

/** Name of its field for files, which are not kept. */
export function mayHoldFiles(request: Request): Unsent['files'] {
  if (!/^multipart\/form-data/i.test(request.headers['content-type'] ?? '')) return undefined
  return request.originalUrl.endsWith('/scans') ? 'scans' : 'files'
}

/**
 * What `unsent/form.eta` shows.
 * @param again whether it can be sent from there; otherwise its words are there to be copied
 */
export async function formModel(
  { agency, staff }: Pick<WebContext, 'agency' | 'staff'>,
  unsent: Unsent,
  again: boolean
) {
  const { action, files, fields } = unsent
  const shown = again ? fields : fields.filter(([, value]) => value !== '')
  // Without the database its words are shown all the same.
  const names = await staff.names().catch(() => new Map<string, string>())
  return {
    action,
    files,
    deed: again ? deedOf(unsent) : undefined,
    ...sortFields({ action, fields: shown }, { agency: agency(), names })
  }
}
