/**
 * Promise 3 over all channels: the same words sent by every channel at the same instant get
 * neighbouring places in the same department's line, whatever each needs to be read, and in
 * whatever order they are read.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib'
import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { channels } from '../../channels/index.ts'
import type { RawContact } from '../../core/intake/channel.ts'
import { channelKinds, type ChannelKind } from '../../core/envelope.ts'
import { transcribe } from '../../core/transcription/transcribe.ts'
import { createTestRuntime, type TestRuntime } from '../helpers/runtime.ts'
import { openPipeline, type Pipeline } from '../helpers/pipeline.ts'

let runtime: TestRuntime
let pipeline: Pipeline
beforeAll(async () => {
  runtime = await createTestRuntime()
  pipeline = openPipeline(runtime)
})
afterAll(async () => {
  await pipeline.close()
  await runtime.remove()
})

const sid = (kind: string) => kind + randomBytes(16).toString('hex')
const json = (value: object) => Buffer.from(JSON.stringify(value))
const form = (fields: Record<string, string>) => Buffer.from(new URLSearchParams(fields).toString())

/** A typed page, as a fax server or a scanner with text recognition leaves it. */
async function page(words: string): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  document.addPage().drawText(words, {
    x: 50,
    y: 700,
    size: 12,
    font: await document.embedFont(StandardFonts.Helvetica)
  })
  return document.save()
}

/**
 * The words as a file that each channel takes in (a call as one whose recording failed, so that a
 * person asks and writes them down); to nobody in particular and from nobody known, so that the
 * words decide.
 */
const files: Record<ChannelKind, (words: string) => Uint8Array | Promise<Uint8Array>> = {
  email: (words) =>
    Buffer.from(
      `From: somebody@mail.example\r\nTo: hello@willowcreek.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${words}\r\n`
    ),
  sms: (words) =>
    form({
      MessageSid: sid('SM'),
      AccountSid: sid('AC'),
      From: '+12025550143',
      To: '+12025550199',
      Body: words,
      NumMedia: '0'
    }),
  phone: () =>
    form({
      CallSid: sid('CA'),
      RecordingSid: sid('RE'),
      AccountSid: sid('AC'),
      From: '+12025550144',
      To: '+12025550199',
      RecordingStatus: 'failed'
    }),
  fax: page,
  postal: page,
  web: (words) => json({ form: 'contact', fields: { message: words } }),
  counter: (words) => json({ text: words }),
  api: (words) => json({ text: words }),
  open311: (words) => json({ service_code: 'other', lat: 30.27, long: -97.74, description: words })
}

async function made(kind: ChannelKind, words: string): Promise<RawContact> {
  const channel = channels.find((one) => one.kind === kind)!
  return {
    ...channel.fromFile(`${kind}.pdf`, await files[kind](words), runtime.agency()),
    externalId: randomUUID()
  }
}

/** Brings contacts into their lines; what only a person can write down is written down last. */
async function settle(ids: readonly string[], words: string): Promise<void> {
  const [early, late] = [ids.slice(0, ids.length / 2), ids.slice(ids.length / 2)]
  await pipeline.run(early)
  await pipeline.run(late)
  const unheard = await runtime.db
    .selectFrom('contacts')
    .select('id')
    .where('id', 'in', [...ids])
    .where('state', '=', 'quarantined')
    .execute()
  for (const { id } of unheard) await transcribe(runtime.db, id, 'staff:test', { text: words })
  await pipeline.run(unheard.map(({ id }) => id))
}

/** The line of a department, first first. */
async function lineOf(department: string): Promise<string[]> {
  const rows = await runtime.db
    .selectFrom('cases')
    .select('contact_id')
    .where('department', '=', department)
    .where('state', '=', 'waiting')
    .orderBy('arrived_at')
    .orderBy('ordinal')
    .execute()
  return rows.map((row) => row.contact_id)
}

const sentences: [words: string, department: string][] = [
  ['There is a deep pothole in front of my house on Elm Street.', 'streets'],
  ['The water pressure on our street is very low today.', 'water'],
  ['My landlord wants us to leave and I need help with an eviction.', 'housing'],
  ['The swing on the playground near the school is broken.', 'parks'],
  ['I would like to know who may speak at the next meeting.', 'general'],
  ['El semáforo de la calle Olmo no funciona desde ayer.', 'streets']
]

test('there is a way by every channel', () => {
  expect(Object.keys(files).toSorted()).toEqual([...channelKinds].toSorted())
  expect(channels.map(({ kind }) => kind).toSorted()).toEqual([...channelKinds].toSorted())
})

test('the same words by every channel at once stand side by side in one line', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sentences),
      fc.shuffledSubarray([...channelKinds], { minLength: channelKinds.length }),
      fc.infiniteStream(fc.nat()),
      async ([words, department], kinds, order) => {
        const before = await runtime.acceptor.accept(await made('email', words))
        const raws = await Promise.all(kinds.map((kind) => made(kind, words)))
        const together = await Promise.all(raws.map((raw) => runtime.acceptor.accept(raw)))
        const after = await runtime.acceptor.accept(await made('web', words))
        const ids = [before, ...together, after].map(({ contactId }) => contactId)
        const weights = new Map(ids.map((id) => [id, order.next().value!]))
        await settle(
          ids.toSorted((a, b) => weights.get(a)! - weights.get(b)!),
          words
        )
        const line = await lineOf(department)
        expect(line.slice(line.indexOf(ids[0]!), line.indexOf(ids[0]!) + ids.length)).toEqual(ids)
      }
    ),
    { numRuns: 6 }
  )
})
