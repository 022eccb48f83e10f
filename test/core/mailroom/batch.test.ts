import { describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import { verifyAudit, verifyWithin } from '../../../core/audit/verify.ts'
import { findDocument, readStoredPages } from '../../../core/documents/store.ts'
import { limits } from '../../../core/documents/limits.ts'
import type { BatchView, Mailroom } from '../../../core/mailroom/types.ts'
import { findForgotten, processBatch } from '../../../core/mailroom/process-batch.ts'
import { peopleOf } from '../../../core/people/view.ts'
import { stand } from '../../helpers/contacts.ts'
import { stackPdf, typedPdf, type Paper } from './stacks.ts'
import { clerk, mailroomForFile, other } from './support.ts'

const { runtime, room, pipeline } = await mailroomForFile()

/** A tray with these files in it, read to the end. */
async function scanned(
  files: readonly Uint8Array[],
  tray: Partial<Parameters<Mailroom['logTray']>[0]> = {}
): Promise<BatchView> {
  const batch = await room.logTray({ actor: clerk, ...tray })
  for (const [index, bytes] of files.entries())
    await room.addScan(batch.id, { name: `${index}.pdf`, bytes, actor: clerk })
  return finished(batch.id)
}

async function finished(batchId: string): Promise<BatchView> {
  await room.finishScanning(batchId, clerk)
  await processBatch(runtime, batchId)
  return view(batchId)
}

const view = async (batchId: string): Promise<BatchView> => (await room.viewBatch(batchId))!

/** Words that no other test has: equal bytes in two batches would hold the second. */
let counter = 0
const words = (): string => `page ${++counter} of the tests about streets`

async function contactsOf({ letters }: BatchView): Promise<
  {
    id: string
    arrived_at: Date
    ordinal: string
    raw: string
    text: string | undefined
    documents: { sha256: string; pages: number }[]
    case_id: string | null
  }[]
> {
  const ids = letters.map(({ contactId }) => contactId!)
  const rows = await runtime.db.selectFrom('contacts').selectAll().where('id', 'in', ids).execute()
  return ids
    .map((id) => rows.find((row) => row.id === id)!)
    .map((row) => ({
      id: row.id,
      arrived_at: row.arrived_at,
      ordinal: row.ordinal,
      raw: row.raw_sha256,
      text: row.envelope?.text,
      documents: [...(row.envelope?.documents ?? [])],
      case_id: row.case_id
    }))
}

async function settled(batch: BatchView): Promise<Awaited<ReturnType<typeof contactsOf>>> {
  await pipeline.run(batch.letters.map(({ contactId }) => contactId!))
  return contactsOf(batch)
}

describe('a batch with our own separator sheets', () => {
  it('releases itself when every page is accounted for: each letter one contact at the stamp, read once', async () => {
    const tray = await room.logTray({ actor: clerk, expected: 2 })
    await room.printSeparators(tray.id, 1, 2, clerk)
    const codes = room.separators(tray.id, 1, 2)
    const code = (letter: number): Paper => ({ code: codes[letter - 1]!.code })
    await room.addScan(tray.id, {
      name: 'stack.pdf',
      bytes: await stackPdf([
        code(1),
        { words: 'the street lamp is dark' },
        'blank',
        code(2),
        { words: 'my bin was\nnot emptied' },
        { words: 'signed by a neighbour' }
      ]),
      actor: clerk
    })
    const batch = await finished(tray.id)
    expect(batch.batch).toMatchObject({
      state: 'released',
      problems: [],
      pagesRead: 6,
      pagesTotal: 6,
      pageCount: { in: 6, letters: 3, separators: 2, blanks: 1, withheld: 0, balanced: true }
    })
    expect(batch.sheets.map(({ kind, letter }) => [kind, letter])).toEqual([
      ['separator', undefined],
      ['page', 1],
      ['blank', undefined],
      ['separator', undefined],
      ['page', 2],
      ['page', 2]
    ])
    const documents = await runtime.db.selectFrom('documents').selectAll().execute()
    const contacts = await settled(batch)
    expect(contacts.map(({ arrived_at }) => arrived_at)).toEqual([tray.receivedAt, tray.receivedAt])
    expect(contacts.map(({ text }) => text?.replace(/\s+/g, ' '))).toEqual([
      'the street lamp is dark',
      'my bin was not emptied signed by a neighbour'
    ])
    expect(contacts.map(({ documents: [document] }) => document!.pages)).toEqual([1, 2])
    // The documents' stage found what the mailroom had read, and read nothing again.
    expect(await runtime.db.selectFrom('documents').selectAll().execute()).toEqual(documents)
    expect((await findDocument(runtime.db, contacts[1]!.raw))?.outcome).toBe('read')
    expect(
      (await readStoredPages(runtime.db, contacts[1]!.raw)).map(({ number, words: found }) => [
        number,
        found.length
      ])
    ).toEqual([
      [1, 5],
      [2, 4]
    ])
    expect((await room.picture(tray.id, 2, 'thumbnail'))!.mediaType).toBe('image/jpeg')
    expect((await room.words(tray.id, 2)).map(({ text }) => text).join(' ')).toBe(
      'the street lamp is dark'
    )
    // Turned by a person, the letter's document, its picture and the places of its words are turned
    // with it.
    await room.rotate(tray.id, 2, 90, clerk)
    const [turned] = await contactsOf(await view(tray.id))
    const [page] = await readStoredPages(runtime.db, turned!.documents[0]!.sha256)
    expect(page!.widthPx).toBeGreaterThan(page!.heightPx)
    const [x0, y0, x1, y1] = page!.words.find(({ text }) => text === 'street')!.box
    expect(y1 - y0).toBeGreaterThan(x1 - x0)
    expect(Math.min(x0, y0, page!.widthPx - x1, page!.heightPx - y1)).toBeGreaterThan(0)
    expect(turned!.documents[0]!.sha256).not.toBe(contacts[0]!.documents[0]!.sha256)
  })
})

describe('a stamp', () => {
  it('is now unless a named clerk sets it back, within the bound and with a reason', async () => {
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000)
    expect(
      (
        await room.logTray({ actor: clerk, receivedAt: ago(71), reason: 'the scanner was broken' })
      ).receivedAt.getTime()
    ).toBeLessThan(ago(70).getTime())
    await expect(
      room.logTray({ actor: clerk, receivedAt: ago(73), reason: 'found in a drawer' })
    ).rejects.toMatchObject({ code: 'STAMP_OUT_OF_BOUNDS' })
    await expect(
      room.logTray({ actor: clerk, receivedAt: new Date(Date.now() + 60_000), reason: 'early' })
    ).rejects.toMatchObject({ code: 'STAMP_OUT_OF_BOUNDS' })
    await expect(
      room.logTray({ actor: clerk, receivedAt: new Date(Number.NaN), reason: 'x' })
    ).rejects.toMatchObject({ code: 'STAMP_OUT_OF_BOUNDS' })
    await expect(
      room.logTray({ actor: clerk, receivedAt: ago(1), reason: '\u200B\u2060 ' })
    ).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    await expect(
      room.logTray({ actor: 'channel:postal', receivedAt: ago(1), reason: 'x' })
    ).rejects.toMatchObject({ code: 'NOT_ALLOWED' })
    await expect(room.logTray({ actor: clerk, expected: 10_001 })).rejects.toMatchObject({
      code: 'BAD_REQUEST'
    })
  })
})

