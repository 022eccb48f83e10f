import { describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { EvenhandError } from '../../../../platform/errors.ts'
import { quarantine } from '../../../../core/contacts/quarantine.ts'
import type { Page } from '../../../helpers/site.ts'
import { signIn } from '../../../helpers/staff.ts'
import { groupOn, junk, receiptsOn, useQuarantine } from './support.ts'

const { hold, opened, post, stateOf, stepsOf, view } = useQuarantine()

describe('a page that was overtaken by a colleague', () => {
  const inForm = (page: Page, verb: string) => ({
    seen: page.input('seen'),
    shown: page.input('shown'),
    reason: 'Genuine, I rang',
    verb
  })
  const send = async (path: string, { verb, ...fields }: Record<string, string>) =>
    opened.clerk.post(`/desk/quarantine/${path}${verb}`, {
      _csrf: (await opened.clerk.get('/desk/counter')).input('_csrf'),
      ...fields
    })

  test.each(['release', 'discard', 'restore'])(
    'does not %s what somebody put aside or took up meanwhile, and says who did what',
    async (verb) => {
      const [held] = await hold(['The lamp is out'])
      const other = await signIn(opened.site, 'supervisor')
      if (verb === 'restore') await post(`${held!.contactId}/discard`, { reason: 'first' })
      const seen = await stepsOf(held!.contactId)
      const theirs = verb === 'restore' ? 'restore' : 'discard'
      await other.post(`/desk/quarantine/${held!.contactId}/${theirs}`, {
        _csrf: (await other.get('/desk/counter')).input('_csrf'),
        seen,
        reason: 'Advertising <b>'
      })
      const before = await stateOf(held!.contactId)
      const answer = await send(`${held!.contactId}/`, { verb, seen, reason: 'Genuine' })
      expect(answer.status).toBe(409)
      expect(answer.text).toMatch(
        new RegExp(
          `Nothing was done. Since your page was made, this contact was ${theirs === 'discard' ? 'put aside' : 'taken up again'} by Test supervisor at [^<]* \\(“Advertising &lt;b&gt;”\\)`
        )
      )
      expect(await stateOf(held!.contactId)).toEqual(before)
    }
  )

  test('takes up one of several alike that were put aside', async () => {
    const held = await hold(junk(3))
    const page = await view()
    await post('discard', { shown: page.input('shown'), reason: 'Junk' })
    const aside = await view('?show=discarded')
    const form = aside.text.split('<form').find((one) => one.includes('/restore?show=discarded'))!
    const [path, seen] = [
      /formaction="\/desk\/quarantine\/([^"]+)"/.exec(form)![1]!,
      /name="seen" value="(\d+)"/.exec(form)![1]!
    ]
    expect(
      (
        await opened.clerk.post(`/desk/quarantine/${path}`, {
          _csrf: aside.input('_csrf'),
          seen,
          reason: 'Not junk'
        })
      ).headers.get('location')
    ).toBe('/desk/quarantine?show=discarded')
    expect(held).toHaveLength(3)
    expect((await view()).text).toContain(path.slice(0, 36))
  })

  test('does not act on a group of which somebody decided one, and keeps the reason that was typed', async () => {
    const held = await hold(junk(4))
    const page = await view()
    await post(`${held[1]!.contactId}/release`, { reason: 'Genuine' })
    const answer = await send('', inForm(page, 'discard'))
    expect(answer.status).toBe(409)
    expect(answer.text).toContain(
      'Since your page was made, 1 was released to its line by Test mailroom at'
    )
    expect(answer.text).toContain('value="Genuine, I rang"')
    expect(receiptsOn(await view())).toEqual([held[0]!.receipt])
    expect((await view()).text).toContain('<strong>3 that begin with the same words</strong>')
    await send('', inForm(answer, 'discard'))
    expect(receiptsOn(await view())).toEqual([])
  })
})

describe('acting leads back to where one was', () => {
  test('with channel, reason and page; to the last page where that one is empty', async () => {
    const held = await hold(
      Array.from({ length: 26 }, (_, n) => `Matter ${'x'.repeat(n + 1)} of mine`)
    )
    const query = '?channel=sms&code=HELD_BY_CHANNEL&page=2'
    const page = await view(query)
    expect(page.text).toContain(
      `formaction="/desk/quarantine/${held[25]!.contactId}/discard?channel=sms&amp;code=HELD_BY_CHANNEL&amp;page=2"`
    )
    const answer = await post(`${held[25]!.contactId}/discard${query}`, { reason: 'Junk' })
    expect(answer.headers.get('location')).toBe(`/desk/quarantine${query}`)
    expect((await view(query)).headers.get('location')).toBe(
      '/desk/quarantine?channel=sms&code=HELD_BY_CHANNEL'
    )
  })

  test('from the last of a group to all groups', async () => {
    const held = await hold(junk(2))
    const group = groupOn(await view())
    for (const { contactId } of held)
      expect(
        (await post(`${contactId}/discard?group=${group}`, { reason: 'Junk' })).headers.get(
          'location'
        )
      ).toBe(`/desk/quarantine?group=${group}`)
    expect((await view(`?group=${group}`)).headers.get('location')).toBe('/desk/quarantine')
  })
})

describe('mails without words', () => {
  const mail = async (from: string, subject: string, more = '') => {
    const accepted = await opened.site.runtime.acceptor.accept({
      channel: 'email',
      source: 'smtp',
      bytes: Buffer.from(
        `${more}From: ${from}\r\nSubject: ${subject}\r\nMessage-ID: <${randomUUID()}@x>\r\n\r\nsecret`
      ),
      mediaType: 'message/rfc822',
      recipients: [],
      evidence: { mailFrom: /[\w.]+@[\w.]+/.exec(from)?.[0] ?? '' }
    })
    await quarantine(
      opened.site.runtime.db,
      accepted.contactId,
      'read',
      new EvenhandError('READ_LIMIT', 'the mail is encrypted')
    )
    return accepted
  }

  test('of 51 senders are told by sender and subject, and come together', async () => {
    for (let n = 0; n < 50; n++) await mail(`Bot ${n} <bot${n}@d${n}.example>`, 'Hello')
    const honest = await mail('=?utf-8?q?Ana_D=C3=ADaz?= <ana@mail.example>', 'My <water> bill')
    const page = await view()
    expect(page.text).toContain('<strong>51 of one day, each from another sender</strong>')
    expect(page.text).toContain('<bdi>Bot 0, bot0@d0.example</bdi>: <bdi>Hello</bdi>')
    expect(page.text).toContain('and 41 more')
    const last = await view(`?group=${groupOn(page)}&page=3`)
    expect(receiptsOn(last)).toEqual([honest.receipt])
    expect(last.text).toContain('<bdi>Ana Díaz, ana@mail.example</bdi>')
    expect(last.text).toContain('<bdi>My &lt;water&gt; bill</bdi>')
  })

  test('whose header is endless, broken or larger than what is looked at are told by what the transport knows', async () => {
    await mail(`x@far.example>`, 'never seen', `X-Long: ${'x'.repeat(200_000)}\r\n`)
    const page = await view()
    expect(page.text).toContain('<bdi>x@far.example</bdi>')
    expect(page.text).not.toContain('never seen')
    await mail(`${'n'.repeat(5_000)} <long@name.example>`, 's'.repeat(5_000))
    expect((await view()).text).not.toMatch(/[ns]{241}/)
  })
})
