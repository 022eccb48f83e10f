import type { Settings } from '../../config/settings.ts'
import type { FetchedFile, RemoteFile, StoredRaw, Translation } from '../../core/intake/channel.ts'
import type { EnvelopeDocument } from '../../core/envelope.ts'
import { fileDocument, missingDocument } from '../../core/intake/file-document.ts'
import { EvenhandError } from '../../platform/errors.ts'
import { accountFile } from '../../platform/providers/twilio/api.ts'
import { parametersOf } from '../../platform/providers/twilio/webhook.ts'
import { callerNumber, readCall, type Call } from './call.ts'
import { LEAST_SECONDS, MAX_CALL_BYTES, MAX_RECORDING_BYTES } from './limits.ts'
import { readChoice } from './choice.ts'

const RECORDING = 'recording.wav'
const CALL = 'call.json'

function callOf(raw: StoredRaw): Call | undefined {
  return readCall(parametersOf(raw.bytes, raw.mediaType))
}

function hasRecording({ recordingId, recordingStatus }: Call): boolean {
  return recordingId !== undefined && recordingStatus === 'completed'
}

/**
 * The recording as the provider stores it, and the provider's record of the call if the request did
 * not name the caller.
 */
export function remoteFiles(raw: StoredRaw, settings: Settings): RemoteFile[] {
  const call = callOf(raw)
  if (!call?.account || !call.callId) return []
  return [
    ...(hasRecording(call)
      ? [
          accountFile(
            settings,
            call.account,
            `Recordings/${call.recordingId}.wav`,
            RECORDING,
            MAX_RECORDING_BYTES
          )
        ]
      : []),
    ...(call.from === ''
      ? [accountFile(settings, call.account, `Calls/${call.callId}.json`, CALL, MAX_CALL_BYTES)]
      : [])
  ]
}

/**
 * A stored call as an envelope. Its content is the recording; it has no text yet. @throws
 * EvenhandError READ_UNPARSEABLE
 */
export async function translate(raw: StoredRaw): Promise<Translation[]> {
  const call = callOf(raw)
  if (!call || (!call.callId && !call.recordingId && call.from === ''))
    throw new EvenhandError('READ_UNPARSEABLE', "it is no call of Twilio's")
  const files = raw.fetched ?? []
  const recording = files.find(({ name }) => name === RECORDING)
  const { from, to } = call.from === '' ? partiesOf(files) : call
  const choice = readChoice(raw.evidence)
  const number = callerNumber(from)
  const doubt =
    typeof raw.evidence['quarantine'] === 'string' ? undefined : unsure(call, recording, choice)
  return [
    {
      envelope: {
        channel: 'phone',
        sender: { emails: [], phones: number ? [number] : [], addresses: [] },
        recipients: to ? [to] : [],
        subject: subjectOf(call),
        text: '',
        language: choice.language,
        documents: recording ? [describe(recording)] : [],
        ...(Object.keys(choice.answers).length > 0 ? { answers: choice.answers } : {}),
        evidence: {
          ...raw.evidence,
          from,
          to,
          ...(call.seconds === undefined ? {} : { seconds: call.seconds }),
          ...(call.ended ? { ended: call.ended } : {}),
          recording: call.recordingStatus
        }
      },
      contents: recording ? ['bytes' in recording ? recording.bytes : new Uint8Array()] : [],
      kind: 'message',
      tokens: [],
      reason: reasonOf(call),
      ...(doubt ? { unsure: doubt } : {})
    }
  ]
}

function describe(file: FetchedFile): EnvelopeDocument {
  if ('missing' in file) return missingDocument(file, 'audio/wav')
  const mediaType = /^audio\/[\w.+-]+$/.test(file.mediaType) ? file.mediaType : 'audio/wav'
  return fileDocument({ ...file, mediaType })
}

/** Caller and called number, from the provider's record of the call. */
function partiesOf(files: readonly FetchedFile[]): { from: string; to: string } {
  const record = files.find(({ name }) => name === CALL)
  const text = record && 'bytes' in record ? Buffer.from(record.bytes).toString('utf8') : '{}'
  try {
    const { from, to } = JSON.parse(text) as { from?: unknown; to?: unknown }
    return { from: typeof from === 'string' ? from : '', to: typeof to === 'string' ? to : '' }
  } catch {
    return { from: '', to: '' }
  }
}

/**
 * Why a person must listen before anything is decided. By pressing a key the caller has said where
 * the call belongs; without a key nobody knows yet. A machine never decides on a message that is
 * silent, cut off or unavailable. Relay operators and TTY callers press no key and so reach a
 * person too.
 */
function unsure(
  call: Call,
  recording: FetchedFile | undefined,
  { answers, maxSeconds }: ReturnType<typeof readChoice>
): string | undefined {
  if (call.recordingStatus === 'absent' || !call.recordingId)
    return 'The caller stayed and nothing was heard: a silent call.'
  if (call.recordingStatus !== 'completed') return 'The provider could not record the call.'
  if (!recording || 'missing' in recording)
    return 'The recording could not be had from the provider.'
  if (call.seconds !== undefined && call.seconds < LEAST_SECONDS)
    return `The message is ${call.seconds} seconds long: silent, or cut off.`
  if (call.seconds !== undefined && call.seconds >= maxSeconds)
    return 'The message was cut off at its longest length.'
  return Object.keys(answers).length === 0
    ? 'The caller pressed no key: a person has to hear what it is about.'
    : undefined
}

function subjectOf({ seconds }: Call): string {
  return seconds === undefined ? 'Telephone call' : `Telephone message of ${seconds} seconds`
}

function reasonOf({ seconds, ended }: Call): string {
  return `a call with ${seconds === undefined ? 'no message' : `a message of ${seconds} seconds`}${ended === 'hangup' ? ', ended by hanging up' : ''}`
}