describe('scans', () => {
  it('are one when the same file comes again, and none is taken after release, empty, or over the bound', async () => {
    const bytes = await typedPdf(words())
    const { batch } = await scanned([bytes, bytes.subarray(0)])
    expect(batch.state).toBe('held')
    const tray = await room.logTray({ actor: clerk })
    const file = { name: 'x.pdf', bytes: await typedPdf(words()), actor: clerk }
    expect((await room.addScan(tray.id, file)).id).toBe((await room.addScan(tray.id, file)).id)
    await expect(room.addScan(tray.id, { ...file, bytes: new Uint8Array() })).rejects.toMatchObject(
      { code: 'BAD_REQUEST' }
    )
    await expect(
      room.addScan(tray.id, { ...file, bytes: new Uint8Array(limits.documentBytes + 1) })
    ).rejects.toMatchObject({ code: 'INTAKE_TOO_LARGE' })
    await expect(room.addScan('no-such', file)).rejects.toMatchObject({ code: 'BATCH_UNKNOWN' })
    expect((await finished(tray.id)).batch.state).toBe('released')
    await expect(room.addScan(tray.id, file)).rejects.toMatchObject({ code: 'BATCH_RELEASED' })
  })

  it('with the same bytes as another hold the batch: a person tells whether it is one letter', async () => {
    const bytes = await typedPdf(words())
    const first = await scanned([bytes])
    const second = await scanned([bytes])
    expect([first.batch.state, second.batch.state]).toEqual(['released', 'held'])
    expect(second.batch.problems).toEqual([
      `0.pdf is the same file as 0.pdf of batch ${first.batch.id}: it may have been handed in twice.`
    ])
    await expect(room.releaseBatch(second.batch.id, clerk)).rejects.toMatchObject({
      code: 'BATCH_UNBALANCED'
    })
    await room.releaseBatch(second.batch.id, clerk, 'two equal leaflets')
    expect((await view(second.batch.id)).batch.state).toBe('released')
  })

  it('that come while the batch waits for a person are read and sorted with the rest', async () => {
    const { batch } = await scanned([await typedPdf(words())], { expected: 2 })
    expect(batch.problems).toEqual(['1 letter was found where 2 were counted.'])
    await room.addScan(batch.id, {
      name: 'found.pdf',
      bytes: await typedPdf(words()),
      actor: clerk
    })
    await processBatch(runtime, batch.id)
    expect((await view(batch.id)).batch).toMatchObject({ state: 'released', letters: 2 })
  })

  it('that nothing can open are a letter of their own, with the original as its document', async () => {
    const junk = Buffer.concat([
      Buffer.from('%PDF-1.7\nnothing of use '),
      Buffer.from(words()),
      Buffer.from('\n%%EOF\n')
    ])
    const batch = await scanned([junk, await typedPdf(words())])
    expect(batch.batch).toMatchObject({
      state: 'released',
      pageCount: { in: 2, letters: 1, withheld: 1, balanced: true }
    })
    const [unread] = await settled(batch)
    expect(Buffer.from(await runtime.blobs.get(unread!.raw))).toEqual(junk)
    expect(unread!.case_id).toBeNull()
    const { rows } = await runtime.database.pool.query<{ quarantine_code: string }>(
      'select quarantine_code from contacts where id = $1',
      [unread!.id]
    )
    expect(rows).toEqual([{ quarantine_code: 'TEXT_UNSURE' }])
  })

  it('of fronts and backs are laid together', async () => {
    const tray = await room.logTray({ actor: clerk })
    await room.addScan(tray.id, {
      name: 'fronts.pdf',
      bytes: await typedPdf('front one', 'front two'),
      side: 'fronts',
      actor: clerk
    })
    const backs = await room.addScan(tray.id, {
      name: 'backs.pdf',
      bytes: await typedPdf('back two', 'back one'),
      actor: clerk
    })
    await processBatch(runtime, tray.id)
    await room.setSides(tray.id, backs.id, 'backs', clerk)
    const batch = await finished(tray.id)
    expect(batch.sheets.map(({ text }) => text)).toEqual([
      'front one',
      'back one',
      'front two',
      'back two'
    ])
    // Each picture and its words are found where the sheet lies, not where it was scanned.
    expect(
      await Promise.all(
        [1, 2, 3, 4].map(async (position) =>
          (await room.words(tray.id, position)).map(({ text }) => text).join(' ')
        )
      )
    ).toEqual(batch.sheets.map(({ text }) => text))
    await expect(room.words(tray.id, 5)).rejects.toMatchObject({ code: 'BATCH_UNKNOWN' })
    expect(batch.batch).toMatchObject({ state: 'released', letters: 1 })
  })
})

