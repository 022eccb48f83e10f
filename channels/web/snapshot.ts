/** The form as it was when a contact was accepted, kept with the contact: reading it later needs no configuration. */
import { z } from 'zod'
import type { Form, Localised } from '../../config/schema.ts'

const snapshotSchema = z.object({
  id: z.string(),
  fields: z.array(z.object({
    id: z.string(),
    role: z.enum(['subject', 'text', 'name', 'email', 'phone', 'address', 'documents', 'language', 'receipt', 'answer']),
    routing: z.boolean(),
    label: z.string(),
    /** What the resident read beside each value. */
    options: z.record(z.string(), z.string()).optional()
  }))
})

export type FormSnapshot = z.output<typeof snapshotSchema>

/** What reading needs of a form, in the language it was shown in. */
export function snapshotForm(form: Form, say: (text: Localised) => string): FormSnapshot {
  return {
    id: form.id,
    fields: form.fields.map(({ id, role, routing, label, options }) => ({
      id, role, routing, label: say(label),
      ...(options ? { options: Object.fromEntries(options.map((option) => [option.value, say(option.label)])) } : {})
    }))
  }
}

/** The snapshot kept with a contact, or undefined when there is none that can be used. */
export function readSnapshot(value: unknown): FormSnapshot | undefined {
  return snapshotSchema.safeParse(value).data
}
