import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { closeReaders } from '../../../../core/documents/read.ts'
import { verifySeparator } from '../../../../core/documents/separators.ts'
import { MAX_SCANS } from '../../../../web/desk/mailroom/scan-limits.ts'
import { MOST_SHEETS } from '../../../../web/desk/mailroom/separators.ts'
import { stackPdf } from '../../../core/mailroom/stacks.ts'
import { addScans, finishTray, logTray, scansForm } from '../../../helpers/paper.ts'
import { openSite, type Page, type Site, type Visitor } from '../../../helpers/site.ts'
import { signIn, type SignedIn } from '../../../helpers/staff.ts'

let site: Site
let clerk: SignedIn
beforeAll(async () => {
  site = await openSite()
})
afterAll(async () => {
  await closeReaders()
  await site.close()
})
beforeEach(async () => {
  clerk = await signIn(site, 'mailroom')
})

const batchOf = (tray: string) => tray.split('/').at(-1)!

async function act(
  visitor: Visitor,
  path: string,
  fields: Record<string, string> = {}
): Promise<Page> {
  return visitor.post(path, {
    _csrf: (await visitor.get('/desk/counter')).input('_csrf'),
    ...fields
  })
}

async function codesOf(tray: string, count: number): Promise<string[]> {
  const { openMailroom } = await import('../../../../core/mailroom/open.ts')
  return openMailroom(site.runtime)
    .separators(batchOf(tray), 1, count)
    .map(({ code }) => code)
}

describe('the mailroom', () => {
  test.each([
    '/desk/mailroom',
    '/desk/mailroom/batches/x',
    '/desk/mailroom/batches/x/separators',
    '/desk/mailroom/batches/x/progress',
    '/desk/mailroom/batches/x/sheets/1/page',
    '/desk/transcribe'
  ])('is not for agents: %s', async (path) => {
    const agent = await signIn(site, 'agent', ['parks'])
    expect((await agent.get(path)).status).toBe(403)
    expect((await agent.get('/desk')).text).not.toContain('/desk/mailroom')
  })

  test('takes no scans from agents', async () => {
    const tray = await logTray(clerk)
    const agent = await signIn(site, 'agent', ['parks'])
    const token = (await agent.get('/desk')).input('_csrf')
    expect(
      (
        await agent.post(
          `${tray}/scans`,
          scansForm(token, [{ name: 'a.pdf', bytes: Buffer.from('x') }])
        )
      ).status
    ).toBe(403)
    expect((await clerk.get(tray)).text).not.toContain('a.pdf')
  })

  test.each([
    'trays',
    'batches/x/separators',
    'batches/x/late',
    'batches/x/finish',
    'batches/x/release',
    'batches/x/sheets',
    'batches/x/sides',
    'batches/x/letters/y',
    'batches/x/letters/y/enclosures',
    'batches/x/letters/y/enclosures/z/confirm'
  ])('refuses a post without its token: %s', async (path) => {
    expect((await clerk.post(`/desk/mailroom/${path}`, { reason: 'x' })).status).toBe(403)
  })

  test("keeps no scan of a form without its token, or with somebody else's", async () => {
    const tray = await logTray(clerk)
    const theirs = (await (await signIn(site, 'admin')).get('/desk')).input('_csrf')
    for (const token of ['', theirs])
      expect(
        (
          await clerk.post(
            `${tray}/scans`,
            scansForm(token, [{ name: 'forged.pdf', bytes: Buffer.from('x') }])
          )
        ).status
      ).toBe(403)
    expect((await clerk.get(tray)).text).not.toContain('forged.pdf')
  })

  test.each([
    'batches/none',
    'batches/none/separators',
    'batches/none/sheets/1/page',
    'batches/none/letters/x',
    "batches/'--",
    `batches/${'x'.repeat(41)}`
  ])('says of what is not there that it is not: %s', async (path) => {
    expect((await clerk.get(`/desk/mailroom/${path}`)).status).toBe(404)
  })
})

