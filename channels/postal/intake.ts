import type { IntakeWith } from '../../core/intake/channel.ts'

/** What this channel is handed. */
export type PostalIntake = IntakeWith<'scanIntake'>
