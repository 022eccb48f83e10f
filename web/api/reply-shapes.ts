/** What the API takes and answers with about replies and notes. */
import { z } from 'zod'
import { fileSchema } from '../../channels/api/contact.ts'
import { replyWays } from '../../core/outbox/reply-message.ts'
import type { Note } from '../../core/replies/notes.ts'
import { ADDRESS_LIMIT, REPLY_LIMIT, replyFiles, SUBJECT_LIMIT } from '../../core/replies/limits.ts'
import type { Reply } from '../../core/replies/view.ts'
import { caseParams } from './shapes.ts'

const time = z.iso.datetime()
const way = z.enum(replyWays).meta({
  description: 'By machine (`mail`, `text`), or by a person of the agency (`letter`, `call`).'
})

export const replyParams = caseParams.extend({
  reply: z.uuid().meta({ description: "The reply's id." })
})

export const newReply = z
  .strictObject({
    text: z.string().max(REPLY_LIMIT).default('').meta({
      description:
        'What the resident reads; of a call, what is for whoever calls and is not shown to them. May be left out where a saved reply says it.'
    }),
    way: way.optional(),
    address: z.string().min(1).max(ADDRESS_LIMIT).optional().meta({
      description:
        'One that the resident gave in this case. Left out, with the way too, it is the likeliest.'
    }),
    typed: z.boolean().default(false).meta({
      description:
        'The address is one that the resident did not give; everybody who reads the case is told.'
    }),
    subject: z.string().max(SUBJECT_LIMIT).optional().meta({
      description: 'Of a mail. Left out, that of what is answered; empty, the usual one.'
    }),
    language: z.string().max(40).optional().meta({
      description: "One of the agency's languages. Left out, the resident's."
    }),
    savedReply: z.string().max(40).optional().meta({
      description: 'Id of a saved reply (replies.yaml), filled in and put after the text.'
    }),
    files: z.array(fileSchema).max(replyFiles.count).default([]).meta({
      description: 'Of a mail or a letter: 15 MB together.'
    })
  })
  .meta({ id: 'NewReply' })

export const replyView = z
  .object({
    replyId: z.uuid(),
    contactId: z.uuid().meta({ description: 'The contact it answers.' }),
    author: z.string().meta({ description: '`key:<id>`, `staff:<id>`, `cli:<account>`.' }),
    at: time.meta({ description: 'When it was written.' }),
    sentAt: time.optional().meta({
      description: 'When it was sent, mailed or said; missing while it waits.'
    }),
    way: way.optional(),
    address: z.string().optional(),
    typed: z.boolean(),
    name: z.string().optional(),
    language: z.string().optional(),
    subject: z.string(),
    text: z.string(),
    state: z.enum(['proposed', 'sent-back', 'waiting', 'sent', 'undeliverable', 'failed']).meta({
      description:
        '`proposed`: waits for a second person. `waiting`: on its way, or a person has yet to mail the letter or call.'
    }),
    reason: z.string().optional().meta({ description: 'Why it was not sent.' }),
    delivery: z.string().optional().meta({
      description:
        'The latest word of mail systems and carriers about it; `filed` where it was written to a file and not sent, as nothing is set up to send it.'
    }),
    decidedBy: z.string().optional().meta({ description: 'The second person.' }),
    files: z.array(z.object({ name: z.string(), bytes: z.number().int() }))
  })
  .meta({ id: 'Reply' })

export const newNote = z
  .strictObject({
    text: z.string().min(1).max(REPLY_LIMIT).meta({
      description: 'For staff, never sent. A colleague named with an @ sees it on their first page.'
    })
  })
  .meta({ id: 'NewNote' })

export const noteView = z
  .object({
    noteId: z.uuid(),
    author: z.string(),
    at: time,
    text: z.string(),
    mentions: z.array(z.object({ staffId: z.uuid(), read: z.boolean() }))
  })
  .meta({ id: 'Note' })

export function replyJson({ at, sentAt, files, ...reply }: Reply): z.output<typeof replyView> {
  return {
    ...reply,
    at: at.toISOString(),
    ...(sentAt ? { sentAt: sentAt.toISOString() } : {}),
    files: [...files]
  }
}

export function noteJson({ at, mentions, ...note }: Note): z.output<typeof noteView> {
  return { ...note, at: at.toISOString(), mentions: [...mentions] }
}
