/**
 * What a machine made of a recording. It belongs to the contact of a voice channel whose external
 * id is `callIdentity` of the two ids, and may come before it.
 */
export interface CallTranscript {
  readonly callId: string
  readonly recordingId: string
  readonly engine: string
  readonly status: 'completed' | 'failed'
  readonly text: string
  readonly language?: string
  /** 0 to 1, if the engine reports it. */
  readonly confidence?: number
}

/** A recorded message's external id: its call and its recording. Neither may hold a slash. */
export function callIdentity(callId: string, recordingId: string): string {
  return `${callId}/${recordingId}`
}
