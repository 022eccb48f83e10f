import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { sql } from 'kysely'
import { asEvenhandError, isOurTrouble } from '../../../platform/errors.ts'
import { contactRow } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'

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

async function accept(subject: string): Promise<string> {
  const bytes = Buffer.from(
    `From: ana@example.org\nTo: parks@willowcreek.example\nSubject: ${subject}\n\nThe swing at the playground is broken, ${subject}.\n`
  )
  return (
    await runtime.acceptor.accept({
      channel: 'email',
      source: 'smtp',
      externalId: randomUUID(),
      bytes,
      mediaType: 'message/rfc822',
      recipients: ['parks@willowcreek.example'],
      evidence: {}
    })
  ).contactId
}

/**
 * PostgreSQL refuses what a full disk makes it refuse (53100), at the moment a table is written.
 */
async function whileFull(table: string, event: string, work: () => Promise<void>): Promise<void> {
  await sql`create function disk_full() returns trigger language plpgsql as
      'begin raise exception using errcode = ''53100'', message = ''could not extend file''; end'`.execute(
    runtime.db
  )
  await sql
    .raw(
      `create trigger disk_full before ${event} on ${table} for each statement execute function disk_full()`
    )
    .execute(runtime.db)
  try {
    await work()
  } finally {
    await sql`drop function disk_full() cascade`.execute(runtime.db)
  }
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => asEvenhandError(error).code
  )

describe('a full disk is "try again later" inside too', () => {
  test.each([
    ['reading', 'contacts', 'update', 'accepted'],
    ['settling', 'cases', 'insert', 'read']
  ])(
    'while %s: no attempt is spent, nothing waits for a person, and with room it goes on',
    async (_, table, event, state) => {
      const id = await accept(`while ${table} are full`)
      await whileFull(table, event, async () => {
        for (let n = 0; n < 5; n += 1)
          expect(await failure(pipeline.run([id]))).toBe('STORAGE_FULL')
      })
      expect(await contactRow(runtime, id)).toMatchObject({ state, attempts: 0, outcome: null })
      await pipeline.run([id])
      expect(await contactRow(runtime, id)).toMatchObject({ state: 'settled', outcome: 'case' })
    }
  )

  test('an attachment that finds no room on the disk is stored later', async () => {
    const blobs = path.join(runtime.settings.DATA_DIR, 'blobs')
    const id = await accept('with a large attachment')
    const large = Buffer.alloc(200_000, 'x').toString('base64')
    const bytes = Buffer.from(
      `From: ana@example.org\nTo: parks@willowcreek.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the plan.\n--b\nContent-Type: application/octet-stream; name=plan.bin\nContent-Transfer-Encoding: base64\n\n${large}\n--b--\n`
    )
    const { contactId } = await runtime.acceptor.accept({
      channel: 'email',
      source: 'smtp',
      externalId: randomUUID(),
      bytes,
      mediaType: 'message/rfc822',
      recipients: ['parks@willowcreek.example'],
      evidence: {}
    })
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const put = runtime.blobs.putFile.bind(runtime.blobs)
    runtime.blobs.putFile = async () => {
      throw full
    }
    for (let n = 0; n < 5; n += 1)
      expect(await failure(pipeline.run([contactId]))).toBe('STORAGE_FULL')
    runtime.blobs.putFile = put
    expect(await contactRow(runtime, contactId)).toMatchObject({ state: 'accepted', attempts: 0 })
    await pipeline.run([id, contactId])
    expect(await contactRow(runtime, contactId)).toMatchObject({ state: 'settled' })
    expect(fs.existsSync(blobs)).toBe(true)
  })
})

test.each([
  ['ENOSPC', true],
  ['EDQUOT', true],
  ['53100', true],
  ['ENOTDIR', false],
  ['23505', false]
])('an error %s is trouble of ours: %s', (code, ours) => {
  expect(isOurTrouble(asEvenhandError(Object.assign(new Error('x'), { code })))).toBe(ours)
  expect(
    isOurTrouble(
      asEvenhandError(new Error('outer', { cause: Object.assign(new Error('x'), { code }) }))
    )
  ).toBe(ours)
})
