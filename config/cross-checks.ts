/** What no single file can know: whether the files fit together. */
import type { Localised } from './localised.ts'
import type { Departments, Form, FormField, Locales, Routes, Rule } from './schema.ts'
import type { Outcome } from './outcomes.ts'
import type { Service, Services } from './services-schema.ts'
import type { SavedReplies } from './replies.ts'
import type { Path, YamlFile } from './yaml-file.ts'

export interface AgencyFiles {
  readonly departments: YamlFile<Departments>
  readonly routes: YamlFile<Routes>
  readonly services: YamlFile<Services>
  readonly replies: YamlFile<SavedReplies>
  readonly forms: readonly YamlFile<Form>[]
  readonly locales: Readonly<Record<string, YamlFile<Record<string, string>>>>
}

/** Problems keep a configuration from being used; warnings are shown and lived with. */
export interface Findings {
  readonly problems: string[]
  readonly warnings: string[]
}

/** The form shown on the front page. */
export const FRONT_FORM = 'contact'

/** Checks every reference between files that could be read by themselves. */
export function crossCheck(files: AgencyFiles, locales: Locales): Findings {
  const findings: Findings = { problems: [], warnings: [] }
  checkRoutes(files, findings)
  checkReplies(files, findings)
  checkForms(files, findings)
  checkLanguages(files, locales, findings)
  checkTexts(files, findings)
  return findings
}

function checkRoutes(files: AgencyFiles, { problems }: Findings): void {
  const { departments, routes } = files
  const known = departments.value?.departments.map((department) => department.id)
  routes.value?.rules.forEach((rule, index) => {
    const path = ['rules', index]
    if (known && !known.includes(rule.department))
      problems.push(
        routes.at([...path, 'department'], unknown('department', rule.department, known))
      )
    problems.push(...checkServices(files, rule, path))
    if (files.forms.some((form) => !form.value) || !files.services.value) return
    const all = files.forms.flatMap((form) => form.value ?? [])
    rule.when.form?.forEach((id, position) => {
      if (!all.some((form) => form.id === id))
        problems.push(
          routes.at(
            [...path, 'when', 'form', position],
            unknown(
              'form',
              id,
              all.map((form) => form.id)
            )
          )
        )
    })
    for (const [field, values] of Object.entries(rule.when.answer ?? {})) {
      problems.push(
        ...checkAnswer(questionsFor(rule, all, files.services.value.services), field, values).map(
          (message) => routes.at([...path, 'when', 'answer', field], message)
        )
      )
    }
  })
}

/** An agency that has no services may keep the rules for them. */
function checkServices({ routes, services }: AgencyFiles, rule: Rule, path: Path): string[] {
  const codes = services.value?.services.map((service) => service.code) ?? []
  if (codes.length === 0) return []
  return (rule.when.service ?? []).flatMap((code, position) =>
    codes.includes(code)
      ? []
      : [routes.at([...path, 'when', 'service', position], unknown('service', code, codes))]
  )
}

interface Question {
  readonly id: string
  readonly choices: readonly string[]
}

/** What routing may see of the forms and services that a rule speaks of. */
function questionsFor(
  { when }: Rule,
  forms: readonly Form[],
  services: readonly Service[]
): Question[] {
  const fields = forms
    .filter((form) =>
      when.service ? when.form?.includes(form.id) : !when.form || when.form.includes(form.id)
    )
    .flatMap((form) => form.fields)
  const attributes = services
    .filter((service) =>
      when.form
        ? when.service?.includes(service.code)
        : !when.service || when.service.includes(service.code)
    )
    .flatMap((service) => service.attributes)
  return [
    ...fields
      .filter((field) => field.routing)
      .map(({ id, options }) => ({ id, choices: options?.map((option) => option.value) ?? [] })),
    ...attributes
      .filter((attribute) => attribute.routing)
      .map(({ code, values }) => ({ id: code, choices: values?.map((value) => value.key) ?? [] }))
  ]
}

/**
 * An answer condition must be able to hold: the question exists, routing may see it, and the values
 * can be chosen.
 */
function checkAnswer(
  questions: readonly Question[],
  id: string,
  values: readonly string[]
): string[] {
  const meant = questions.filter((question) => question.id === id)
  if (meant.length === 0)
    return [
      unknown('field with routing: true', id, [
        ...new Set(questions.map((question) => question.id))
      ])
    ]
  const choices = meant.flatMap((question) => question.choices)
  if (choices.length === 0) return []
  return values
    .filter((value) => !choices.includes(value))
    .map((value) => unknown('option', value, [...new Set(choices)]))
}

function checkReplies({ departments, replies }: AgencyFiles, { problems }: Findings): void {
  const known = departments.value?.departments.map(({ id }) => id)
  replies.value?.replies.forEach(({ department }, index) => {
    if (known && department && !known.includes(department))
      problems.push(
        replies.at(['replies', index, 'department'], unknown('department', department, known))
      )
  })
}

