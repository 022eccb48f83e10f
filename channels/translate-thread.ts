/**
 * The function that a reader process runs: it finds the channel and returns envelopes, or the
 * catalogue code of the error.
 */
import type { StoredRaw, Translation } from '../core/intake/channel.ts'
import { EvenhandError } from '../platform/errors.ts'
import type { TranslateReply } from '../core/reading/pool.ts'
import { channels } from './index.ts'

export default async function translate(raw: StoredRaw): Promise<TranslateReply> {
  try {
    const channel = channels.find(({ kind }) => kind === raw.channel)
    if (!channel) return { kind: 'refused', code: 'INTAKE_UNKNOWN_CHANNEL', detail: raw.channel }
    const translations: Translation[] = await channel.translate(raw)
    return { kind: 'translations', translations }
  } catch (error) {
    if (error instanceof EvenhandError)
      return { kind: 'refused', code: error.code, detail: error.detail }
    // A parser's message may quote the contact, so only the kind of error is reported.
    return {
      kind: 'refused',
      code: 'READ_UNPARSEABLE',
      detail: error instanceof Error ? error.name : undefined
    }
  }
}
