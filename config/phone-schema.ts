/**
 * The shape of phone.yaml: what callers hear and may press. Sentences are in locales/, under
 * `phone.`.
 */
import { z } from 'zod'

const key = z.string().regex(/^\d$/, 'one key, "0" to "9", in quotes')
const languageTag = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language tag such as "en" or "es"')

export const phoneSchema = z
  .strictObject({
    /** How each language is spoken: the provider's names of language and voice. */
    voices: z
      .record(
        languageTag,
        z.strictObject({
          language: z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/),
          voice: z
            .string()
            .regex(/^[A-Za-z0-9._-]{1,60}$/)
            .optional()
        })
      )
      .default({}),
    /** The key that changes to each language other than the first. */
    languages: z.record(languageTag, key).default({}),
    /** What a call may be about; routes.yaml sees the answer as it sees a form's. */
    menu: z
      .array(
        z.strictObject({
          key,
          answer: z
            .record(z.string().regex(/^[a-z][a-zA-Z0-9_]{0,39}$/), z.string().min(1).max(200))
            .refine((answer) => Object.keys(answer).length > 0, 'name at least one answer'),
          say: z.record(languageTag, z.string().min(1).max(200))
        })
      )
      .max(10)
      .default([]),
    /** Longest message, in seconds. */
    maxSeconds: z.number().int().min(30).max(3_600).default(300),
    /** Silence that ends a message, in seconds. */
    silenceSeconds: z.number().int().min(3).max(60).default(8),
    /**
     * Lets the provider write down English messages of up to two minutes; it is paid for, and only
     * ever an annotation.
     */
    transcribe: z.boolean().default(false)
  })
  .superRefine((file, context) => {
    const keys = [
      ...Object.entries(file.languages).map(([language, pressed]) => ({
        pressed,
        path: ['languages', language]
      })),
      ...file.menu.map((item, index) => ({ pressed: item.key, path: ['menu', index, 'key'] }))
    ]
    keys.forEach(({ pressed, path }, index) => {
      if (keys.findIndex((other) => other.pressed === pressed) < index)
        context.addIssue({
          code: 'custom',
          message: `key "${pressed}" is used twice; each once`,
          path
        })
    })
  })

export type PhoneConfig = z.output<typeof phoneSchema>

/** An agency that says nothing of its telephone: a greeting and a recording. */
export const plainPhone: PhoneConfig = phoneSchema.parse({})
