/** What a translation thread runs: finds the channel and answers with envelopes, or with the catalogue code it refused by. */
import type { StoredRaw, Translation } from '../core/channel.ts'
import { EvenhandError } from '../core/errors.ts'
import type { TranslateReply } from '../core/reading/pool.ts'
import { channels } from './index.ts'

export default async function translate(raw: StoredRaw): Promise<TranslateReply> {
  try {
    const channel = channels.find(({ kind }) => kind === raw.channel)
    if (!channel) return { kind: 'refused', code: 'INTAKE_UNKNOWN_CHANNEL', detail: raw.channel }
    const translations: Translation[] = await channel.translate(raw)
    return { kind: 'translations', translations }
  } catch (error) {
    if (error instanceof EvenhandError) return { kind: 'refused', code: error.code, detail: error.detail }
    // A parser's own words may quote the message; its kind of failure is enough.
    return { kind: 'refused', code: 'READ_UNPARSEABLE', detail: error instanceof Error ? error.name : undefined }
  }
}
