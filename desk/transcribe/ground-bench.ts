import { languageIn } from '../../core/documents/for-contacts.ts'
import { sharedPool } from '../../core/documents/read.ts'
import { readStoredPages } from '../../core/documents/store.ts'
import type { Db } from '../../core/db/database.ts'
import type { Ground } from '../../core/ground.ts'
import { release } from '../../core/quarantine.ts'
import { findTranscription, listTranscriptions, transcribe, type Transcription } from '../../core/transcription.ts'
import { transcriptsOf } from '../../core/transcripts.ts'
import type { TranscriptionBench } from './bench.ts'

/** The bench's view of a running ground. */
export function openTranscription({ db, blobs, queues }: Ground): TranscriptionBench {
  return {
    list: (limit) => listTranscriptions(db, limit),
    find: (contactId) => withMachineText(db, contactId),
    pages: async (sha256) => (await readStoredPages(db, sha256, { words: false })).filter(({ image }) => image !== undefined).map(({ number }) => number),
    async picture(sha256, page) {
      const [found] = await readStoredPages(db, sha256, { from: page, to: page, words: false })
      return found?.image && { mediaType: found.image.mediaType, bytes: await blobs.get(found.image.sha256) }
    },
    async transcribe(contactId, actor, transcript) {
      // A clerk need not say what the text itself tells.
      const language = transcript.language ?? await languageIn(sharedPool(), transcript.text)
      await transcribe(db, contactId, actor, { ...transcript, language })
      queues.hand('settle', [contactId])
    },
    async giveUp(contactId, actor, reason) {
      await release(db, contactId, actor, reason)
      queues.hand('settle', [contactId])
    }
  }
}

/** A call has no text; what a machine made of it, whenever it came, is laid before the person who listens. */
async function withMachineText(db: Db, contactId: string): Promise<Transcription | undefined> {
  const waiting = await findTranscription(db, contactId)
  if (!waiting || waiting.envelope.text !== '') return waiting
  const [machine] = await transcriptsOf(db, contactId)
  return machine ? { ...waiting, envelope: { ...waiting.envelope, text: machine.text }, confidence: machine.confidence } : waiting
}
