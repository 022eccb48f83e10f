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
