/** Saved replies of the agency, filled in for one case. */
import { findDepartment } from '../../config/departments.ts'
import type { Agency } from '../../config/agency.ts'
import type { SavedReply } from '../../config/replies.ts'
import { inLanguage, translate } from '../../platform/pages/language.ts'

/** Those for all departments and this one's own, in the order of the file. */
export function savedFor({ replies = [] }: Agency, department: string): readonly SavedReply[] {
  return replies.filter((one) => one.department === undefined || one.department === department)
}

/** The text in a language, or else in the agency's first, with its fields filled in. */
export function fillSaved(
  { text }: SavedReply,
  {
    language,
    receipt,
    department,
    name
  }: {
    readonly language: string
    readonly receipt: string
    readonly department: string
    readonly name: string | undefined
  },
  agency: Agency
): string {
  const { agency: own } = agency.departments
  const first = own.languages[0] ?? 'en'
  const words: Readonly<Record<string, string>> = {
    receipt,
    department: inLanguage(
      findDepartment(agency.departments, department)?.name ?? {},
      language,
      first
    ),
    agency: inLanguage(own.name, language, first),
    name: name ?? translate(agency.locales, language)('reply.noName')
  }
  return inLanguage(text, language, first)
    .replace(/\{(\w+)\}/g, (field, key: string) => words[key] ?? field)
    .trimEnd()
}
