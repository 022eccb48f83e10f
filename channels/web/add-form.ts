/** "Add something" on a status page: a small form that joins the message it stands on. */
import type { Form } from '../../config/schema.ts'
import type { Agency } from '../../config/agency.ts'
import { MAX_TEXT_LENGTH } from './limits.ts'

/** A form that no agency has to write; its words are in the locales. */
export function addForm({ locales, departments }: Agency): Form {
  const said = (key: string) =>
    Object.fromEntries(
      departments.agency.languages.map((language) => [
        language,
        locales[language]?.[key] ?? locales['en']?.[key] ?? key
      ])
    )
  const field = { routing: false, required: false, maxLength: MAX_TEXT_LENGTH }
  return {
    id: 'add',
    title: said('status.add'),
    fields: [
      { ...field, id: 'message', type: 'textarea', role: 'text', label: said('status.addWhat') },
      { ...field, id: 'files', type: 'files', role: 'documents', label: said('form.photos') },
      { ...field, id: 'receipt', type: 'text', role: 'receipt', label: said('status.receipt') }
    ]
  }
}
