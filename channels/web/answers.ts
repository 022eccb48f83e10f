/** What a resident typed, against what the form asks. Nothing typed is ever thrown away: a problem shows the form again with all of it. */
import type { Form, FormField } from '../../config/schema.ts'
import type { Translate } from '../../core/pages/language.ts'
import { MAX_FILE_BYTES, MAX_FILES } from './limits.ts'
import type { Bound, Submission } from './submission.ts'

export interface Problem {
  /** The field to go to; undefined where the form as a whole is meant. */
  readonly field?: string
  readonly text: string
}

/** What was typed into a field, as it came. */
export function typed(submission: Submission | undefined, id: string): string {
  return submission?.fields.find(([name]) => name === id)?.[1] ?? ''
}

/** Everything that keeps a submission from being accepted; empty when nothing does. */
export function checkAnswers(form: Form, submission: Submission, t: Translate, say: (text: Readonly<Record<string, string>>) => string): Problem[] {
  const problems = submission.exceeded.map((bound) => boundProblem(form, bound, t))
  for (const field of form.fields) {
    const text = checkField(field, submission, t, say)
    if (text) problems.push({ field: field.id, text })
  }
  if (problems.length === 0 && isEmpty(form, submission)) problems.push({ field: form.fields[0]!.id, text: t('form.empty') })
  return problems
}

function boundProblem(form: Form, bound: Bound, t: Translate): Problem {
  if (bound === 'text') return { text: t('form.tooMuchText') }
  const field = form.fields.find((candidate) => candidate.type === 'files')?.id
  const text = bound === 'files' ? t('form.tooManyFiles', { files: MAX_FILES }) : t('form.filesTooLarge', { megabytes: MAX_FILE_BYTES / 1024 ** 2 })
  return field ? { field, text } : { text }
}

function checkField(field: FormField, submission: Submission, t: Translate, say: (text: Readonly<Record<string, string>>) => string): string | undefined {
  const label = say(field.label)
  if (field.type === 'files') {
    const missing = field.required && submission.exceeded.length === 0 && !submission.files.some((file) => file.field === field.id)
    return missing ? t('form.missingFile', { label }) : undefined
  }
  const value = typed(submission, field.id)
  if (value.trim() === '') return field.required && !submission.exceeded.includes('text') ? t(field.options ? 'form.missingChoice' : 'form.missing', { label }) : undefined
  if (value.length > field.maxLength) return t('form.tooLong', { label, most: field.maxLength, given: value.length })
  if (field.options && !field.options.some((option) => option.value === value)) return t('form.missingChoice', { label })
  // Loose on purpose, as browsers are: who has an unusual address knows it better than we do.
  if (field.type === 'email' && !/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(value.trim())) return t('form.notEmail', { label })
  return undefined
}

/** A form whose only required things are choices could be sent with nothing said and nothing attached. */
function isEmpty(form: Form, submission: Submission): boolean {
  const says = (field: FormField) => ['text', 'subject', 'answer'].includes(field.role) && typed(submission, field.id).trim() !== ''
  return submission.files.length === 0 && !form.fields.some(says)
}