describe('a page that is lost', () => {
  it('stops the batch, whatever else is well', async () => {
    const tray = await room.logTray({ actor: clerk })
    const scan = await room.addScan(tray.id, {
      name: 'a.pdf',
      bytes: await typedPdf(words(), words(), words()),
      actor: clerk
    })
    await processBatch(runtime, tray.id)
    await runtime.database.pool.query('delete from sheets where scan_id = $1 and page = 2', [
      scan.id
    ])
    const { batch } = await finished(tray.id)
    expect(batch.state).toBe('held')
    expect(batch.problems).toEqual([
      '3 pages came in and 2 are accounted for: 2 in letters, 0 separators, 0 blank, 0 not read.'
    ])
  })
})

describe('corrections', () => {
  it('before release part and join letters as a person says, each with a reason and an event', async () => {
    const { batch } = await scanned([await typedPdf(words(), words(), words())], { expected: 2 })
    await expect(room.beginLetterAt(batch.id, 2, clerk, '')).rejects.toThrow('reason')
    await expect(room.beginLetterAt(batch.id, 4, clerk, 'x')).rejects.toMatchObject({
      code: 'BATCH_UNKNOWN'
    })
    await expect(room.joinToLetterBefore(batch.id, 1, clerk, 'x')).rejects.toMatchObject({
      code: 'BAD_REQUEST'
    })
    await room.beginLetterAt(batch.id, 2, clerk, 'another hand')
    expect((await view(batch.id)).letters.map(({ positions }) => positions)).toEqual([[1], [2, 3]])
    await room.setKind(batch.id, 3, 'blank', clerk, 'only a shadow')
    await room.rotate(batch.id, 2, 180, clerk)
    const changed = await view(batch.id)
    expect(changed.batch).toMatchObject({
      state: 'held',
      problems: [],
      pageCount: { in: 3, letters: 2, blanks: 1, balanced: true }
    })
    expect(changed.sheets[1]).toMatchObject({ startedBy: 'person', turned: 180 })
    await room.releaseBatch(batch.id, clerk)
    const events = await runtime.db
      .selectFrom('events')
      .select('kind')
      .where('actor', '=', clerk)
      .where((row) => row.and([row(row.ref('data', '->>').key('batch'), '=', batch.id)]))
      .orderBy('id')
      .execute()
    expect(events.map(({ kind }) => kind)).toEqual([
      'batch.logged',
      'batch.scan-added',
      'batch.finished',
      'letter.split',
      'sheet.kind-set',
      'sheet.turned',
      'batch.drawn',
      'batch.released'
    ])
  })

  it('after release a split makes a contact of the same lot, a join takes the case along, and both can be taken back', async () => {
    const whole = await scanned([
      await typedPdf(
        'the bench in the park is broken',
        'the tap in the park drips',
        'and drips all night'
      )
    ])
    const [before] = await settled(whole)
    await room.beginLetterAt(whole.batch.id, 2, clerk, 'two residents in one envelope')
    const parted = await view(whole.batch.id)
    expect(parted.batch).toMatchObject({
      state: 'released',
      pageCount: { in: 3, letters: 3, balanced: true }
    })
    const [first, second] = await settled(parted)
    expect(first).toMatchObject({
      id: before!.id,
      ordinal: before!.ordinal,
      raw: before!.raw,
      text: 'the bench in the park is broken'
    })
    expect(second).toMatchObject({
      arrived_at: whole.batch.receivedAt,
      text: 'the tap in the park drips\n\nand drips all night'
    })
    expect([first!.documents[0]!.pages, second!.documents[0]!.pages]).toEqual([1, 2])

    await room.joinToLetterBefore(whole.batch.id, 2, clerk, 'it was one letter after all')
    const joined = await view(whole.batch.id)
    expect(joined.letters.map(({ positions, contactId }) => [positions, contactId])).toEqual([
      [[1, 2, 3], before!.id]
    ])
    const cases = await runtime.db
      .selectFrom('cases')
      .select(['id', 'state'])
      .where('contact_id', 'in', [first!.id, second!.id])
      .orderBy('ordinal')
      .execute()
    expect(cases.map(({ state }) => state)).toEqual(['waiting', 'joined'])

    await room.beginLetterAt(whole.batch.id, 2, clerk, 'no, two')
    const again = await contactsOf(await view(whole.batch.id))
    expect(again.map(({ id, ordinal }) => [id, ordinal])).toEqual([
      [first!.id, first!.ordinal],
      [second!.id, second!.ordinal]
    ])
    expect(
      (
        await runtime.db
          .selectFrom('cases')
          .select('state')
          .where('contact_id', 'in', [first!.id, second!.id])
          .execute()
      ).map(({ state }) => state)
    ).toEqual(['waiting', 'waiting'])
    expect((await verifyAudit(runtime.db)).problems).toEqual([])
  })
})

