import { describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { Reader } from '../../../core/reading/reader.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { madeUpChannel, readingForFile } from '../../helpers/reading.ts'

const {
  runtime,
  pool,
  reader,
  ready: handedOn
} = await readingForFile(madeUpChannel, {
  readers: 2,
  commonMs: 500,
  slowMs: 4_000,
  heapLimitMb: 64,
  memoryLimitMb: 400
})

async function accept(behaviour: string): Promise<string> {
  const { contactId } = await runtime.acceptor.accept({
    channel: 'email',
    source: 'test',
    externalId: randomUUID(),
    bytes: Buffer.from(behaviour),
    mediaType: 'message/rfc822',
    evidence: {}
  })
  return contactId
}

/** Reads as the queue does: a job that fails is tried again, three times in all. */
async function read(ids: string[]): Promise<unknown[]> {
  const failures: unknown[] = []
  for (let attempt = 0; attempt < 3; attempt += 1)
    await reader.read(ids).catch((error: unknown) => failures.push(error))
  return failures
}

const rowOf = (id: string) => contactRow(runtime, id)

describe('a contact that can be read', () => {
  test('becomes an envelope, with its step in the trail, and is handed on once', async () => {
    const id = await accept('ok the swing is broken')
    await read([id])
    expect(await rowOf(id)).toMatchObject({
      state: 'read',
      kind: 'message',
      envelope: { text: 'the swing is broken' },
      trail: [{ step: 'read', verdict: 'message', reason: 'a test', evidence: { documents: 0 } }]
    })
    expect(handedOn.filter((one) => one === id)).toHaveLength(1)
  })

  test('keeps its documents, small and large', async () => {
    const id = await accept('document a plan')
    await read([id])
    const { envelope } = await rowOf(id)
    const contents = await runtime.blobs.getMany(envelope!.documents.map(({ sha256 }) => sha256))
    expect(contents.map((content) => content.length)).toEqual(['a plan'.length, 200_000])
  })

  test('has what the network says about its sender beside its own evidence', async () => {
    const id = await accept('ok vouched for')
    const asking = new Reader({
      ...runtime,
      pool,
      onRead: () => undefined,
      senderChecks: new Map([
        ['email', { check: async ({ bytes }) => ({ said: Buffer.from(bytes).toString() }) }]
      ])
    })
    await asking.read([id])
    expect((await rowOf(id)).envelope!.evidence).toEqual({ said: 'ok vouched for' })
  })

  test('two readers at once read it once', async () => {
    const id = await accept('ok only once')
    await Promise.all([reader.read([id]), reader.read([id]), reader.read([id])])
    expect((await rowOf(id)).trail).toHaveLength(1)
    expect(handedOn.filter((one) => one === id)).toHaveLength(1)
  })

  test('text that PostgreSQL cannot hold is mended, and others in its set are read', async () => {
    const ids = [await accept('ok before'), await accept('unstorable'), await accept('ok after')]
    expect(await read(ids)).toEqual([])
    const rows = await Promise.all(ids.map(rowOf))
    expect(rows.map(({ state }) => state)).toEqual(['read', 'read', 'read'])
    expect(rows[1]).toMatchObject({
      envelope: { text: 'NUL \uFFFD and half \uFFFD a pair' },
      tokens: ['a\uFFFD']
    })
  })
})

describe('a contact that cannot be read waits for a person at once', () => {
  test.each([
    ['refuse', 'READ_LIMIT'],
    ['allocate-bytes', 'READ_LIMIT'],
    ['refuse-unknown', 'READ_UNPARSEABLE'],
    ['nothing', 'READ_UNPARSEABLE'],
    ['none', 'READ_UNPARSEABLE'],
    ['two', 'READ_UNPARSEABLE'],
    ['text', 'READ_UNPARSEABLE'],
    ['no-envelope', 'READ_UNPARSEABLE'],
    ['wrong-kind', 'READ_UNPARSEABLE'],
    ['not-bytes', 'READ_UNPARSEABLE']
  ])('%s: %s, and the pool goes on', async (behaviour, code) => {
    const [bad, good] = [await accept(behaviour), await accept('ok next')]
    await read([bad, good])
    expect(await rowOf(bad)).toMatchObject({
      state: 'quarantined',
      quarantine_code: code,
      outcome: 'quarantined'
    })
    expect(await rowOf(good)).toMatchObject({ state: 'read' })
  })
})

test.each(['hang', 'wait'])(
  'a contact whose reading takes too long is tried once more, apart from the others: %s, and the pool goes on',
  async (behaviour) => {
    const [bad, good] = [await accept(behaviour), await accept('ok next')]
    expect(await read([bad, good])).toEqual([])
    expect(await rowOf(bad)).toMatchObject({
      state: 'quarantined',
      quarantine_code: 'READ_TIMEOUT',
      attempts: 1
    })
    expect(await rowOf(good)).toMatchObject({ state: 'read' })
  }
)

describe('a contact that ends its reader is tried three times', () => {
  test.each(['allocate', 'exit', 'throw', 'abort', 'kill', 'thread-abort'])(
    '%s, and the pool goes on',
    async (behaviour) => {
      const [bad, good] = [await accept(behaviour), await accept('ok next')]
      const failures = await read([bad, good])
      expect(failures).toMatchObject([{ code: 'READ_CRASHED' }])
      expect(await rowOf(bad)).toMatchObject({
        state: 'quarantined',
        quarantine_code: 'READ_CRASHED',
        attempts: 2
      })
      expect(await rowOf(good)).toMatchObject({ state: 'read' })
    }
  )

  test('what its parser said is kept nowhere: it may quote the message', async () => {
    const id = await accept('throw')
    await read([id])
    expect(
      JSON.stringify([
        await rowOf(id),
        await runtime.db.selectFrom('events').selectAll().where('contact_id', '=', id).execute()
      ])
    ).not.toContain('jane@example.org')
  })
})

test('contacts that share a set with hanging and crashing ones are all read', async () => {
  const bad = await Promise.all(['hang', 'exit', 'allocate', 'abort'].map(accept))
  const good = await Promise.all(Array.from({ length: 30 }, (_, n) => accept(`ok number ${n}`)))
  await read([bad[0]!, ...good.slice(0, 10), bad[1]!, bad[2]!, ...good.slice(10), bad[3]!])
  const rows = await Promise.all(good.map(rowOf))
  expect(rows.filter(({ state }) => state !== 'read')).toEqual([])
})

test('an original that is missing is looked for three times', async () => {
  const id = await accept('ok lost')
  const { raw_sha256: hash } = await rowOf(id)
  await runtime.db.deleteFrom('blobs').where('sha256', '=', hash).execute()
  await runtime.blobs.getInline([hash])
  expect(await read([id, await accept('ok found')])).toMatchObject([{ code: 'READ_BLOB_MISSING' }])
  expect(await rowOf(id)).toMatchObject({
    state: 'quarantined',
    quarantine_code: 'READ_BLOB_MISSING'
  })
})
