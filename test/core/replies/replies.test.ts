import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import fs from 'node:fs'
import path from 'node:path'
import { channels } from '../../../channels/index.ts'
import { verifyAudit } from '../../../core/audit/verify.ts'
import { viewCase } from '../../../core/cases/view.ts'
import { closeWithin } from '../../../core/line/close.ts'
import { dutiesOf, listOpenDuties, settleDuty } from '../../../core/outbox/duties.ts'
import { openDispatcher } from '../../helpers/dispatcher.ts'
import { recordDelivery } from '../../../core/outbox/text-delivery.ts'
import { recordNotices } from '../../../core/outbox/mail-delivery.ts'
import { approveReply, sendBackReply } from '../../../core/replies/approve.ts'
import { listProposed } from '../../../core/replies/proposed.ts'
import { addDraftFiles } from '../../../core/replies/draft-files.ts'
import { discardDraft, dropOther, keepDraft, readDraft } from '../../../core/replies/drafts.ts'
import {
  addNote,
  markMentionsRead,
  mentionsIn,
  notesOf,
  unreadMentions
} from '../../../core/replies/notes.ts'
import type { NewReply } from '../../../core/replies/check.ts'
import { sendReply, type Ending } from '../../../core/replies/send.ts'
import { repliesOf } from '../../../core/replies/view.ts'
import { latestOfWriter, waysOf } from '../../../core/replies/ways.ts'
import { newId } from '../../../platform/ids.ts'
import { emptyLine, stand, take, type Mail, type Stood } from '../../helpers/contacts.ts'
import { createTestRuntime, type TestRuntime } from '../../helpers/runtime.ts'
import { makeStaff } from '../../helpers/staff.ts'

let runtime: TestRuntime
beforeAll(async () => {
  runtime = await createTestRuntime()
})
afterAll(() => runtime.remove())

const ann = 'staff:ann'
const rosa = 'rosa@people.example'
const as = (actor: string) => ({ actor, names: [] })

/** A case of this mail, in hand. */
async function inHand(mail: Mail = {}): Promise<Stood> {
  await emptyLine(runtime)
  const stood = await stand(runtime, { from: rosa, ...mail })
  await take(runtime, ann)
  return stood
}

async function reply(
  { caseId, contactId }: Stood,
  more: Partial<NewReply> = {},
  ending?: Ending
): Promise<{ replyId: string; sent: string }> {
  const replyId = more.replyId ?? newId()
  const given = {
    replyId,
    caseId,
    contactId,
    actor: ann,
    way: 'mail' as const,
    address: rosa,
    typed: false,
    name: undefined,
    language: 'en',
    subject: 'Re: The swing',
    text: 'We mend it on Thursday.',
    ...more
  }
  return { replyId, sent: await sendReply(runtime, given, ending) }
}

const dispatch = (...ids: string[]) => openDispatcher(runtime, channels).acknowledge(ids)

function mails(): string[] {
  const folder = path.join(runtime.settings.DATA_DIR, 'outbox')
  return fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'utf8'))
}

const stateOf = async ({ caseId, contactId }: Stood) =>
  (await repliesOf(runtime.db, [caseId], [contactId])).map(({ state }) => state)

const events = async ({ caseId }: Stood) =>
  (
    await runtime.db.selectFrom('events').select('kind').where('case_id', '=', caseId).execute()
  ).map(({ kind }) => kind)