describe('a tray', () => {
  test('is stamped now, with what was counted and noted', async () => {
    const tray = await logTray(clerk, { expected: '4', note: 'morning <post>' })
    const page = await clerk.get(tray)
    for (const part of [
      'The tray is logged',
      '4 counted by hand',
      'morning &lt;post&gt;',
      'by Test mailroom',
      'Scans may come'
    ])
      expect(page.text).toContain(part)
    const { received_at: stamp, logged_at: logged } = await site.runtime.db
      .selectFrom('batches')
      .select(['received_at', 'logged_at'])
      .where('id', '=', batchOf(tray))
      .executeTakeFirstOrThrow()
    expect(stamp).toEqual(logged)
    expect((await clerk.get('/desk/mailroom')).text).toContain(batchOf(tray))
  })

  test("may be stamped earlier with a reason, in the town's own time", async () => {
    const earlier = new Date(Date.now() - 3 * 3_600_000)
    earlier.setSeconds(0, 0)
    const local = new Intl.DateTimeFormat('sv-SE', {
      timeZone: site.runtime.agency().departments.agency.timeZone,
      dateStyle: 'short',
      timeStyle: 'short'
    })
      .format(earlier)
      .replace(' ', 'T')
    const tray = await logTray(clerk, { receivedAt: local, reason: 'The stamp was broken' })
    const { received_at: stamp } = await site.runtime.db
      .selectFrom('batches')
      .select('received_at')
      .where('id', '=', batchOf(tray))
      .executeTakeFirstOrThrow()
    expect(stamp).toEqual(earlier)
  })

  test.each([
    ['expected', { expected: '0' }],
    ['expected', { expected: '100000' }],
    ['expected', { expected: 'four' }],
    ['receivedAt', { receivedAt: 'yesterday', reason: 'x' }],
    ['receivedAt', { receivedAt: '2199-01-01T09:00', reason: 'x' }],
    ['receivedAt', { receivedAt: '2001-01-01T09:00', reason: 'x' }],
    ['reason', { receivedAt: '2026-01-01T09:00' }]
  ])('is not logged while %s is wrong: %j; nothing typed is lost', async (name, fields) => {
    const page = await act(clerk, '/desk/mailroom/trays', { note: 'typed note', ...fields })
    expect(page.status).toBe(422)
    expect(page.text).toContain(`href="#field-${name}"`)
    expect(page.text).toContain('value="typed note"')
  })

  test('takes several scans at once, and the same ones again only once', async () => {
    const tray = await logTray(clerk)
    const files = [
      { name: 'a.pdf', bytes: Buffer.from('one') },
      { name: 'b.pdf', bytes: Buffer.from('two') }
    ]
    for (let time = 0; time < 2; time++)
      expect((await addScans(clerk, tray, files, 'fronts')).headers.get('location')).toBe(tray)
    const scans = await site.runtime.db
      .selectFrom('scans')
      .select(['name', 'side', 'added_by'])
      .where('batch_id', '=', batchOf(tray))
      .orderBy('seq')
      .execute()
    expect(scans).toEqual(
      files.map(({ name }) => ({ name, side: 'fronts', added_by: `staff:${clerk.staff.id}` }))
    )
  })

  test('takes as many scans at once as allowed; of one more it says that it was not kept', async () => {
    const tray = await logTray(clerk)
    const over = await addScans(
      clerk,
      tray,
      Array.from({ length: MAX_SCANS + 1 }, (_, index) => ({
        name: `${index}.txt`,
        bytes: Buffer.from(String(index))
      }))
    )
    expect([
      over.status,
      over.text.includes(`Only the first ${MAX_SCANS} files were kept`)
    ]).toEqual([422, true])
    expect(
      await site.runtime.db
        .selectFrom('scans')
        .select('id')
        .where('batch_id', '=', batchOf(tray))
        .execute()
    ).toHaveLength(MAX_SCANS)
  })

  test('without a file chosen, and with an empty one, says so', async () => {
    const tray = await logTray(clerk)
    const none = await addScans(clerk, tray, [{ name: '', bytes: Buffer.alloc(0) }])
    expect([none.status, none.text.includes('choose at least one')]).toEqual([422, true])
    const empty = await addScans(clerk, tray, [
      { name: 'empty.pdf', bytes: Buffer.alloc(0) },
      { name: 'good.pdf', bytes: Buffer.from('x') }
    ])
    expect(empty.status).toBe(422)
    for (const part of ['empty.pdf: ', 'good.pdf']) expect(empty.text).toContain(part)
  })
})