describe('what comes with a letter', () => {
  it('is kept as evidence, and enclosures are confirmed by somebody else', async () => {
    const {
      batch,
      letters: [letter]
    } = await scanned([await typedPdf(words(), words())])
    const details = {
      senderName: 'Jane Roe',
      senderAddress: '77 Persimmon Way',
      postmark: '2026-11-20',
      legalReceipt: '2026-11-23',
      trackingNumber: '9400',
      location: 'box 4',
      disposition: 'keep',
      envelopeAt: 2
    } as const
    await room.describeLetter(letter!.id, details, clerk)
    await expect(
      room.describeLetter(letter!.id, { postmark: '2026-02-30' }, clerk)
    ).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    const check = await room.logEnclosure(letter!.id, 'check over 20 dollars', clerk)
    await expect(room.confirmEnclosure(check, clerk)).rejects.toMatchObject({ code: 'NOT_ALLOWED' })
    await room.confirmEnclosure(check, other)
    expect((await view(batch.id)).letters[0]).toMatchObject({
      ...details,
      enclosures: [{ what: 'check over 20 dollars', loggedBy: clerk, confirmedBy: other }]
    })
    const { evidence } = await runtime.db
      .selectFrom('contacts')
      .select('evidence')
      .where('id', '=', letter!.contactId!)
      .executeTakeFirstOrThrow()
    expect(evidence).toMatchObject({ postmark: '2026-11-20', senderName: 'Jane Roe' })
    const { rows } = await runtime.database.pool.query(
      "select count(*)::int as named from events where data::text ~ 'Roe|Persimmon|check over'"
    )
    expect(rows).toEqual([{ named: 0 }])
  })
})