describe('a reply', () => {
  test('by mail joins the thread of the mail it answers, comes from a person, and carries its files', async () => {
    const stood = await inHand({
      evidence: {
        headers: { 'message-id': ['<q1@people.example>'], references: ['<q0@people.example>'] }
      }
    })
    const sha256 = await runtime.blobs.put(Buffer.from('a map'))
    await addDraftFiles(runtime.db, stood.caseId, ann, [
      { name: 'map.txt', mediaType: 'text/plain', bytes: 5, sha256 }
    ])
    const { replyId, sent } = await reply(stood)
    expect(sent).toBe('sent')
    expect(await stateOf(stood)).toEqual(['waiting'])
    await dispatch(stood.contactId)
    expect(await stateOf(stood)).toEqual(['sent'])
    const mail = mails().find((one) => one.includes(`<a.${replyId}.`))!
    expect(mail).toMatch(/^In-Reply-To: <q1@people\.example>\r\n/m)
    expect(mail).toMatch(/^References: <q0@people\.example>\s+<q1@people\.example>\r\n/m)
    expect(mail).toMatch(/^Subject: Re: The swing\r\n/m)
    expect(mail).toMatch(/^Reply-To: reply\+[^@]+@willowcreek\.example\r\n/m)
    expect(mail).not.toMatch(/^Auto-Submitted/m)
    expect(mail).toMatch(/filename=map\.txt/)
    expect(mail.replaceAll('=\r\n', '')).toContain(`your receipt ${stood.receipt}`)
    expect(
      (await readDraft(runtime.db, { caseId: stood.caseId, author: ann, kind: 'reply' })).files
    ).toEqual([])
  })

  test('to somebody who used the form goes under the mail of their receipt', async () => {
    const stood = await inHand({ channel: 'web' })
    const { replyId } = await reply(stood, { subject: '' })
    await dispatch(stood.contactId)
    const sent = mails().filter((one) => one.includes(stood.receipt))
    const receipt = sent.find((one) => /^Message-ID: <r\./m.test(one))!
    const answer = sent.find((one) => one.includes(`<a.${replyId}.`))!
    const id = /^Message-ID: (<r\.[^>]+>)/m.exec(receipt)![1]!
    expect(answer).toContain(`In-Reply-To: ${id}`)
    expect(answer).toMatch(/^Subject: An answer to your message/m)
  })

  test('sent twice by a second click goes once', async () => {
    const stood = await inHand()
    const { replyId } = await reply(stood)
    expect((await reply(stood, { replyId })).sent).toBe('sent')
    await dispatch(stood.contactId)
    await dispatch(stood.contactId)
    expect(mails().filter((one) => one.includes(`<a.${replyId}.`))).toHaveLength(1)
  })

  test('is not sent where what was to be done with it cannot be, and can be sent again', async () => {
    const stood = await inHand()
    const replyId = newId()
    await expect(
      reply(stood, { replyId }, () => {
        throw new Error('the process was killed')
      })
    ).rejects.toThrow('killed')
    expect(await stateOf(stood)).toEqual([])
    expect(await events(stood)).not.toContain('case.answered')
    let ended = 0
    for (const _ of [1, 2])
      await reply(stood, { replyId }, async (trx) => {
        ended += 1
        await closeWithin(trx, stood.caseId, ann, 'done')
      })
    expect([ended, await stateOf(stood)]).toEqual([1, ['waiting']])
  })

  test.each([
    ['without words', 'REPLY_EMPTY', { text: ' \u200b ' }],
    [
      'that no text message holds',
      'REPLY_TOO_LONG',
      { way: 'text', address: '+12175550142', text: 'x'.repeat(1_600) }
    ],
    ['longer than twenty thousand characters', 'REPLY_TOO_LONG', { text: 'x'.repeat(20_001) }],
    ['to no mailbox', 'REPLY_ADDRESS', { address: 'rosa' }],
    ['to half a number', 'REPLY_ADDRESS', { way: 'text', address: '555' }],
    ['of somebody who does not hold the case', 'CASE_NOT_TAKEN', { actor: 'staff:bob' }],
    ['to a contact of another case', 'CASE_UNKNOWN', { contactId: newId() }]
  ] as const)('%s is refused with %s', async (_, code, more) => {
    const stood = await inHand()
    await expect(reply(stood, more)).rejects.toMatchObject({ code })
    expect(await stateOf(stood)).toEqual([])
  })

  test('about a closed case may still be sent, about one that waits not', async () => {
    const stood = await inHand()
    await runtime.line.close(stood.caseId, ann, 'done')
    expect((await reply(stood)).sent).toBe('sent')
    const waiting = await stand(runtime, { from: rosa })
    await expect(reply(waiting)).rejects.toMatchObject({ code: 'CASE_NOT_TAKEN' })
  })
})

