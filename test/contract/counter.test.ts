import { counter } from '../../channels/counter/index.ts'
import {
  counterContact,
  counterLimits,
  readEntry,
  sendingId
} from '../../core/intake/counter-entry.ts'
import { asEvenhandError, EvenhandError } from '../../platform/errors.ts'
import type { OpenRuntime } from '../../core/open-runtime.ts'
import { channelContract } from './channel-contract.ts'
import { person, type Answer, type Door, type Message } from './types.ts'

type Delivery = { readonly page: string; readonly bytes: Uint8Array }

channelContract<Delivery>({
  channel: counter,
  door: 'the desk',
  features: {
    ids: true,
    idMayBeMissing: 'because our own page always has its id',
    signatures:
      'because only staff who are signed in reach the page; test/web/desk/counter/routes.test.ts asks for that',
    words: true,
    line: true,
    empty: 'refused because the page shows the clerk what is missing',
    overCap: 'refused because the page shows the clerk which file is too large',
    sameIdOtherBytes: 'a contact of its own'
  },
  open
})

/** What the page does once it knows who is signed in: read the entry, make a contact, accept. */
async function open(runtime: OpenRuntime): Promise<Door<Delivery>> {
  const entry = (fields: object, page: string = crypto.randomUUID()): Delivery => ({
    page,
    bytes: Buffer.from(
      JSON.stringify({
        sender: {
          name: person.name,
          phone: person.phone,
          email: person.email,
          address: person.street
        },
        ...fields
      })
    )
  })
  const file = (size: number) => ({
    name: 'paper.pdf',
    mediaType: 'application/pdf',
    content: Buffer.alloc(size, 'x').toString('base64')
  })
  return {
    deliver: (delivery) => deliver(runtime, delivery),
    honest: ({ id, text }) => entry({ text, answers: { topic: 'parks' } }, id),
    empty: () => ({ page: 'empty', bytes: new Uint8Array() }),
    sized: (over) => entry({ text: 'papers', files: [file(counterLimits.fileBytes + over)] }),
    holding: (bytes) => ({ page: 'x', bytes }),
    claiming: ({ text }: Message) => entry({ text }),
    secrets: []
  }
}

async function deliver(runtime: OpenRuntime, { page, bytes }: Delivery): Promise<Answer> {
  try {
    const raw = counter.fromFile('entry.json', bytes, runtime.agency())
    const contact = counterContact(readEntry(raw.bytes), { actor: 'staff:test' })
    const { receipt } = await runtime.acceptor.accept({
      ...contact,
      externalId: sendingId(runtime.secret('counter'), page, contact)
    })
    return { verdict: 'accepted', receipt }
  } catch (error) {
    const { retry, code } = asEvenhandError(error)
    if (!(error instanceof EvenhandError) && code === 'INTERNAL') throw error
    return { verdict: retry ? 'later' : 'refused' }
  }
}
