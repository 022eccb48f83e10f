import { languageIn } from '../documents/for-contacts.ts'
import { sharedPool } from '../documents/read.ts'
import { readStoredPages } from '../documents/store.ts'
import type { Db } from '../../platform/db/database.ts'
import type { Runtime } from '../runtime.ts'
import { releaseContact } from '../contacts/quarantine.ts'
import {
  findTranscription,
  listTranscriptions,
  transcribe,
  type Transcription
} from './transcribe.ts'
import { transcriptsOf } from './machine-transcripts.ts'
import type { TranscriptionService } from './waiting.ts'

/** What the transcription pages need, of a running process. */
export function openTranscription({
  db,
  blobs,
  queues
}: Pick<Runtime, 'db' | 'blobs' | 'queues'>): TranscriptionService {
  return {
    list: (limit) => listTranscriptions(db, limit),
    find: (contactId) => withMachineText(db, contactId),
    pages: async (sha256) =>
      (await readStoredPages(db, sha256, { words: false }))
        .filter(({ image }) => image !== undefined)
        .map(({ number }) => number),
    async picture(sha256, page) {
      const [found] = await readStoredPages(db, sha256, { from: page, to: page, words: false })
      return (
        found?.image && {
          mediaType: found.image.mediaType,
          bytes: await blobs.get(found.image.sha256)
        }
      )
    },
    async transcribe(contactId, actor, transcript) {
      // A clerk need not say what the text itself tells.
      const language = transcript.language ?? (await languageIn(sharedPool(), transcript.text))
      await transcribe(db, contactId, actor, { ...transcript, language })
      queues.enqueue('settle', [contactId])
    },
    async giveUp(contactId, actor, reason) {
      await releaseContact(db, contactId, actor, reason)
      queues.enqueue('settle', [contactId])
    }
  }
}

/**
 * A call has no text; what a machine made of it, whenever it came, is laid before the person who
 * listens.
 */
async function withMachineText(db: Db, contactId: string): Promise<Transcription | undefined> {
  const waiting = await findTranscription(db, contactId)
  if (!waiting || waiting.envelope.text !== '') return waiting
  const [machine] = await transcriptsOf(db, contactId)
  return machine
    ? {
        ...waiting,
        envelope: { ...waiting.envelope, text: machine.text },
        confidence: machine.confidence
      }
    : waiting
}