describe('a duty', () => {
  test('to call stands until somebody settles it with words, and only once', async () => {
    const stood = await inHand()
    await reply(stood, { way: 'call', address: '217-555-0142' })
    await dispatch(stood.contactId)
    expect(await stateOf(stood)).toEqual(['waiting'])
    const [duty] = await dutiesOf(runtime.db, [stood.caseId])
    expect(duty).toMatchObject({ kind: 'call', address: '217-555-0142', settled: undefined })
    const settle = (how: string, words: string) =>
      settleDuty(runtime.db, { dutyId: duty!.dutyId, actor: ann, how, words })
    await expect(settle('reached', '')).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    await expect(settle('printed', 'x')).rejects.toMatchObject({ code: 'DUTY_ENDING' })
    await settle('reached', 'She is glad.')
    await expect(settle('reached', 'Again')).rejects.toMatchObject({ code: 'DUTY_SETTLED' })
    expect(await stateOf(stood)).toEqual(['sent'])
    expect((await dutiesOf(runtime.db, [stood.caseId]))[0]!.settled).toMatchObject({
      by: ann,
      how: 'reached',
      words: 'She is glad.'
    })
  })

  test('arises from a mail that was read and then reported as unwanted, which stays sent and stops nothing', async () => {
    const stood = await inHand()
    const { replyId } = await reply(stood)
    await dispatch(stood.contactId)
    const say = (outcome: 'read' | 'complaint' | 'delivered') =>
      recordNotices(runtime.db, [
        { receipt: stood.receipt, notice: { outcome, answers: [replyId] } }
      ])
    const complaints = async () =>
      (await dutiesOf(runtime.db, [stood.caseId])).filter(({ kind }) => kind === 'complaint')
    await say('read')
    expect(await complaints()).toEqual([])
    for (const outcome of ['complaint', 'complaint', 'delivered'] as const) await say(outcome)
    const [duty, ...more] = await complaints()
    expect(duty).toMatchObject({ answerId: replyId, address: rosa })
    expect(more).toEqual([])
    expect(await stateOf(stood)).toEqual(['sent'])
    const settle = (how: string, words: string) =>
      settleDuty(runtime.db, { dutyId: duty!.dutyId, actor: ann, how, words })
    await expect(settle('sent-again', 'x')).rejects.toMatchObject({ code: 'DUTY_ENDING' })
    await expect(settle('asked', '')).rejects.toMatchObject({ code: 'REASON_REQUIRED' })
    await settle('asked', 'She pressed the wrong button.')
    await reply(stood)
    await dispatch(stood.contactId)
    expect(await stateOf(stood)).toEqual(['sent', 'sent'])
  })

  test('does not arise from a receipt that is reported as unwanted', async () => {
    const stood = await inHand()
    await recordNotices(runtime.db, [
      { receipt: stood.receipt, notice: { outcome: 'complaint', answers: [] } }
    ])
    expect(await dutiesOf(runtime.db, [stood.caseId])).toEqual([])
  })

  test('arises from a mail that bounced, is listed though the case is closed, and is not said in the ledger in words', async () => {
    const stood = await inHand({ subject: 'The swing' })
    const { replyId } = await reply(stood)
    await dispatch(stood.contactId)
    await runtime.line.close(stood.caseId, ann, 'done')
    await recordNotices(runtime.db, [
      { receipt: stood.receipt, notice: { outcome: 'failed', answers: [replyId], status: '5.1.1' } }
    ])
    expect(await stateOf(stood)).toEqual(['undeliverable'])
    // Nothing is set up to send here, so the replies of other tests are duties, too.
    const own = async () =>
      (await listOpenDuties(runtime.db, ['parks'], 100)).duties.filter(
        ({ caseId }) => caseId === stood.caseId
      )
    const duties = await own()
    expect(duties).toHaveLength(1)
    expect(duties[0]).toMatchObject({
      kind: 'undelivered',
      caseId: stood.caseId,
      subject: 'The swing'
    })
    await settleDuty(runtime.db, {
      dutyId: duties[0]!.dutyId,
      actor: ann,
      how: 'called',
      words: 'Rang Rosa instead.'
    })
    expect(await own()).toEqual([])
    const { rows } = await sql<{ kind: string; data: string }>`select kind, data::text from events
      where kind like 'duty.%' or kind = 'case.answered'`.execute(runtime.db)
    expect(rows.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['duty.opened', 'duty.settled'])
    )
    expect(JSON.stringify(rows)).not.toMatch(/rosa|Rosa|swing|217555/)
  })

  test('arises from a text that the carrier did not deliver', async () => {
    const stood = await inHand({
      channel: 'sms',
      sender: { phones: ['+12175550142'] },
      evidence: { from: '+12175550142', to: '+17035550100' }
    })
    const { replyId } = await reply(stood, { way: 'text', address: '+12175550142' })
    await dispatch(stood.contactId)
    const text = mails().find((one) => one.includes('We mend it') && one.startsWith('To: +1217'))!
    expect(text).toContain('From: +17035550100')
    const { id } = await runtime.db
      .selectFrom('outbound')
      .select('id')
      .where('kind', '=', `answer:${replyId}`)
      .executeTakeFirstOrThrow()
    await recordDelivery(runtime.db, { outboundId: id, providerId: 'SM1', status: 'undelivered' })
    expect(await dutiesOf(runtime.db, [stood.caseId])).toMatchObject([{ kind: 'undelivered' }])
  })

  test('arises from a number that asked for no texts', async () => {
    const stood = await inHand()
    await sql`insert into text_consents (address, allowed, ordinal, contact_id)
      values ('+12175550143', false, 1, ${stood.contactId})`.execute(runtime.db)
    await reply(stood, { way: 'text', address: '+12175550143' })
    await dispatch(stood.contactId)
    expect(await dutiesOf(runtime.db, [stood.caseId])).toMatchObject([
      { kind: 'undelivered', reason: 'this number asked for no texts' }
    ])
    await sql`delete from text_consents`.execute(runtime.db)
  })
})