describe('a letter whose sender is keyed in on its page', () => {
  it("joins the person's single view, at the place it had; keyed otherwise, it leaves it again", async () => {
    const known = await stand(runtime, {
      channel: 'web',
      text: words(),
      sender: { name: 'Agnes Thornbury', phones: ['(217) 555-0155'] }
    })
    const batch = await scanned([await typedPdf(words(), words())])
    const [letter] = await settled(batch)
    const people = async () =>
      (await peopleOf(runtime.db, [letter!.id])).map(({ verdict, constituent }) => [
        verdict,
        constituent.constituentId
      ])
    const [{ constituent }] = (await peopleOf(runtime.db, [known.contactId])) as [PersonOf]
    expect(await people()).toEqual([])
    const before = await runtime.db
      .selectFrom('cases')
      .select(['department', 'arrived_at', 'ordinal', 'state'])
      .where('contact_id', '=', letter!.id)
      .execute()
    await room.describeLetter(
      batch.letters[0]!.id,
      {
        senderName: 'Agnes Thornbury',
        senderAddress: '4 Mill Race, Springfield, IL 62704',
        senderPhone: '217 555 0155',
        senderEmail: 'agnes@mail.example'
      },
      clerk
    )
    expect(await people()).toEqual([['linked', constituent.constituentId]])
    const {
      rows: [row]
    } = await runtime.database.pool.query<{ sender: unknown }>(
      "select envelope -> 'sender' as sender from contacts where id = $1",
      [letter!.id]
    )
    expect(row!.sender).toEqual({
      name: 'Agnes Thornbury',
      emails: ['agnes@mail.example'],
      phones: ['217 555 0155'],
      addresses: ['4 Mill Race, Springfield, IL 62704']
    })
    expect(
      await runtime.db
        .selectFrom('cases')
        .select(['department', 'arrived_at', 'ordinal', 'state'])
        .where('contact_id', '=', letter!.id)
        .execute()
    ).toEqual(before)
    await room.describeLetter(
      batch.letters[0]!.id,
      {
        senderName: 'Percy Blackwood',
        senderAddress: '4 Mill Race, Springfield, IL 62704',
        senderPhone: undefined,
        senderEmail: undefined
      },
      clerk
    )
    expect(await people()).not.toContainEqual(['linked', constituent.constituentId])
    expect((await verifyAudit(runtime.db)).problems).toEqual([])
  })
})

