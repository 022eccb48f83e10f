import type { IntakeWith } from '../../core/intake/channel.ts'

/** What this channel is handed. */
export type WebIntake = IntakeWith<'status' | 'residentPage' | 'addressProofs'>