describe('separator sheets', () => {
  test('are as many as letters were counted, each with our own signed code', async () => {
    const tray = await logTray(clerk, { expected: '3' })
    const page = await clerk.get(`${tray}/separators`)
    expect(page.text.match(/<svg class="separator-code"/g)).toHaveLength(3)
    expect(page.text).not.toMatch(/ style=|<script>|<style/)
    const codes = await codesOf(tray, 3)
    expect(codes.map((code) => verifySeparator(code, site.runtime.secret('separator')))).toEqual(
      [1, 2, 3].map((letter) => ({ batch: batchOf(tray), letter }))
    )
  })

  test.each([
    ['from=2&count=2', [2, 3]],
    ['from=0&count=0', [1]],
    ['from=x&count=1', [1]],
    ['from=10000&count=9', [10_000]],
    ['from=99999999&count=1', [10_000]]
  ])('may be chosen: %s', async (query, letters) => {
    const page = await clerk.get(`${await logTray(clerk)}/separators?${query}`)
    expect(
      [...page.text.matchAll(/<h2 id="sheet-(\d+)"/g)].map(([, letter]) => Number(letter))
    ).toEqual(letters)
  })

  test('are made by a POST; looking at them leaves the tray as it was', async () => {
    const tray = await logTray(clerk)
    const printed = async () =>
      (
        await site.runtime.db
          .selectFrom('batches')
          .select('printed')
          .where('id', '=', batchOf(tray))
          .executeTakeFirstOrThrow()
      ).printed
    expect((await clerk.get(`${tray}/separators?from=1&count=4`)).text).toContain(
      'separator preview'
    )
    expect(await printed()).toBe(0)
    const answer = await act(clerk, `${tray}/separators`, { from: '1', count: '4' })
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `${tray}/separators?from=1&count=4`
    ])
    expect(await printed()).toBe(4)
    const page = (await clerk.get(answer.headers.get('location')!)).text
    expect([
      page.match(/<svg class="separator-code"/g)?.length,
      page.includes('separator preview')
    ]).toEqual([4, false])
  })

  test('are at most so many at once', async () => {
    const page = await clerk.get(`${await logTray(clerk)}/separators?count=${MOST_SHEETS + 1}`)
    expect(page.text.match(/<svg class="separator-code"/g)).toHaveLength(MOST_SHEETS)
  })
})