type PersonOf = Awaited<ReturnType<typeof peopleOf>>[number]

describe('work that was cut off', () => {
  it('goes on where it ended: pages that were read are not read again, letters that are contacts not made again', async () => {
    const tray = await room.logTray({ actor: clerk })
    const scan = await room.addScan(tray.id, {
      name: 'a.pdf',
      bytes: await typedPdf('one', 'two', 'three'),
      actor: clerk
    })
    await processBatch(runtime, tray.id)
    // As a kill after the first page leaves it.
    await runtime.database.pool.query(
      'delete from document_pages where sha256 = $1 and number > 1',
      [scan.sha256]
    )
    await runtime.database.pool.query(
      "update document_pages set text = 'read before' where sha256 = $1",
      [scan.sha256]
    )
    await runtime.database.pool.query(
      'update documents set outcome = null, read_at = null where sha256 = $1',
      [scan.sha256]
    )
    await runtime.database.pool.query("update scans set state = 'reading' where id = $1", [scan.id])
    const batch = await finished(tray.id)
    expect(batch.sheets.map(({ text }) => text)).toEqual(['read before', 'two', 'three'])
    // As a kill between a contact and the note of it leaves it.
    await runtime.database.pool.query(
      'update letters set contact_id = null, made_of = null where batch_id = $1',
      [tray.id]
    )
    await runtime.database.pool.query(
      "update batches set state = 'reading', released_at = null, updated_at = now() - interval '10 seconds' where id = $1",
      [tray.id]
    )
    expect(await findForgotten(runtime, 5)).toContain(tray.id)
    await processBatch(runtime, tray.id)
    expect((await view(tray.id)).letters[0]!.contactId).toBe(batch.letters[0]!.contactId)
    const { rows } = await runtime.database.pool.query(
      'select count(*)::int as contacts from contacts where batch_id = $1',
      [tray.id]
    )
    expect(rows).toEqual([{ contacts: 1 }])
  })
})

