/** POST /v1/contacts: submitting contacts from other systems. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { endpoint, type ApiRequest } from '../../core/intake/endpoint.ts'
import { InvalidRequest } from '../../core/intake/invalid-request.ts'
import type { Accepted, Intake, RawContact } from '../../core/intake/channel.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { publicUrl } from '../../config/settings.ts'
import { contactSchema, type NewContact } from './contact.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { identify, readContact, readFiles } from './submission.ts'

const accepted = z
  .object({
    receipt: z.string().meta({
      description: 'For the resident to keep; shows state, department and place in line.',
      example: 'T0EQNM-57AY9B-6T3C0S'
    }),
    contactId: z.uuid(),
    arrivedAt: z.iso
      .datetime()
      .meta({ description: 'When the agency took custody; with the ordinal, its place.' }),
    ordinal: z.number().int(),
    statusUrl: z.url().meta({ description: 'The page that shows the resident where it stands.' })
  })
  .meta({ id: 'AcceptedContact' })

const multipart = z.object({
  contact: contactSchema,
  file: z
    .array(z.string().meta({ format: 'binary' }))
    .optional()
    .meta({ description: 'Files; parts of any name but "contact".' })
})

export function contactsEndpoint(intake: Intake) {
  return endpoint({
    method: 'post',
    path: '/v1/contacts',
    id: 'createContact',
    tag: 'Contacts',
    repeatable: true,
    summary: 'Hand in a contact',
    description:
      "Answered once the contact is on disk with its place. Arrival is the agency's clock; nothing in the body changes it. The same id with the same content gets the first answer again.",
    access: { for: 'keys', scope: 'contacts:write' },
    body: {
      schema: contactSchema,
      maxBytes: MAX_BODY_BYTES,
      read: readContact,
      identify,
      content: { 'application/json': contactSchema, 'multipart/form-data': multipart }
    },
    answers: { 201: { description: 'It has its place.', schema: accepted } },
    problems: ['INTAKE_TOO_LARGE', 'INTAKE_BUSY', 'INTAKE_STORE_DOWN'],
    handle: (request) => take(intake, request)
  })
}

async function take(intake: Intake, request: ApiRequest<undefined, undefined, NewContact>) {
  const { body, idempotencyKey } = request
  if (body.id === undefined && idempotencyKey === undefined)
    throw new InvalidRequest([
      {
        pointer: '#/id',
        detail:
          "Give the message your system's own id here, or send an Idempotency-Key: without either a retry would count twice."
      }
    ])
  const files = await readFiles(request.bytes, request.mediaType)
  if (isBlank(body.text) && files.length === 0)
    throw new InvalidRequest([{ pointer: '#/text', detail: 'There is neither text nor a file.' }])
  const given = await intake.accept(await rawContact(request))
  return { status: 201, json: toJson(given, intake) }
}

/**
 * The same id with other content makes another contact, so that nothing a resident wrote is
 * mistaken for a retry.
 */
async function rawContact({
  body,
  bytes,
  mediaType,
  key,
  idempotencyKey
}: ApiRequest<undefined, undefined, NewContact>): Promise<RawContact> {
  const content = createHash('sha256')
    .update(await identify(body, bytes, mediaType))
    .digest('base64url')
    .slice(0, 22)
  return {
    channel: 'api',
    source: key.actor,
    actor: key.actor,
    bytes,
    mediaType,
    recipients: body.recipients,
    evidence: {},
    externalId: `${body.id === undefined ? `request ${idempotencyKey}` : `id ${body.id}`} ${content}`
  }
}

function toJson(
  { receipt, contactId, arrivedAt, ordinal }: Accepted,
  { settings }: Intake
): z.output<typeof accepted> {
  return {
    receipt,
    contactId,
    arrivedAt: arrivedAt.toISOString(),
    ordinal,
    statusUrl: `${publicUrl(settings)}/r/${receipt}`
  }
}