describe('a tray that was read', () => {
  let tray: string
  beforeAll(async () => {
    clerk = await signIn(site, 'mailroom')
    tray = await logTray(clerk, { expected: '3' })
    const [one, two] = await codesOf(tray, 2)
    await addScans(clerk, tray, [
      {
        name: 'stack.pdf',
        bytes: await stackPdf([
          { code: one! },
          { words: 'the lamp is dark' },
          'blank',
          { code: two! },
          { words: 'my bin was\nnot emptied' },
          { words: 'second page' }
        ])
      }
    ])
    await finishTray(clerk, tray, site.runtime)
  })

  const letterLinks = async () =>
    [...(await clerk.get(tray)).text.matchAll(/href="([^"]+\/letters\/[^"]+)"/g)].map(
      ([, href]) => href!
    )

  test('waits for a person when the count differs, shows its account and every sheet', async () => {
    const page = await clerk.get(tray)
    for (const part of [
      'Needs a person',
      '6 pages in = 3 in letters + 2 separators + 1 blank + 0 withheld',
      'Balances',
      '2 found, 3 counted',
      'Letter 1, 1 sheet',
      'Letter 2, 2 sheets',
      'begins after its separator'
    ]) {
      expect(page.text).toContain(part)
    }
    expect(page.text.match(/name="position"/g)).toHaveLength(6)
    expect(await (await clerk.get(`${tray}/progress`)).text).toContain('"working":false')
  })

  test("shows its sheets as pictures that are nobody else's and run nothing", async () => {
    for (const size of ['thumbnail', 'page']) {
      const picture = await clerk.get(`${tray}/sheets/2/${size}`)
      expect(picture.status).toBe(200)
      expect(picture.headers.get('content-type')).toMatch(/^image\/(jpeg|png)$/)
      expect(picture.headers.get('cache-control')).toMatch(/^private, max-age=\d+$/)
      expect(picture.headers.get('x-content-type-options')).toBe('nosniff')
      expect(picture.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    }
    for (const wrong of ['0', '7', '-1', 'x', '9999999'])
      expect((await clerk.get(`${tray}/sheets/${wrong}/page`)).status).toBe(404)
  })

  test('changes a sheet and leads back to it; every change can be taken back', async () => {
    const change = (position: number, wish: string, reason = 'Seen on the sheet') =>
      act(clerk, `${tray}/sheets`, { position: String(position), do: wish, reason })
    expect((await change(6, 'begin')).headers.get('location')).toBe(`${tray}?at=6`)
    expect((await clerk.get(`${tray}?at=6`)).text).toMatch(/value="6" required checked autofocus/)
    expect(await letterLinks()).toHaveLength(3)
    await change(6, 'join')
    expect(await letterLinks()).toHaveLength(2)
    await change(3, 'page')
    expect((await clerk.get(tray)).text).toContain('4 in letters')
    await change(3, 'blank')
    await change(2, 'rotate')
    expect((await clerk.get(tray)).text).toContain('/sheets/2/thumbnail?turned=90')
    for (let times = 0; times < 3; times++) await change(2, 'rotate')
    expect((await clerk.get(tray)).text).toContain('/sheets/2/thumbnail?turned=0')
  })

  test('says what cannot be done, and changes nothing', async () => {
    for (const [position, wish, reason, said] of [
      ['5', 'begin', '', 'A reason is required'],
      ['2', 'join', 'x', 'could not be understood'],
      ['2', 'burn', 'x', 'could not be understood']
    ]) {
      await act(clerk, `${tray}/sheets`, { position: position!, do: wish!, reason: reason! })
      expect((await clerk.get(tray)).text).toContain(said)
    }
    expect(
      (await act(clerk, `${tray}/sheets`, { position: '99', do: 'blank', reason: 'x' })).status
    ).toBe(404)
    expect(await letterLinks()).toHaveLength(2)
  })

  test('opens a sheet as its letter, and one between letters alone', async () => {
    const [, second] = await letterLinks()
    expect(
      (await act(clerk, `${tray}/sheets`, { position: '6', do: 'open' })).headers.get('location')
    ).toBe(second)
    expect(
      (await act(clerk, `${tray}/sheets`, { position: '1', do: 'open' })).headers.get('location')
    ).toBe(`${tray}/sheets/1/page?turned=0`)
  })

  test('has letters with their text and what the envelope says, where the paper lies offered on from letter to letter', async () => {
    const [first, second] = await letterLinks()
    expect((await clerk.get(second!)).text).toMatch(/emptied/)
    const details = {
      senderName: 'Ana <Ruiz>',
      senderAddress: '5 Main St',
      senderEmail: 'ana@mail.example',
      senderPhone: '217 555 0171',
      postmark: '2026-11-20',
      legalReceipt: '',
      envelopeAt: '2',
      trackingNumber: '7019 1',
      location: 'Shelf B, box 3',
      disposition: 'forward'
    }
    expect((await act(clerk, first!, { ...details, do: 'next' })).headers.get('location')).toBe(
      second
    )
    const shown = await clerk.get(first!)
    for (const part of [
      'value="Ana &lt;Ruiz&gt;"',
      'value="ana@mail.example"',
      'value="217 555 0171"',
      'value="2026-11-20"',
      'Page 1, the envelope',
      'value="7019 1"',
      '<option value="forward" selected>'
    ])
      expect(shown.text).toContain(part)
    const next = await clerk.get(second!)
    for (const part of ['value="Shelf B, box 3"', '<option value="forward" selected>'])
      expect(next.text).toContain(part)
    expect(next.text).not.toContain('Ruiz')
    expect((await act(clerk, second!, { do: 'next' })).headers.get('location')).toBe(tray)
  })

  test('a date that is none is said, with everything typed kept', async () => {
    const [first] = await letterLinks()
    const page = await act(clerk, first!, {
      postmark: '2026-02-30',
      senderName: 'Typed Name',
      location: 'Typed shelf'
    })
    expect(page.status).toBe(422)
    for (const part of ['href="#field-postmark"', 'value="Typed Name"', 'value="Typed shelf"'])
      expect(page.text).toContain(part)
  })

  test('an enclosure is logged by one and confirmed by another', async () => {
    const [first] = await letterLinks()
    await act(clerk, `${first}/enclosures`, { what: 'check no. 1042' })
    const mine = (await clerk.get(first!)).text
    expect(mine).toContain('Waits for a second person')
    expect(mine).not.toContain('I have seen it too')
    const colleague = await signIn(site, 'mailroom')
    const confirm = /action="([^"]+\/confirm)"/.exec((await colleague.get(first!)).text)![1]!
    await act(clerk, confirm)
    expect((await clerk.get(first!)).text).toContain('Waits for a second person')
    await act(colleague, confirm)
    expect((await clerk.get(first!)).text).toContain('Confirmed by Test mailroom')
    await act(clerk, `${first}/enclosures`, { what: '' })
    expect((await clerk.get(first!)).text).toContain('notice bad')
    expect((await act(clerk, `${first}/enclosures/none/confirm`)).status).toBe(404)
  })

  test('is released only with a reason for the difference, and its letters have receipts then', async () => {
    await act(clerk, `${tray}/release`)
    expect((await clerk.get(tray)).text).toContain('needs a reason')
    await act(clerk, `${tray}/release`, { reason: 'One envelope was empty' })
    const page = await clerk.get(tray)
    expect(page.text).toContain('go on to their lines')
    expect(page.text).not.toContain(`${tray}/release`)
    const receipts = await site.runtime.db
      .selectFrom('contacts')
      .select('receipt')
      .where('batch_id', '=', batchOf(tray))
      .execute()
    expect(receipts).toHaveLength(2)
    for (const { receipt } of receipts) expect(page.text).toContain(receipt)
    const [first] = await letterLinks()
    for (const part of ['Nobody on record is taken to be the sender', 'This is from …'])
      expect((await clerk.get(first!)).text).toContain(part)
    const late = await addScans(clerk, tray, [{ name: 'late.pdf', bytes: Buffer.from('x') }])
    expect([late.status, late.text.includes('late.pdf: The batch has been released')]).toEqual([
      422,
      true
    ])
  })
})
