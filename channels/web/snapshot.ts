/**
 * The form as it was when a contact was accepted, stored with the contact, so that reading it later
 * needs no configuration.
 */
import { z } from 'zod'
import type { Localised } from '../../config/localised.ts'
import { fieldRoles, type Form } from '../../config/schema.ts'

const snapshotSchema = z.object({
  id: z.string(),
  fields: z.array(
    z.object({
      id: z.string(),
      role: z.enum(fieldRoles),
      routing: z.boolean(),
      label: z.string(),
      /** The labels that the resident saw, by value. */
      options: z.record(z.string(), z.string()).optional()
    })
  )
})

export type FormSnapshot = z.output<typeof snapshotSchema>

/** The parts of a form that reading needs, in the language it was shown in. */
export function snapshotForm(form: Form, say: (text: Localised) => string): FormSnapshot {
  return {
    id: form.id,
    fields: form.fields.map(({ id, role, routing, label, options }) => ({
      id,
      role,
      routing,
      label: say(label),
      ...(options
        ? {
            options: Object.fromEntries(options.map((option) => [option.value, say(option.label)]))
          }
        : {})
    }))
  }
}

/** The snapshot stored with a contact, or undefined if there is no usable one. */
export function readSnapshot(value: unknown): FormSnapshot | undefined {
  return snapshotSchema.safeParse(value).data
}