function checkForms({ forms }: AgencyFiles, { problems }: Findings): void {
  const ids = forms.map((form) => form.value?.id)
  forms.forEach((form, index) => {
    const id = ids[index]
    if (id && ids.indexOf(id) < index)
      problems.push(form.at(['id'], `"${id}" is the id of another form too`))
  })
  if (forms.every((form) => form.value) && !ids.includes(FRONT_FORM))
    problems.push(`forms/${FRONT_FORM}.yaml:1: this form is missing; it is the front page`)
}

function checkLanguages(
  { departments, locales: files }: AgencyFiles,
  locales: Locales,
  findings: Findings
): void {
  departments.value?.agency.languages.forEach((language, index) => {
    if (!locales[language])
      findings.problems.push(
        departments.at(['agency', 'languages', index], `there is no locales/${language}.yaml`)
      )
  })
  const english = locales['en'] ?? {}
  for (const [language, sentences] of Object.entries(locales)) {
    for (const key of Object.keys(english)) {
      if (!(key in sentences))
        findings.warnings.push(`locales/${language}.yaml: ${key}: not translated; English is shown`)
    }
  }
  for (const file of Object.values(files))
    findings.problems.push(...checkPlaceholders(file, english))
}

/**
 * A placeholder that the English sentence lacks is never filled in: a slip that would be shown to
 * residents.
 */
function checkPlaceholders(file: YamlFile<Record<string, string>>, english: Localised): string[] {
  return Object.entries(file.value ?? {}).flatMap(([key, sentence]) => {
    const known = placeholders(english[key] ?? sentence)
    return placeholders(sentence)
      .filter((name) => !known.includes(name))
      .map((name) => file.at([key], unknown('placeholder', name, known)))
  })
}

function placeholders(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
}

function checkTexts(files: AgencyFiles, { problems, warnings }: Findings): void {
  const [first, ...others] = files.departments.value?.agency.languages ?? []
  if (!first) return
  for (const { file, path, text } of localisedTexts(files)) {
    if (!text[first])
      problems.push(file.at(path, `is not given in "${first}", the agency's first language`))
    for (const language of others)
      if (!text[language]) warnings.push(file.at(path, `not translated into "${language}"`))
  }
}

interface FoundText {
  readonly file: YamlFile<unknown>
  readonly path: Path
  readonly text: Localised
}

function localisedTexts({ departments, services, replies, forms }: AgencyFiles): FoundText[] {
  const texts: FoundText[] = []
  const add: AddText = (file, path, text) => {
    if (text) texts.push({ file, path, text })
  }
  add(departments, ['agency', 'name'], departments.value?.agency.name)
  const addOutcomes = (path: Path, outcomes: readonly Outcome[]) =>
    outcomes.forEach(({ text }, index) => add(departments, [...path, index, 'text'], text))
  addOutcomes(['outcomes'], departments.value?.outcomes ?? [])
  departments.value?.departments.forEach((department, index) => {
    add(departments, ['departments', index, 'name'], department.name)
    addOutcomes(['departments', index, 'outcomes'], department.outcomes)
  })
  addServices(services, add)
  replies.value?.replies.forEach(({ text }, index) =>
    add(replies, ['replies', index, 'text'], text)
  )
  for (const form of forms) {
    add(form, ['title'], form.value?.title)
    add(form, ['intro'], form.value?.intro)
    form.value?.fields.forEach((field, index) => addField(form, ['fields', index], field, add))
  }
  return texts
}

type AddText = (file: YamlFile<unknown>, path: Path, text: Localised | undefined) => void

function addServices(file: YamlFile<Services>, add: AddText): void {
  for (const part of ['contact', 'keyService'] as const) add(file, [part], file.value?.[part])
  file.value?.services.forEach((service, index) => {
    const path = ['services', index]
    for (const part of ['name', 'description', 'group', 'notice'] as const)
      add(file, [...path, part], service[part])
    service.attributes.forEach((attribute, position) => {
      const place = [...path, 'attributes', position]
      for (const part of ['description', 'hint'] as const)
        add(file, [...place, part], attribute[part])
      attribute.values?.forEach((value, number) =>
        add(file, [...place, 'values', number, 'name'], value.name)
      )
    })
  })
}

function addField(form: YamlFile<Form>, path: Path, field: FormField, add: AddText): void {
  add(form, [...path, 'label'], field.label)
  add(form, [...path, 'hint'], field.hint)
  field.options?.forEach((option, index) =>
    add(form, [...path, 'options', index, 'label'], option.label)
  )
}

function unknown(what: string, given: string, known: readonly string[]): string {
  return `there is no ${what} "${given}" (known: ${known.join(', ') || 'none'})`
}
