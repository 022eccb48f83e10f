/** The form as a page: empty, or with everything that was typed and what to correct. */
import type { Form, FormField } from '../../config/schema.ts'
import type { Agency } from '../../config/agency.ts'
import { FRONT_FORM } from '../../config/cross-checks.ts'
import { residentFrame, type Frame } from '../../platform/pages/frame.ts'
import { render } from '../../platform/pages/render.ts'
import { pickerOf } from './picker.ts'
import { typed, type Problem } from './answers.ts'
import type { Submission } from './submission.ts'

export interface FormPage {
  readonly agency: Agency
  readonly form: Form
  readonly language: string
  readonly token: string
  /** What was typed, when the page is shown again. */
  readonly submission?: Submission
  readonly problems?: readonly Problem[]
  /** A problem that the resident cannot correct, such as a page that was open too long. */
  readonly notice?: string
}

/** The path of a form. */
export function formPath(id: string): string {
  return id === FRONT_FORM ? '/' : `/f/${id}`
}

export function renderForm({
  agency,
  form,
  language,
  token,
  submission,
  problems = [],
  notice
}: FormPage): string {
  const frame = residentFrame(agency, language, formPath(form.id))
  const failed = problems.length > 0 || notice !== undefined
  return render('channels/web/form', {
    ...frame,
    // Switching the language reloads the page, which would lose what was typed.
    languages: submission ? [] : frame.languages,
    title: `${failed ? `${frame.t('form.errorPrefix')} ` : ''}${frame.say(form.title)}`,
    heading: frame.say(form.title),
    intro: form.intro ? frame.say(form.intro) : undefined,
    action: formPath(form.id),
    others:
      form.id === FRONT_FORM
        ? agency.forms
            .filter((other) => other.id !== FRONT_FORM)
            .map((other) => ({ href: formPath(other.id), text: frame.say(other.title) }))
        : [],
    fields: form.fields.map((field) => fieldModel(field, frame, submission, problems)),
    token,
    notice,
    problems,
    problemsHeading: frame.t('form.problems'),
    ...pickerOf(frame),
    scripts: ['forms.js', 'photos.js'],
    filesAgain: (submission?.files.length ?? 0) > 0 || (submission?.exceeded.length ?? 0) > 0
  })
}

/** Lets browsers fill in what they know (WCAG 2.2, success criterion 1.3.5). */
const autocomplete: Partial<Record<FormField['role'], string>> = {
  name: 'name',
  email: 'email',
  phone: 'tel',
  address: 'street-address'
}

function fieldModel(
  field: FormField,
  frame: Frame,
  submission: Submission | undefined,
  problems: readonly Problem[]
) {
  const problem = problems.find((candidate) => candidate.field === field.id)?.text
  const value = typed(submission, field.id)
  const described = [field.hint && `hint-${field.id}`, problem && `error-${field.id}`]
    .filter(Boolean)
    .join(' ')
  return {
    id: field.id,
    type: field.type,
    label: frame.say(field.label),
    hint: field.hint ? frame.say(field.hint) : undefined,
    required: field.required,
    problem,
    value,
    described,
    autocomplete: autocomplete[field.role],
    options: field.options?.map((option) => ({
      value: option.value,
      label: frame.say(option.label),
      chosen: option.value === value
    }))
  }
}
