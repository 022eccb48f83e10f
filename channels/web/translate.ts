import type { StoredRaw, Translation } from '../../core/intake/channel.ts'
import { fileDocument } from '../../core/intake/file-document.ts'
import type { EnvelopeDocument, EnvelopeDraft } from '../../core/envelope.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { receiptToken } from '../../core/contacts/receipts.ts'
import { readSnapshot, type FormSnapshot } from './snapshot.ts'
import { hiddenFields, parseSubmission, type Submission, type SubmittedFile } from './submission.ts'

type Field = FormSnapshot['fields'][number]

/**
 * A stored form submission as an envelope. Routing may see the answers that the form marked. The
 * others become lines below the text, because they are part of what the resident wrote.
 * @throws EvenhandError READ_UNPARSEABLE, READ_LIMIT
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const form = readSnapshot(raw.evidence['form'])
  if (!form)
    throw new EvenhandError(
      'READ_UNPARSEABLE',
      'the contact does not say which fields its form had'
    )
  const submission = await parseSubmission(raw.bytes, raw.mediaType)
  if (submission.exceeded.length > 0)
    throw new EvenhandError('READ_LIMIT', submission.exceeded.join(', '))
  return [
    {
      envelope: makeEnvelope(form, submission, raw.evidence),
      contents: submission.files.map((file) => file.content),
      kind: 'message',
      tokens: tokensOf(form, submission),
      reason: `sent with the form "${form.id}"`
    }
  ]
}

/**
 * A receipt in the field for receipts joins that case. Anything else typed there is kept with the
 * text, for a person to read.
 */
function tokensOf(form: FormSnapshot, submission: Submission): string[] {
  return receiptFields(form)
    .flatMap((field) => valuesOf(submission, field.id))
    .map(receiptToken)
    .filter((token) => token !== undefined)
}

function receiptFields(form: FormSnapshot): Field[] {
  return form.fields.filter(({ role }) => role === 'receipt')
}

function makeEnvelope(
  form: FormSnapshot,
  submission: Submission,
  evidence: StoredRaw['evidence']
): EnvelopeDraft {
  const given = (field: Field) => valuesOf(submission, field.id)
  const byRole = (role: Field['role']) =>
    form.fields.filter((field) => field.role === role).flatMap(given)
  const [name] = byRole('name')
  const subject = byRole('subject').join(' ').replaceAll('\n', ' ')
  const routing = form.fields.filter((field) => field.routing && given(field).length > 0)
  return {
    channel: 'web',
    sender: {
      ...(name ? { name } : {}),
      emails: byRole('email'),
      phones: byRole('phone'),
      addresses: byRole('address')
    },
    recipients: [form.id],
    ...(subject ? { subject } : {}),
    text: [...byRole('text'), ...otherAnswers(form, submission)].join('\n\n'),
    language: languageOf(byRole('language')[0] ?? evidence['language']),
    documents: submission.files.map(describeFile),
    ...(routing.length > 0
      ? { answers: Object.fromEntries(routing.map((field) => [field.id, given(field).join('\n')])) }
      : {}),
    evidence: { ...evidence, form: form.id, ...unknownFields(form, submission) }
  }
}

/**
 * "Where is it? Main Street 5": answers that have no other field in the envelope, with the labels
 * the resident saw.
 */
function otherAnswers(form: FormSnapshot, submission: Submission): string[] {
  const lines = form.fields
    .filter((field) => (field.role === 'answer' || field.role === 'receipt') && !field.routing)
    .flatMap((field) => {
      const values = valuesOf(submission, field.id).map((value) =>
        field.options && Object.hasOwn(field.options, value) ? field.options[value] : value
      )
      return values.length > 0 ? [`${field.label} ${values.join(', ')}`] : []
    })
  return lines.length > 0 ? [lines.join('\n')] : []
}

function valuesOf(submission: Submission, id: string): string[] {
  return submission.fields
    .filter(([name, value]) => name === id && !isBlank(value))
    .map(([, value]) => value.trim())
}

function languageOf(claim: unknown): string {
  return typeof claim === 'string' && /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/.test(claim)
    ? claim
    : 'und'
}

function describeFile(
  { name, mediaType, content }: SubmittedFile,
  index: number
): EnvelopeDocument {
  return fileDocument({ name: name || `file-${index + 1}`, mediaType, bytes: content })
}

/**
 * Fields that our page did not have. They are not read but named, so that a person can look at the
 * original.
 */
function unknownFields(form: FormSnapshot, submission: Submission): { unknownFields?: number } {
  const known = new Set(form.fields.map((field) => field.id))
  const count = submission.fields.filter(
    ([name]) => !known.has(name) && !hiddenFields.has(name)
  ).length
  return count > 0 ? { unknownFields: count } : {}
}