describe('the audit', () => {
  it('names what of a tray was changed in the tables, and takes a letter that a kill left without its contact as it is', async () => {
    const batch = await scanned([await typedPdf(words()), await typedPdf(words())])
    const { id } = batch.batch
    const its = `(select id from scans where batch_id = '${id}')`
    const problemsAfter = async (statement: string) => {
      let problems: readonly string[] = []
      await runtime.db
        .transaction()
        .execute(async (trx) => {
          await sql`set local session_replication_role = replica`.execute(trx)
          await sql.raw(statement).execute(trx)
          problems = (await verifyWithin(trx)).problems
          throw new Error('back')
        })
        .catch((error: Error) => {
          if (error.message !== 'back') throw error
        })
      return problems
    }
    const changes: [string, RegExp][] = [
      [`update batches set seed = 'x' where id = '${id}'`, /has another seal/],
      [`update batches set logged_by = 'x' where id = '${id}'`, /by somebody else/],
      [
        `update batches set logged_at = logged_at + interval '1 hour' where id = '${id}'`,
        /was logged at another time/
      ],
      [`update batches set ordinals = '{1}' where id = '${id}'`, /other numbers than its lot/],
      [`update batches set state = 'held' where id = '${id}'`, /is held, but the ledger says/],
      [`update sheets set lot = lot + 1 where scan_id in ${its}`, /other numbers in its lot/],
      [`update sheets set lot = 1 - lot where scan_id in ${its}`, /that letter is gone or another/],
      [`update sheets set lot = null where scan_id in ${its}`, /other numbers in its lot/],
      [`delete from letters where batch_id = '${id}'`, /that letter is gone or another/],
      [
        `update letters set contact_id = gen_random_uuid() where batch_id = '${id}'`,
        /is at a contact that is no letter by the ledger/
      ],
      [`update scans set bytes = 1 where batch_id = '${id}'`, /has another length/],
      [`update scans set added_by = 'x' where batch_id = '${id}'`, /added by somebody else/],
      [`update scans set batch_id = 'x' where batch_id = '${id}'`, /belongs to another batch/],
      [
        `insert into scans (id, batch_id, name, sha256, media_type, bytes, added_by) values (gen_random_uuid(), '${id}', 'x', repeat('a', 64), 'image/tiff', 1, 'x')`,
        /is in the tables and not in the ledger/
      ]
    ]
    for (const [statement, problem] of changes)
      expect({ statement, problems: await problemsAfter(statement) }).toEqual({
        statement,
        problems: expect.arrayContaining([expect.stringMatching(problem)])
      })
    expect(
      await problemsAfter(`update letters set contact_id = null where batch_id = '${id}'`)
    ).toEqual([])
  })

  it('finds a letter with another arrival or another place than its batch gave it', async () => {
    const batch = await scanned([
      await typedPdf(words()),
      await typedPdf(words()),
      await typedPdf(words())
    ])
    expect((await verifyAudit(runtime.db)).problems).toEqual([])
    const accept = (place: { batch: string; lot: number; ordinal: number }) =>
      runtime.acceptor.acceptLetter(
        {
          channel: 'postal',
          source: 'mailroom',
          externalId: crypto.randomUUID(),
          bytes: Buffer.from('x'),
          mediaType: 'text/plain',
          evidence: {}
        },
        place
      )
    await expect(accept({ batch: batch.batch.id, lot: 0, ordinal: 1 })).rejects.toMatchObject({
      code: 'INTAKE_STORE_DOWN'
    })
    await expect(accept({ batch: 'no-such', lot: 0, ordinal: 1 })).rejects.toMatchObject({
      code: 'INTAKE_STORE_DOWN'
    })
    await runtime.database.pool.query(
      "update batches set received_at = received_at - interval '1 day' where id = $1",
      [batch.batch.id]
    )
    await runtime.database.pool.query(
      "insert into events (kind, contact_id, actor, data) select kind, contact_id, actor, data || '{\"lot\": 0}' from events where kind = 'contact.accepted' and contact_id = $1 and data ->> 'lot' <> '0'",
      [batch.letters[2]!.contactId]
    )
    const { problems } = await verifyAudit(runtime.db)
    expect(problems).toContain(`batch ${batch.batch.id} has another stamp than the ledger recorded`)
    expect(problems).toContain(
      `contact ${batch.letters[2]!.contactId} has another ordinal than lot ${batch.batch.id} gave it`
    )
  })
})
