import { describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { verifyAudit } from '../../../../core/audit/verify.ts'
import { EvenhandError } from '../../../../platform/errors.ts'
import { listQuarantine, quarantine } from '../../../../core/contacts/quarantine.ts'
import { pageQuarantine } from '../../../../core/contacts/quarantine-list.ts'
import { viewStatus } from '../../../../core/contacts/resident-status.ts'
import { bringIn, settlerOf } from '../../../helpers/contacts.ts'
import { openSite } from '../../../helpers/site.ts'
import { groupOn, junk, receiptsOn, unsigned, useQuarantine } from './support.ts'

const { hold, opened, post, stateOf, view } = useQuarantine()

describe('a hundred and one contacts of junk', () => {
  test('are one among the honest ones, whose order by arrival stays', async () => {
    const [early] = await hold(['My heating has failed and I have a baby'])
    const [first] = await hold(junk(101))
    const [late] = await hold(['The bridge is closed'], 'fax')
    const page = await view()
    expect(receiptsOn(page)).toEqual([early!.receipt, first!.receipt, late!.receipt])
    expect(page.text).toContain('103 waiting, in 3 groups')
    expect(page.text).toContain('<strong>101 that begin with the same words</strong>')
  })

  test('are put aside by one act with a reason, and nothing of them is gone', async () => {
    const held = await hold([...junk(101), 'The bridge is closed'])
    const page = await view()
    await post('discard', { shown: page.input('shown'), reason: 'Advertising' })
    expect(receiptsOn(await view())).toEqual([held.at(-1)!.receipt])
    expect(
      (await listQuarantine(opened.site.runtime.db)).contacts.map(({ receipt }) => receipt)
    ).toEqual([held.at(-1)!.receipt])
    const {
      rows: [kept]
    } = await sql<{ rows: number; events: number }>`
      select (select count(*)::int from contacts
        where id = any(${held.map(({ contactId }) => contactId)}::uuid[])) as rows,
        (select count(*)::int from events where kind = 'contact.discarded'
          and data ->> 'reason' = 'Advertising') as events`.execute(opened.site.runtime.db)
    expect(kept).toEqual({ rows: 102, events: 101 })
  })

  test('of which more come meanwhile: those are not put aside unseen', async () => {
    await hold(junk(3))
    const page = await view()
    const [later] = await hold(['Win 99 dollars now'])
    await post('discard', { shown: page.input('shown'), reason: 'Advertising' })
    expect(receiptsOn(await view())).toEqual([later!.receipt])
  })

  test('can be seen one by one, page by page, and the last of them opened', async () => {
    const held = await hold(junk(60))
    const group = groupOn(await view())
    const pages = await Promise.all([1, 2, 3].map((page) => view(`?group=${group}&page=${page}`)))
    expect(pages.flatMap(receiptsOn)).toEqual(held.map(({ receipt }) => receipt))
    expect(
      (await opened.clerk.get(`/desk/quarantine/${held.at(-1)!.contactId}/original`)).text
    ).toBe('Win 59 dollars now')
  })

  test('are released by one act, each to its own place', async () => {
    const held = await hold(junk(3))
    const page = await view()
    await post('release', { shown: page.input('shown'), reason: 'They are genuine' })
    for (const { contactId } of held)
      expect(await stateOf(contactId)).toEqual({ state: 'read', discarded_at: null })
  })
})

/** Mails that no machine reads, as the reading stage sets them aside. */
async function holdUnread(
  count: number,
  from: (n: number) => string,
  why: (n: number) => string,
  code: 'READ_LIMIT' | 'TEXT_UNSURE' = 'READ_LIMIT'
) {
  const held = []
  for (let n = 0; n < count; n++) {
    const accepted = await opened.site.runtime.acceptor.accept({
      channel: 'email',
      source: 'smtp',
      bytes: Buffer.from(randomUUID()),
      mediaType: 'message/rfc822',
      recipients: [],
      evidence: { mailFrom: from(n), remoteAddress: '192.0.2.7' }
    })
    await quarantine(
      opened.site.runtime.db,
      accepted.contactId,
      'read',
      new EvenhandError(code, why(n))
    )
    held.push(accepted)
  }
  return held
}
const nested = (n: number) => `HTML nested deeper than ${300 + n}`

describe('a hundred and thirty mails that no machine reads', () => {
  test('leave the honest ones on the first page', async () => {
    const junkMails = await holdUnread(130, (n) => `bot${n}@junk.example`, nested)
    const others = await hold(
      Array.from({ length: 20 }, (_, n) => `Matter ${'x'.repeat(n + 1)} of mine`)
    )
    const [honest] = await holdUnread(
      1,
      () => 'ana@mail.example',
      () => 'the mail is encrypted',
      'TEXT_UNSURE'
    )
    const page = await view()
    expect(receiptsOn(page)).toEqual(
      [junkMails[0]!, ...others, honest!].map(({ receipt }) => receipt)
    )
    expect(page.text).toContain('151 waiting, in 22 groups')
    expect(page.text).toContain(
      '<strong>130 from one domain</strong>: the oldest is this one, the newest came'
    )
    expect(page.text).toContain('No machine read what they say')
    expect(receiptsOn(await view(`?group=${groupOn(page)}&page=6`))).toEqual(
      junkMails.slice(125).map(({ receipt }) => receipt)
    )
  })

  test('of one provider that anybody has an address at are apart by their addresses', async () => {
    for (const provider of ['gmail.com', 'Outlook.com', 'proton.me'])
      await holdUnread(2, (n) => `resident${n}@${provider}`, nested)
    await holdUnread(2, () => 'ana@gmail.com', nested)
    const page = await view()
    expect(page.text).toContain('<strong>2 from one address</strong>')
    expect(page.text).toContain('<strong>6 of one day, each from another sender</strong>')
    expect(page.text).not.toContain('from one domain')
    expect(page.text).not.toContain('alike')
  })

  test('are apart from those of another domain, for another reason, or brought by somebody else', async () => {
    const [one] = await holdUnread(2, (n) => `${n}@JUNK.example`, nested)
    const [another] = await holdUnread(1, () => 'ana@mail.example', nested)
    const [reason] = await holdUnread(
      1,
      () => 'ana@junk.example',
      () => 'more than 5000 HTML tags'
    )
    const [nobody] = await holdUnread(2, () => '', nested)
    expect(receiptsOn(await view())).toEqual(
      [one, another, reason, nobody].map((held) => held!.receipt)
    )
  })

  test('of which an earlier one is set aside meanwhile: nobody saw it, so it is not acted on', async () => {
    const [slow] = await hold(['Win 1 dollars now'])
    await sql`update contacts set state = 'accepted' where id = ${slow!.contactId}::uuid`.execute(
      opened.site.runtime.db
    )
    await hold(junk(3))
    const page = await view()
    await sql`update contacts set state = 'quarantined'
        where id = ${slow!.contactId}::uuid`.execute(opened.site.runtime.db)
    await post('discard', { shown: page.input('shown'), reason: 'Advertising' })
    expect(receiptsOn(await view())).toEqual([slow!.receipt])
  })

  test('are put aside at most 500 at a time, and those are the first', async () => {
    const held = await holdUnread(502, () => 'bot@junk.example', nested)
    const page = await view()
    expect(page.text).toContain('Put all 500 aside')
    await post('discard', { shown: page.input('shown'), reason: 'Advertising' })
    expect(receiptsOn(await view(`?group=${groupOn(page)}`))).toEqual(
      held.slice(500).map(({ receipt }) => receipt)
    )
  })
})

test('papers of nobody known that a machine could not read stay alone', async () => {
  for (let n = 0; n < 2; n++) {
    const { contactId } = await opened.site.runtime.acceptor.accept({
      channel: 'postal',
      source: 'file',
      bytes: Buffer.from(randomUUID()),
      mediaType: 'application/pdf',
      recipients: [],
      evidence: {}
    })
    await quarantine(
      opened.site.runtime.db,
      contactId,
      'documents',
      new EvenhandError('TEXT_UNSURE')
    )
  }
  expect(receiptsOn(await view())).toHaveLength(2)
})

test('reasons to filter by are said as the cards say them', async () => {
  await hold(['The lamp is out'])
  await holdUnread(1, () => 'ana@mail.example', nested)
  const page = await view()
  expect(page.text).toContain(
    '<option value="READ_LIMIT">The content has more parts or more data than is read by machine</option>'
  )
  expect(page.text).toContain(
    '<option value="HELD_BY_CHANNEL">The channel could not vouch for this contact (signature, form check)</option>'
  )
  expect(page.text).not.toMatch(/<option[^>]*>[A-Z_]+<\/option>/)
})

describe('many different ones', () => {
  test('come in pages of 25, earliest first', async () => {
    const held = await hold(
      Array.from({ length: 30 }, (_, n) => `Matter ${'x'.repeat(n + 1)} of mine`)
    )
    expect([...receiptsOn(await view()), ...receiptsOn(await view('?page=2'))].length).toBe(30)
    expect(receiptsOn(await view('?page=2'))).toEqual(held.slice(25).map(({ receipt }) => receipt))
    expect((await view('?page=999999')).headers.get('location')).toBe('/desk/quarantine?page=2')
  })

  test('are told apart by channel and reason', async () => {
    const [text] = await hold(['The lamp is out'])
    const [fax] = await hold(['The bridge is closed'], 'fax')
    expect(receiptsOn(await view('?channel=fax'))).toEqual([fax!.receipt])
    expect(receiptsOn(await view('?code=HELD_BY_CHANNEL&channel=sms'))).toEqual([text!.receipt])
    expect(receiptsOn(await view('?code=READ_LIMIT'))).toEqual([])
  })
})

describe('a contact put aside', () => {
  test('needs a reason, is shown apart, is said so to its sender, and comes back to its place', async () => {
    const [held] = await hold(['The lamp is out'])
    const { contactId, receipt } = held!
    for (const reason of ['', '\u200B\u2060 \u00AD', '\u3164']) {
      await post(`${contactId}/discard`, { reason })
      expect((await view()).text).toContain('A reason is required')
    }
    await post(`${contactId}/discard`, { reason: 'Advertising' })
    expect(receiptsOn(await view())).toEqual([])
    expect(receiptsOn(await view('?show=discarded&channel=sms&page=1')).length).toBeGreaterThan(0)
    expect(
      await viewStatus(opened.site.runtime.db, opened.site.runtime.agency(), receipt)
    ).toMatchObject({
      state: 'set-aside'
    })
    expect((await opened.clerk.get(`/r/${receipt}`)).text).toContain('write to us again')
    await post(`${contactId}/restore`, { reason: 'It was no advertising' })
    expect(receiptsOn(await view())).toEqual([receipt])
    await post(`${contactId}/release`, { reason: 'Genuine' })
    expect(await stateOf(contactId)).toEqual({ state: 'read', discarded_at: null })
  })

  test('is counted by the audit, which sees one that no event tells of', async () => {
    const fresh = await openSite()
    try {
      const held = await bringIn(fresh.runtime, {
        channel: 'sms',
        text: 'x',
        raw: { quarantine: unsigned }
      })
      await settlerOf(fresh.runtime).settle([held.contactId])
      const { discard, restore } = await import('../../../../core/contacts/quarantine-list.ts')
      await discard(fresh.runtime.db, [held.contactId], 'staff:x', 'Junk')
      expect(await verifyAudit(fresh.runtime.db)).toMatchObject({ ok: true, discarded: 1 })
      await restore(fresh.runtime.db, held.contactId, 'staff:x', 'Not junk')
      expect(await verifyAudit(fresh.runtime.db)).toMatchObject({ ok: true, discarded: 0 })
      await sql`update contacts set discarded_at = now()`.execute(fresh.runtime.db)
      expect(await verifyAudit(fresh.runtime.db)).toMatchObject({
        ok: false,
        problems: [expect.stringContaining(held.contactId)]
      })
    } finally {
      await fresh.close()
    }
  })

  test('cannot be put aside twice, nor one that does not wait', async () => {
    const [held] = await hold(['The lamp is out'])
    await post(`${held!.contactId}/discard`, { reason: 'Junk' })
    await post(`${held!.contactId}/discard`, { reason: 'Junk' })
    expect((await view()).text).toContain('not in quarantine')
    await post('discard', { shown: "x'; drop table contacts", reason: 'Junk' })
    expect((await view()).text).toContain('not in quarantine')
  })
})

test('a page of ten thousand is one statement', async () => {
  await sql`
    insert into contacts (id, channel, source, external_id, receipt, raw_sha256, raw_bytes,
      media_type, recipients, evidence, envelope, state, quarantine_code)
    select gen_random_uuid(), 'sms', 'flood', 'flood-' || n, 'FLOOD-' || n,
      md5(n::text) || md5(n::text), 1, 'text/plain', '{}', '{}', jsonb_build_object('text',
      translate(n::text, '0123456789', 'abcdefghij')), 'quarantined', 'HELD_BY_CHANNEL'
      from generate_series(1, 10000) as n`.execute(opened.site.runtime.db)
  const found = await pageQuarantine(opened.site.runtime.db, {}, 400, 25)
  expect([found.groups.length, found.groupCount]).toEqual([25, 10_000])
})