describe('a letter', () => {
  test.each([
    ['six lines', 'Rosa\nc/o Bob\nUnit 2\nBuilding 4\n12 Alder Lane\nWillow Creek IL', true],
    [
      'seven lines',
      'Rosa\nc/o Bob\nUnit 2\nBuilding 4\n12 Alder Lane\nWillow Creek IL\nUSA',
      false
    ],
    ['a line as wide as the window', `${'W'.repeat(28)}\n12 Alder Lane`, true],
    ['a line that is wider', `${'W'.repeat(30)}\n12 Alder Lane`, false]
  ])('to an address of %s', async (_name, address, fits) => {
    const sent = reply(await inHand(), { way: 'letter', address, typed: true })
    if (fits) await sent
    else await expect(sent).rejects.toMatchObject({ code: 'REPLY_WINDOW' })
  })
})

describe('the ways to answer', () => {
  test('are those the resident gave, the way they came by first', async () => {
    const stood = await inHand({
      channel: 'web',
      sender: { phones: ['217-555-0142'], addresses: ['12 Alder Lane, Willow Creek, IL 62001'] }
    })
    const view = await viewCase(runtime.db, stood.caseId)
    expect(waysOf(view!.contacts, 'US').map(({ way, address }) => [way, address])).toEqual([
      ['mail', rosa],
      ['text', '+12175550142'],
      ['letter', '12 Alder Lane\nWillow Creek\nIL 62001'],
      ['call', '217-555-0142']
    ])
  })

  test('begin with what the first message gave: whoever knows a receipt can add one', () => {
    const from = (contactId: string, ...emails: string[]) => ({
      contactId,
      channel: 'web',
      envelope: { sender: { emails, phones: [], addresses: [], name: contactId } } as never
    })
    const contacts = [
      from('first', rosa),
      from('again', rosa),
      from('stranger', 'eve@other.example')
    ]
    expect(waysOf(contacts, 'US')).toEqual([
      { way: 'mail', address: rosa, contactId: 'again', name: 'again' },
      {
        way: 'mail',
        address: 'eve@other.example',
        contactId: 'stranger',
        name: 'stranger',
        later: true
      }
    ])
    expect(latestOfWriter(contacts, 'US').contactId).toBe('again')
    expect(latestOfWriter([from('nobody'), from('stranger')], 'US').contactId).toBe('nobody')
  })

  test('begin with what the channel is: a text for texts, a call for calls, a letter for letters', () => {
    const envelope = {
      sender: { emails: [rosa], phones: ['+12175550142'], addresses: ['12 Alder Lane'] }
    } as never
    const first = (channel: string) => waysOf([{ contactId: 'c', channel, envelope }], 'US')[0]!.way
    expect(['sms', 'phone', 'postal', 'email', 'fax'].map(first)).toEqual([
      'text',
      'call',
      'letter',
      'mail',
      'mail'
    ])
  })
})

