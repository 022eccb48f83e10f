/**
 * Looks contacts up: for the system that submitted one, for the department that serves it, and for
 * anybody with its receipt.
 */
import { z } from 'zod'
import { endpoint } from '../../core/intake/endpoint.ts'
import { grants, type ApiKey } from '../../core/access/api-keys.ts'
import { findContactId, sourceOf, viewContact } from '../../core/contacts/find.ts'
import { departmentsWith } from '../../core/line/view.ts'
import { EvenhandError } from '../../platform/errors.ts'
import type { ApiPorts } from './ports.ts'
import { viewStatus } from '../../core/contacts/resident-status.ts'
import { readDocument } from '../../core/cases/files.ts'
import { fileHeaders } from '../send-file.ts'
import { contactView, receiptView } from './shapes.ts'

const whose =
  'For contacts that this key handed in, and those in cases of departments for which it has line:serve.'

const contactParams = z.object({
  contact: z.string().max(100).meta({ description: 'Its receipt or its id.' })
})
const documentParams = contactParams.extend({
  index: z.coerce
    .number()
    .int()
    .min(0)
    .max(9_999)
    .meta({ description: 'Which of envelope.documents, from 0.' })
})
const receiptParams = z.object({ receipt: z.string().max(100) })

export function contactEndpoints(runtime: ApiPorts) {
  return [showContact(runtime), showDocument(runtime), showReceipt(runtime)]
}

function showContact(runtime: ApiPorts) {
  return endpoint({
    method: 'get',
    path: '/v1/contacts/{contact}',
    id: 'showContact',
    tag: 'Contacts',
    summary: 'A contact: its envelope, what was decided, and where it stands',
    access: { for: 'keys', note: whose },
    params: contactParams,
    answers: { 200: { description: 'The contact.', schema: contactView } },
    problems: ['RECEIPT_UNKNOWN'],
    async handle({ params, key, recorded }) {
      const id = await authorise(runtime, params.contact, key)
      recorded('read.contact', id)
      const { cases: _cases, trail, ...contact } = await viewContact(runtime.db, id)
      return {
        status: 200,
        json: {
          ...contact,
          trail: trail.map(({ step, verdict, reason }) => ({ step, verdict, reason }))
        }
      }
    }
  })
}

function showDocument(runtime: ApiPorts) {
  return endpoint({
    method: 'get',
    path: '/v1/contacts/{contact}/documents/{index}',
    id: 'readDocument',
    tag: 'Contacts',
    summary: "A document's bytes",
    description:
      'What a stranger sent, also where no machine could read it (`withheld`): treat it as harmful until it was looked at.',
    access: { for: 'keys', note: whose },
    params: documentParams,
    answers: {
      200: {
        description: 'The bytes.',
        mediaType: 'application/octet-stream',
        schema: z.string().meta({ format: 'binary' })
      }
    },
    problems: ['RECEIPT_UNKNOWN', 'NOT_FOUND'],
    async handle({ params, key, recorded }) {
      const id = await authorise(runtime, params.contact, key)
      recorded('read.document', id)
      const file = await readDocument(runtime, id, params.index)
      if (!file) throw new EvenhandError('NOT_FOUND')
      return {
        status: 200,
        bytes: file.bytes,
        headers: { ...fileHeaders(file), 'content-disposition': 'attachment' }
      }
    }
  })
}

/**
 * A contact that the key may not see gets the same answer as one that does not exist. @throws
 * RECEIPT_UNKNOWN
 */
async function authorise(
  { db }: Pick<ApiPorts, 'db'>,
  receiptOrId: string,
  key: ApiKey
): Promise<string> {
  const id = await findContactId(db, receiptOrId)
  if ((await sourceOf(db, id)) === key.actor) return id
  const departments = await departmentsWith(db, id)
  if (!departments.some((department) => grants(key, 'line:serve', department)))
    throw new EvenhandError('RECEIPT_UNKNOWN')
  return id
}

function showReceipt({ db, agency }: Pick<ApiPorts, 'db' | 'agency'>) {
  return endpoint({
    method: 'get',
    path: '/v1/receipts/{receipt}',
    id: 'showReceipt',
    tag: 'Receipts',
    summary: 'Where a receipt stands, as its holder may see it',
    access: { for: 'everybody' },
    params: receiptParams,
    answers: {
      200: {
        description: 'State, department and place; nothing of what was said or by whom.',
        schema: receiptView
      }
    },
    problems: ['RECEIPT_UNKNOWN'],
    async handle({ params, guessed }) {
      const view = await viewStatus(db, agency(), params.receipt)
      if (!view) await guessed('receipt')
      if (!view) throw new EvenhandError('RECEIPT_UNKNOWN')
      const { state, departmentName, outcome, coming, place, arrivedAt, updatedAt, inLineSince } =
        view
      return {
        status: 200,
        json: {
          state,
          departmentName,
          outcome,
          coming: coming && [...coming],
          place,
          arrivedAt: arrivedAt.toISOString(),
          updatedAt: updatedAt.toISOString(),
          inLineSince: inLineSince?.toISOString()
        }
      }
    }
  })
}
