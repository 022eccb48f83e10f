/**
 * Checks what a resident typed against the form's fields. Nothing typed is lost: after a problem
 * the form is shown again with all of it.
 */
import { isMailbox } from '../../core/outbox/receipt-mail.ts'
import type { Form, FormField } from '../../config/schema.ts'
import type { Translate } from '../../platform/pages/language.ts'
import { isBlank } from '../../platform/text/visible.ts'
import { MAX_FILE_BYTES, MAX_FILES } from './limits.ts'
import type { Bound, Submission } from './submission.ts'

export interface Problem {
  /** The field with the problem; undefined if it concerns the whole form. */
  readonly field?: string
  readonly text: string
}

/** What was typed into a field, unchanged. */
export function typed(submission: Submission | undefined, id: string): string {
  return submission?.fields.find(([name]) => name === id)?.[1] ?? ''
}

/** Everything that keeps a submission from being accepted; empty if it can be accepted. */
export function checkAnswers(
  form: Form,
  submission: Submission,
  t: Translate,
  say: (text: Readonly<Record<string, string>>) => string
): Problem[] {
  const problems = submission.exceeded.map((bound) => boundProblem(form, bound, t))
  for (const field of form.fields) {
    const text = checkField(field, submission, t, say)
    if (text) problems.push({ field: field.id, text })
  }
  if (problems.length === 0 && isEmpty(form, submission))
    problems.push({ field: form.fields[0]!.id, text: t('form.empty') })
  return problems
}

/** Said of what stands in the field for receipts where no message has that receipt. */
export function receiptProblems(
  form: Form,
  submission: Submission,
  t: Translate,
  say: (text: Readonly<Record<string, string>>) => string
): Problem[] {
  return form.fields
    .filter(({ id, role }) => role === 'receipt' && !isBlank(typed(submission, id)))
    .map(({ id, label }) => ({ field: id, text: t('form.notReceipt', { label: say(label) }) }))
}

function boundProblem(form: Form, bound: Bound, t: Translate): Problem {
  if (bound === 'text') return { text: t('form.tooMuchText') }
  const field = form.fields.find((candidate) => candidate.type === 'files')?.id
  const text =
    bound === 'files'
      ? t('form.tooManyFiles', { files: MAX_FILES })
      : t('form.filesTooLarge', { megabytes: MAX_FILE_BYTES / 1024 ** 2 })
  return field ? { field, text } : { text }
}

function checkField(
  field: FormField,
  submission: Submission,
  t: Translate,
  say: (text: Readonly<Record<string, string>>) => string
): string | undefined {
  const label = say(field.label)
  if (field.type === 'files') {
    const missing =
      field.required &&
      submission.exceeded.length === 0 &&
      !submission.files.some((file) => file.field === field.id)
    return missing ? t('form.missingFile', { label }) : undefined
  }
  const value = typed(submission, field.id)
  if (isBlank(value))
    return field.required && !submission.exceeded.includes('text')
      ? t(field.options ? 'form.missingChoice' : 'form.missing', { label })
      : undefined
  if (value.length > field.maxLength)
    return t('form.tooLong', { label, most: field.maxLength, given: value.length })
  if (field.options && !field.options.some((option) => option.value === value))
    return t('form.missingChoice', { label })
  // No stricter than sending is: a person with an unusual address knows it better than we do.
  if (field.type === 'email' && !isMailbox(value.trim())) return t('form.notEmail', { label })
  return undefined
}

/**
 * True if nothing was written and nothing attached. A form that requires only choices could be sent
 * like that.
 */
function isEmpty(form: Form, submission: Submission): boolean {
  const says = (field: FormField) =>
    ['text', 'subject', 'answer'].includes(field.role) && !isBlank(typed(submission, field.id))
  return submission.files.length === 0 && !form.fields.some(says)
}