describe('a draft', () => {
  const key = (caseId: string) => ({ caseId, author: ann, kind: 'reply' as const })

  const kept = (caseId: string) => readDraft(runtime.db, key(caseId))

  /** A window of Ann's, and what it keeps as somebody types in it. */
  function windowOn({ caseId }: Stood, version = 0) {
    const becomes = newId()
    return {
      becomes,
      keep: async (text: string, more: { aside?: boolean } = {}) => {
        const draft = { ...key(caseId), version, fields: { text }, becomes, ...more }
        const now = await keepDraft(runtime.db, draft)
        version = now.version
        return now
      }
    }
  }

  test('comes back as it was, and two windows lose nothing to each other', async () => {
    const stood = await inHand()
    const [one, two] = [windowOn(stood), windowOn(stood)]
    expect(await one.keep('Good')).toMatchObject({
      version: 1,
      fields: { text: 'Good' },
      other: []
    })
    await one.keep('Good morning')
    expect(await two.keep('Another')).toMatchObject({
      fields: { text: 'Another' },
      other: [{ text: 'Good morning' }]
    })
    await two.keep('Another window')
    expect(await one.keep('Good morning Ms. Delgado')).toMatchObject({
      fields: { text: 'Good morning Ms. Delgado' },
      other: [{ text: 'Another window' }]
    })
    // An empty box says nothing against what another window wrote.
    expect((await windowOn(stood).keep(' ')).fields['text']).toBe('Good morning Ms. Delgado')
  })

  test('is gone once sent, and a save that comes late does not bring it back', async () => {
    const stood = await inHand()
    const one = windowOn(stood)
    await one.keep('x')
    await reply(stood, { replyId: one.becomes, text: 'x' })
    await one.keep('x')
    expect(await kept(stood.caseId)).toMatchObject({ fields: {}, updatedAt: undefined })
  })

  test('sent in one window is not what “another window wrote”; its other words stay', async () => {
    const stood = await inHand()
    const [one, two] = [windowOn(stood), windowOn(stood)]
    await one.keep('We fill')
    await two.keep('Bring a map')
    await one.keep('We fill it on Monday.')
    await reply(stood, { replyId: one.becomes, text: 'We fill it on Monday.' })
    const left = await kept(stood.caseId)
    expect(left).toMatchObject({ fields: { text: 'Bring a map' }, other: [] })
    await two.keep('Bring a map with you.')
    expect(await kept(stood.caseId)).toMatchObject({
      fields: { text: 'Bring a map with you.' },
      other: []
    })
  })

  test('sent while another window kept its own is not brought back by the order of the two', async () => {
    const stood = await inHand()
    const [one, two] = [windowOn(stood), windowOn(stood)]
    await one.keep('Sent words')
    await two.keep('Words of the other')
    await reply(stood, { replyId: one.becomes, text: 'Sent words' })
    expect(await kept(stood.caseId)).toMatchObject({
      fields: { text: 'Words of the other' },
      other: []
    })
  })

  test('shown by a second window and sent from the first is not kept again, until it is changed', async () => {
    const stood = await inHand()
    const one = windowOn(stood)
    const { version } = await one.keep('We fill it')
    const two = windowOn(stood, version)
    await one.keep('We fill it on Monday.')
    const three = windowOn(stood, version + 1)
    await reply(stood, { replyId: one.becomes, text: 'We fill it on Monday.' })
    expect(await three.keep('We fill it on Monday.')).toMatchObject({ sent: true, fields: {} })
    expect(await two.keep('We fill it', { aside: true })).toMatchObject({ sent: true, fields: {} })
    const anew = windowOn(stood, (await kept(stood.caseId)).version)
    expect(await anew.keep('We fill it on Monday.')).toMatchObject({
      sent: false,
      fields: { text: 'We fill it on Monday.' }
    })
  })

  test('says of words that another window kept since when, until they are changed or discarded', async () => {
    const stood = await inHand()
    const [one, two] = [windowOn(stood), windowOn(stood)]
    await one.keep('We fill it on Monday.')
    const { updatedAt } = await two.keep('Half a thought')
    await reply(stood, { replyId: one.becomes, text: 'We fill it on Monday.' })
    const now = await kept(stood.caseId)
    expect(now).toMatchObject({
      fields: { text: 'Half a thought' },
      keptFrom: updatedAt,
      other: []
    })
    const three = windowOn(stood, now.version)
    expect(await three.keep('Half a thought')).toMatchObject({ keptFrom: updatedAt })
    expect(await windowOn(stood, now.version + 1).keep('A whole one')).toMatchObject({
      keptFrom: undefined
    })
    await discardDraft(runtime.db, key(stood.caseId))
    expect(await kept(stood.caseId)).toMatchObject({ fields: {}, updatedAt: undefined })
  })

  test('says since when each of the words beside it was kept', async () => {
    const stood = await inHand()
    const { updatedAt } = await windowOn(stood).keep('One')
    const { other } = await windowOn(stood).keep('Two')
    expect(other).toEqual([{ text: 'One', at: updatedAt }])
  })

  test('written after another was sent is not overwritten by a window older than both', async () => {
    const stood = await inHand()
    const one = windowOn(stood)
    const { version } = await one.keep('First')
    const old = windowOn(stood, version)
    await reply(stood, { replyId: one.becomes, text: 'First' })
    await windowOn(stood, (await kept(stood.caseId)).version).keep('Next')
    expect(await old.keep('From long ago')).toMatchObject({
      fields: { text: 'From long ago' },
      other: [{ text: 'Next' }]
    })
  })

  test('has only those words of another window taken off that were seen', async () => {
    const stood = await inHand()
    const [one, two, three] = [windowOn(stood), windowOn(stood), windowOn(stood)]
    await one.keep('One')
    const { version } = await two.keep('Two')
    await three.keep('Three')
    await dropOther(runtime.db, key(stood.caseId), version)
    expect((await kept(stood.caseId)).other).toMatchObject([{ text: 'Two' }])
  })

  test('holds no more files than a mail may have', async () => {
    const { caseId } = await inHand()
    const file = { name: 'a', mediaType: 'text/plain', bytes: 1, sha256: 'f'.repeat(64) }
    const add = (count: number, bytes = 1) =>
      addDraftFiles(
        runtime.db,
        caseId,
        ann,
        Array.from({ length: count }, () => ({ ...file, bytes }))
      )
    await add(10)
    await expect(add(1)).rejects.toMatchObject({ code: 'REPLY_FILES' })
    const other = await inHand()
    await expect(
      addDraftFiles(runtime.db, other.caseId, ann, [{ ...file, bytes: 15 * 1024 ** 2 + 1 }])
    ).rejects.toMatchObject({ code: 'REPLY_FILES' })
  })
})

