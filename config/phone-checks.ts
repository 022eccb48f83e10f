/** Whether phone.yaml fits the agency's other files. */
import type { PhoneConfig } from './phone-schema.ts'
import type { Departments, Routes } from './schema.ts'
import type { YamlFile } from './yaml-file.ts'

interface Files {
  readonly departments: YamlFile<Departments>
  readonly routes: YamlFile<Routes>
  readonly phone: YamlFile<PhoneConfig>
}

export function checkPhone({ departments, routes, phone }: Files): {
  problems: string[]
  warnings: string[]
} {
  const { value } = phone
  const offered = departments.value?.agency.languages ?? []
  if (!value) return { problems: [], warnings: [] }
  const problems = Object.keys(value.languages)
    .filter((language) => !offered.includes(language))
    .map((language) =>
      phone.at(
        ['languages', language],
        `is not one of the agency's languages: ${offered.join(', ')}`
      )
    )
  const warnings: string[] = []
  value.menu.forEach((item, index) => {
    const [first, ...others] = offered
    if (first && !item.say[first])
      problems.push(
        phone.at(['menu', index, 'say'], `is not given in "${first}", the agency's first language`)
      )
    for (const language of others)
      if (!item.say[language])
        warnings.push(phone.at(['menu', index, 'say'], `not translated into "${language}"`))
    for (const [name, answer] of Object.entries(item.answer)) {
      const used =
        routes.value?.rules.some((rule) => rule.when.answer?.[name]?.includes(answer)) ?? true
      if (!used)
        warnings.push(
          phone.at(
            ['menu', index, 'answer', name],
            `no rule of routes.yaml asks for "${answer}": such calls go where no rule claims`
          )
        )
    }
  })
  return { problems, warnings }
}
