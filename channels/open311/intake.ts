import type { IntakeWith } from '../../core/intake/channel.ts'

/** What this channel is handed. */
export type Open311Intake = IntakeWith<'reports' | 'requireKey'>