describe('a note', () => {
  test('names colleagues, who see it until they have read it, and leaves no words in the ledger', async () => {
    const { caseId } = await inHand()
    const bob = await makeStaff(runtime, 'agent', ['parks'])
    const text = `Luis has chains. @${bob.name}, can you go?`
    const mentions = mentionsIn(text, [
      { staffId: newId(), name: 'Test' },
      { staffId: bob.id, name: bob.name }
    ])
    expect(mentions).toEqual([bob.id])
    const noteId = newId()
    await addNote(runtime.db, { noteId, caseId, actor: ann, text, mentions })
    await addNote(runtime.db, { noteId, caseId, actor: ann, text, mentions })
    expect(await notesOf(runtime.db, [caseId])).toMatchObject([
      { text, mentions: [{ staffId: bob.id, read: false }] }
    ])
    expect(await unreadMentions(runtime.db, bob.id, 10)).toMatchObject([{ noteId, caseId }])
    await markMentionsRead(runtime.db, bob.id, [caseId])
    expect(await unreadMentions(runtime.db, bob.id, 10)).toEqual([])
    const { rows } = await sql<{ data: string }>`select data::text from events
      where kind = 'case.noted'`.execute(runtime.db)
    expect(JSON.stringify(rows)).not.toMatch(/Luis|chains/)
  })
})

