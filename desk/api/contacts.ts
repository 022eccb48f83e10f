/** Looking contacts up: by the system that handed one in, by the department that serves it, and by anybody with its receipt. */
import { z } from 'zod'
import { endpoint } from '../../core/api/endpoint.ts'
import { grants, type ApiKey } from '../../core/api-keys.ts'
import { findContactId, viewContact } from '../../core/contacts.ts'
import { EvenhandError } from '../../core/errors.ts'
import type { Ground } from '../../core/ground.ts'
import { viewStatus } from '../../core/status.ts'
import type { DeskCore } from '../core.ts'
import { fileHeaders } from '../files.ts'
import { contactView, receiptView } from './shapes.ts'

/** As the status page: generous to people, useless for guessing 85-bit codes. */
const STATUS_PER_MINUTE = 30
const whose = 'For contacts that this key handed in, and those in cases of departments for which it has line:serve.'

const contactParams = z.object({ contact: z.string().max(100).meta({ description: 'Its receipt or its id.' }) })
const documentParams = contactParams.extend({ index: z.coerce.number().int().min(0).max(9_999).meta({ description: 'Which of envelope.documents, from 0.' }) })
const receiptParams = z.object({ receipt: z.string().max(100) })

export function contactEndpoints(ground: Ground, desk: DeskCore) {
  return [showContact(ground), showDocument(ground, desk), showReceipt(ground)]
}

function showContact(ground: Ground) {
  return endpoint({
    method: 'get', path: '/v1/contacts/{contact}', id: 'showContact', tag: 'Contacts', summary: 'A contact: its envelope, what was decided, and where it stands',
    access: { for: 'keys', note: whose },
    params: contactParams,
    answers: { 200: { description: 'The contact.', schema: contactView } },
    problems: ['RECEIPT_UNKNOWN'],
    async handle({ params, key }) {
      const { cases: _cases, trail, ...contact } = await viewContact(ground.db, await authorise(ground, params.contact, key))
      return { status: 200, json: { ...contact, trail: trail.map(({ step, verdict, reason }) => ({ step, verdict, reason })) } }
    }
  })
}

function showDocument(ground: Ground, desk: DeskCore) {
  return endpoint({
    method: 'get', path: '/v1/contacts/{contact}/documents/{index}', id: 'readDocument', tag: 'Contacts', summary: 'A document\'s bytes',
    description: 'What a stranger sent, also where no machine could read it (`withheld`): treat it as harmful until it was looked at.',
    access: { for: 'keys', note: whose },
    params: documentParams,
    answers: { 200: { description: 'The bytes.', mediaType: 'application/octet-stream', schema: z.string().meta({ format: 'binary' }) } },
    problems: ['RECEIPT_UNKNOWN', 'NOT_FOUND'],
    async handle({ params, key }) {
      const file = await desk.document(await authorise(ground, params.contact, key), params.index)
      if (!file) throw new EvenhandError('NOT_FOUND')
      return { status: 200, bytes: file.bytes, headers: { ...fileHeaders(file), 'content-disposition': 'attachment' } }
    }
  })
}

/** One that is not this key's business is answered like one that is not there. @throws RECEIPT_UNKNOWN */
async function authorise({ db }: Ground, receiptOrId: string, key: ApiKey): Promise<string> {
  const id = await findContactId(db, receiptOrId)
  const { source } = await db.selectFrom('contacts').select('source').where('id', '=', id).executeTakeFirstOrThrow()
  if (source === key.actor) return id
  const rows = await db.selectFrom('case_contacts').innerJoin('cases', 'cases.id', 'case_contacts.case_id').select('department').distinct().where('case_contacts.contact_id', '=', id).execute()
  if (!rows.some(({ department }) => grants(key, 'line:serve', department))) throw new EvenhandError('RECEIPT_UNKNOWN')
  return id
}

function showReceipt({ db, agency }: Ground) {
  return endpoint({
    method: 'get', path: '/v1/receipts/{receipt}', id: 'showReceipt', tag: 'Receipts', summary: 'Where a receipt stands, as its holder may see it',
    access: { for: 'everybody', perMinute: STATUS_PER_MINUTE },
    params: receiptParams,
    answers: { 200: { description: 'State, department and place; nothing of what was said or by whom.', schema: receiptView } },
    problems: ['RECEIPT_UNKNOWN'],
    async handle({ params }) {
      const view = await viewStatus(db, agency(), params.receipt)
      if (!view) throw new EvenhandError('RECEIPT_UNKNOWN')
      const { state, departmentName, place, arrivedAt, updatedAt } = view
      return { status: 200, json: { state, departmentName, place, arrivedAt: arrivedAt.toISOString(), updatedAt: updatedAt.toISOString() } }
    }
  })
}
