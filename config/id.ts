import { z } from 'zod'

/** A short name that others refer to: of a department, a mailbox, a gateway, an outcome. */
export const idSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'lower-case letters, digits and hyphens, at most 40, starting with a letter'
  )