describe('where a second person looks first', () => {
  test('a reply waits for somebody else, and goes or comes back with words', async () => {
    const agency = () => {
      const own = runtime.agency()
      const departments = own.departments.departments.map((one) => ({ ...one, approval: true }))
      return { ...own, departments: { ...own.departments, departments } }
    }
    const stood = await inHand()
    const propose = async (text: string) => {
      const replyId = newId()
      const sent = await sendReply(
        { ...runtime, agency },
        {
          replyId,
          caseId: stood.caseId,
          contactId: stood.contactId,
          actor: ann,
          way: 'mail',
          address: rosa,
          typed: false,
          name: undefined,
          language: 'en',
          subject: '',
          text
        }
      )
      expect(sent).toBe('proposed')
      return replyId
    }
    const first = await propose('It is nothing.')
    await dispatch(stood.contactId)
    expect(await stateOf(stood)).toEqual(['proposed'])
    expect(await listProposed(runtime.db, ['parks'], ann, 10)).toEqual([])
    expect(await listProposed(runtime.db, ['parks'], 'staff:bob', 10)).toMatchObject([
      { replyId: first, writtenBy: ann }
    ])
    await expect(approveReply(runtime, first, as(ann))).rejects.toMatchObject({ code: 'REPLY_OWN' })
    await sendBackReply(runtime.db, {
      replyId: first,
      person: as('staff:bob'),
      words: 'Kinder, please'
    })
    await expect(approveReply(runtime, first, as('staff:bob'))).rejects.toMatchObject({
      code: 'REPLY_DECIDED'
    })
    const draft = await readDraft(runtime.db, { caseId: stood.caseId, author: ann, kind: 'reply' })
    expect(draft.fields['text']).toBe('It is nothing.')
    const second = await propose('Thank you for telling us.')
    await approveReply(runtime, second, as('staff:bob'))
    await dispatch(stood.contactId)
    expect(await stateOf(stood)).toEqual(['sent-back', 'sent'])
    expect(mails().some((one) => one.includes('It is nothing.'))).toBe(false)
  })
})

test('all of it is in the ledger, and a changed reply, note or duty shows', async () => {
  const { problems } = await verifyAudit(runtime.db)
  expect(problems.filter((one) => !one.startsWith('account '))).toEqual([])
  const changes = [
    sql`update answers set text = 'No.' where id = (select id from answers where case_id is not null
      limit 1)`,
    sql`update notes set author = 'staff:eve' where id = (select id from notes limit 1)`,
    sql`update duties set how = 'printed' where id = (select id from duties where how is not null
      limit 1)`,
    sql`delete from duties where id = (select id from duties limit 1)`
  ]
  for (const change of changes) {
    const found = await runtime.db
      .transaction()
      .execute(async (trx) => {
        await change.execute(trx)
        const { checkReplies } = await import('../../../core/audit/replies.ts')
        throw Object.assign(new Error('undo'), { problems: await checkReplies(trx, 10) })
      })
      .catch((error: { problems?: string[] }) => error.problems)
    expect(found).toHaveLength(1)
  }
})
