import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { PDFParse } from 'pdf-parse'
import { channels } from '../../../../channels/index.ts'
import { openDispatcher } from '../../../helpers/dispatcher.ts'
import {
  emptyLine,
  stand,
  take,
  tokenFor,
  town,
  type Mail,
  type Stood
} from '../../../helpers/contacts.ts'
import { openSite, type Page, type Site } from '../../../helpers/site.ts'
import { password, signIn, type SignedIn } from '../../../helpers/staff.ts'
import { formOf } from './support.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

let agent: SignedIn
let stood: Stood
let path: string
beforeEach(async () => {
  agent = await signIn(site, 'agent', ['streets'])
  ;({ stood, path } = await inHand())
})

const rosa = { name: 'Rosa Delgado', emails: ['rosa@people.example'] }

async function takeNext(): Promise<string> {
  const token = (await agent.get('/desk')).input('_csrf')
  const answer = await agent.post('/desk/departments/streets/take', { _csrf: token })
  return answer.headers.get('location')!
}

async function inHand(mail: Mail = {}): Promise<{ stood: Stood; path: string }> {
  await emptyLine(site.runtime, 'streets')
  const one = await stand(site.runtime, {
    to: town('streets'),
    subject: 'A hole in Elm Street',
    text: `It is deep. ${crypto.randomUUID()}`,
    sender: rosa,
    ...mail
  })
  return { stood: one, path: await takeNext() }
}

async function compose(fields: Record<string, string>, files: File[] = [], page?: Page) {
  return agent.post(
    `${path}/compose`,
    formOf(page ?? (await agent.get(path)), `${path}/compose`, fields, files)
  )
}

const words = (page: Page) => /<textarea id="answer"[^>]*>\n([^<]*)</.exec(page.text)?.[1]
const caseRow = () =>
  site.runtime.db
    .selectFrom('cases')
    .select(['state', 'outcome_id'])
    .where('id', '=', stood.caseId)
    .executeTakeFirstOrThrow()
const dispatch = () => openDispatcher(site.runtime, channels).acknowledge([stood.contactId])

describe('the case page', () => {
  test('is headed by what it is about, and shows the ways the resident gave', async () => {
    const page = await agent.get(path)
    expect(page.text).toContain('<h1>A hole in Elm Street</h1>')
    expect(page.text).toMatch(/value="mail rosa@people\.example" selected/)
    expect(page.text).toContain('our crew repairs it on')
    expect(page.text).toContain('Repair with a date')
  })

  test('offers no reply to who does not hold the case, and is no page at all for other departments', async () => {
    const colleague = await signIn(site, 'agent', ['streets'])
    expect((await colleague.get(path)).text).not.toContain('Your reply')
    const stranger = await signIn(site, 'agent', ['parks'])
    expect((await stranger.get(path)).status).toBe(404)
    const body = formOf(await agent.get(path), `${path}/compose`, { text: 'x', do: 'send' })
    body.set('_csrf', (await stranger.get('/desk')).input('_csrf'))
    expect((await stranger.post(`${path}/compose`, body)).status).toBe(404)
  })
})

describe('a report of a mail system', () => {
  test('is a delivery notice: no person wrote it, and it is no message to split', async () => {
    const tokens = [tokenFor(site.runtime, stood.receipt)]
    await stand(site.runtime, {
      kind: 'bounce',
      tokens,
      subject: 'Undelivered Mail',
      text: 'The address was not found.',
      sender: { name: 'Mail Delivery System', emails: ['mailer-daemon@mx.people.example'] },
      to: town('streets')
    })
    await stand(site.runtime, { tokens, text: 'Is it filled?', sender: rosa, to: town('streets') })
    const page = (await agent.get(path)).text
    const [, notice] = page.split('<strong>Delivery notice</strong>')
    const [own, rest] = notice!.split('</li>\n<li class="message"')
    expect(own).toContain('The address was not found.')
    expect(own).not.toContain('Who:')
    expect(rest).toContain('Who:')
    const options = /<select id="split-contact"[^]*?<\/select>/.exec(page)![0]
    expect(options.match(/<option/g)).toHaveLength(2)
    expect(options).toContain('Is it filled?')
  })
})

describe('the message list of the split form', () => {
  test('names a message by its new words, without what it quotes', async () => {
    await stand(site.runtime, {
      tokens: [tokenFor(site.runtime, stood.receipt)],
      subject: 'Re: A hole in Elm Street',
      text: 'It is deeper now.\n\nOn Monday, the town wrote:\n> We look at it.',
      sender: rosa,
      to: town('streets')
    })
    const page = (await agent.get(path)).text
    const options = /<select id="split-contact"[^]*?<\/select>/.exec(page)![0]
    expect(options).toContain(': It is deeper now.</option>')
    expect(options).not.toContain('We look at it')
  })
})

describe('the reply box', () => {
  test('sends and closes in one press, and the resident is answered', async () => {
    const answer = await compose({ text: 'We fill it on Monday.', do: 'send-close' })
    expect(answer.headers.get('location')).toBe('/desk')
    expect(await caseRow()).toEqual({ state: 'closed', outcome_id: 'reply-sent' })
    await dispatch()
    const page = await agent.get(path)
    expect(page.text).toContain('We fill it on Monday.')
    expect(page.text).toMatch(/<span class="state small">written to a file, not sent: nothing is/)
    expect(page.text).toMatch(/Receipt [\w-]+, written to a file, not sent|about to be sent/)
    expect(page.text).toContain('You</strong>')
  })

  test('sends, closes and takes the next', async () => {
    const next = await stand(site.runtime, { to: town('streets'), text: 'Another' })
    const answer = await compose({ text: 'Done.', do: 'send-close-next' })
    expect(answer.headers.get('location')).toBe(`/desk/cases/${next.caseId}`)
    expect((await agent.get(answer.headers.get('location')!)).text).toContain(
      'This is the next case; it is yours.'
    )
  })

  test('from a page older than what a colleague did sends nothing, and keeps the words', async () => {
    const before = await agent.get(path)
    const colleague = 'staff:ben'
    await site.runtime.line.free(stood.caseId, { actor: 'staff:sue', reason: 'He is ill' })
    await take(site.runtime, colleague, 'streets')
    await site.runtime.line.close(stood.caseId, colleague, 'Mended')
    const answer = await compose({ text: 'No, we will not.', do: 'send-close' }, [], before)
    const page = await agent.get(answer.headers.get('location')!)
    expect(page.text).toContain('You do not hold this case')
    expect(words(page)).toBe('No, we will not.')
    const sent = await site.runtime.db
      .selectFrom('outbound')
      .select('kind')
      .where('contact_id', '=', stood.contactId)
      .execute()
    expect(sent.filter(({ kind }) => kind.startsWith('answer:'))).toEqual([])
  })

  test.each(['send', 'send-close'])(
    'of a case that was given back says so first, whatever else is wrong: %s',
    async (pressed) => {
      const before = await agent.get(path)
      await site.runtime.line.free(stood.caseId, { actor: 'staff:sue', reason: 'She is ill' })
      const typed = { text: 'Yes, on Monday.', to: 'other', otherWay: 'mail', otherAddress: '' }
      const answer = await compose({ ...typed, do: pressed }, [], before)
      const page = await agent.get(answer.headers.get('location')!)
      expect(page.text).toContain('You do not hold this case')
      expect(page.text).toContain('>Yes, on Monday.<')
    }
  )

  test('a call is closed with the case, and still to be made', async () => {
    const call = { to: 'other', otherWay: 'call', otherAddress: '217-555-0142' }
    const fields = { ...call, text: 'It is mended.', do: 'send-close' }
    const page = await agent.get((await compose(fields)).headers.get('location')!)
    expect(page.text).toContain('The case is closed. The call is on the list of what to do.')
    expect(await caseRow()).toEqual({ state: 'closed', outcome_id: 'reply-sent' })
    const closed = (await agent.get(path)).text
    expect(closed).toContain('Closed with a call to make.')
    expect(closed).not.toContain('We answered you.')
  })

  test('closes by letter, too, with the outcome that the page had chosen', async () => {
    const letter = { to: 'other', otherWay: 'letter', otherAddress: '12 Alder Lane\nWillow Creek' }
    await compose({ ...letter, text: 'It is mended.', do: 'send-close' })
    expect(await caseRow()).toEqual({ state: 'closed', outcome_id: 'reply-sent' })
  })

  test('says who reads its words: those of a call are for whoever calls', async () => {
    const box = (await agent.get(path)).text
    expect(box).toContain('The resident reads these words.')
    expect(box).toContain('For whoever calls; not shown to the resident.')
    const call = { to: 'other', otherWay: 'call', otherAddress: '217-555-0142', text: 'Be kind.' }
    const shown = await compose({ ...call, do: 'preview' })
    const preview = (await agent.get(shown.headers.get('location')!)).text.split('id="preview"')[1]!
    expect(preview).toMatch(/For whoever calls[^]*Not shown to the resident\. Call to/)
    expect(preview.split('</section>')[0]).not.toContain('As the resident gets it')
  })

  test('a stray Enter keeps the draft, which comes back and is gone when sent', async () => {
    const page = await agent.get(path)
    expect(/<form class="boxes"[^>]*>\s*<button[^>]*value="draft"/.test(page.text)).toBe(true)
    await compose({ text: 'Half a sent', do: 'draft' })
    expect(words(await agent.get(path))).toBe('Half a sent')
    await compose({ text: 'A whole sentence.', do: 'send' })
    expect(words(await agent.get(path))).toBe('')
  })

  test('what cannot be sent comes back with its words and files, and says why', async () => {
    const file = new File(['a map'], 'map.txt', { type: 'text/plain' })
    const refused = await compose(
      { text: 'See the map.', to: 'other', otherWay: 'mail', otherAddress: 'nowhere', do: 'send' },
      [file]
    )
    expect(refused.headers.get('location')).toBe(`${path}#reply`)
    const page = await agent.get(path)
    expect(page.text).toContain('the address that was typed does not serve its way')
    expect(words(page)).toBe('See the map.')
    expect(page.text).toContain('nowhere</textarea>')
    expect(page.text).toContain('map.txt (1 KB)')
    const removed = /value="(remove-\d+)"/.exec(page.text)![1]!
    await compose({ text: 'See the map.', do: removed })
    expect((await agent.get(path)).text).not.toContain('map.txt (1 KB)')
  })

  test('files over the bound are refused, and the words stay', async () => {
    const files = Array.from({ length: 11 }, (_, n) => new File(['x'], `${n}.txt`))
    await compose({ text: 'With eleven files', do: 'send' }, files)
    const page = await agent.get(path)
    expect(page.text).toContain('may have 10 files')
    expect(words(page)).toBe('With eleven files')
  })

  test('to a typed address says so, to everybody who reads the case', async () => {
    await compose({
      text: 'As you asked.',
      to: 'other',
      otherWay: 'mail',
      otherAddress: 'lawyer@firm.example',
      do: 'send'
    })
    expect((await agent.get(path)).text).toMatch(
      /lawyer@firm\.example<\/bdi> \(typed by staff, not given here by the resident\)/
    )
    const { data } = await site.runtime.db
      .selectFrom('events')
      .select('data')
      .where('case_id', '=', stood.caseId)
      .where('kind', '=', 'case.answered')
      .executeTakeFirstOrThrow()
    expect(data).toMatchObject({ typed: true, way: 'mail' })
    expect(JSON.stringify(data)).not.toContain('lawyer')
  })

  test('inserts a saved reply in the chosen language, filled in, after what is there', async () => {
    await compose({ text: 'Buenos días.', language: 'es', saved: 'repair-date', do: 'insert' })
    const text = words(await agent.get(path))!
    expect(text).toMatch(/^Buenos días\.\n\nHola, Rosa Delgado:/)
    expect(text).toContain('Calles y aceras, Municipio de Willow Creek')
    const json = await agent.get(`${path}/saved/thanks?language=en`)
    expect(JSON.parse(json.text)).toMatchObject({
      text: expect.stringContaining('Dear Rosa Delgado')
    })
  })

  test.each([
    [
      'an address that is none',
      { to: 'other', otherWay: 'mail', otherAddress: 'a@b' },
      'was typed'
    ],
    ['no words', { text: ' ' }, 'no words yet'],
    [
      'a text that is too long',
      { to: 'other', otherWay: 'text', otherAddress: '+12175550142', text: 'x'.repeat(1_600) },
      '1,600'
    ]
  ])('a preview refuses %s, as sending does', async (_what, fields, sentence) => {
    for (const verb of ['preview', 'send']) {
      await compose({ text: 'We fill it on Monday.', ...fields, do: verb })
      expect((await agent.get(`/desk/cases/${stood.caseId}`)).text).toContain(sentence)
    }
  })

  test('previews what the resident gets', async () => {
    const asked = await compose({ text: 'We fill it on Monday.', do: 'preview' })
    const page = await agent.get(asked.headers.get('location')!.split('#', 1)[0]!)
    const preview = /<section class="preview"[\s\S]*?<\/section>/.exec(page.text)![0]
    expect(preview).toContain('Re: A hole in Elm Street')
    expect(preview).toContain(`your receipt ${stood.receipt}`)
  })

  test('words of two windows are both kept, and a colleague’s act loses nothing', async () => {
    const [one, two] = [await agent.get(path), await agent.get(path)]
    await compose({ text: 'From the first window', do: 'draft' }, [], one)
    await compose({ text: 'From the second', do: 'draft' }, [], two)
    const page = await agent.get(path)
    expect(words(page)).toBe('From the second')
    expect(page.text).toContain('From the first window')
    await site.runtime.line.giveBack(stood.caseId, `staff:${agent.staff.id}`, 'lease over')
    const refused = await compose({ text: 'I was still writing', do: 'send' }, [], page)
    expect(refused.headers.get('location')).toBe(`${path}#reply`)
    expect(await takeNext()).toBe(path)
    expect(words(await agent.get(path))).toBe('I was still writing')
  })

  test('a script keeps the draft as it is typed, and is told when another window wrote', async () => {
    const page = await agent.get(path)
    const send = async (version: string, text: string, from = page) => {
      const body = formOf(from, `${path}/compose`, { text, version })
      const pairs = [...body.entries()].map(
        ([name, value]) => [name, String(value)] as [string, string]
      )
      return JSON.parse((await agent.post(`${path}/drafts/reply`, pairs)).text) as {
        version: number
        other: boolean
      }
    }
    const first = await send('0', 'Typing')
    expect(first).toMatchObject({ version: 1, other: false })
    expect(await send('1', 'Typing on')).toMatchObject({ version: 2, other: false })
    const other = await agent.get(path)
    expect(await send('1', 'Elsewhere', other)).toMatchObject({ version: 3, other: true })
  })

  test('a session that ended gives the words back after signing in', async () => {
    const page = await agent.get(path)
    await sql`delete from staff_sessions where staff_id = ${agent.staff.id}::uuid`.execute(
      site.runtime.db
    )
    const asked = await compose({ text: 'Nearly sent', do: 'send-close' }, [], page)
    expect(asked.status).toBe(401)
    const hidden = [...asked.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name, value]) => [name!, value!] as [string, string]
    )
    const back = await agent.post('/desk/sign-in', [
      ...hidden,
      ['email', agent.staff.email],
      ['password', password]
    ])
    expect(back.text).toMatch(/<textarea[^>]*name="text"[^>]*>\nNearly sent<\/textarea>/)
    expect(back.text).toContain(`action="${path}/compose"`)
    expect(back.text).toContain('<dt>To</dt><dd>Email: rosa@people.example</dd>')
    expect(back.text).toContain('<dt>Outcome</dt><dd>We answered you.</dd>')
    expect(back.text).toContain('Send and close</button>')
  })
})

describe('a letter', () => {
  test('is printed with the address in the window, the date, the receipt and the words, and then settled', async () => {
    ;({ stood, path } = await inHand({
      channel: 'postal',
      sender: { name: 'Rosa Delgado', addresses: ['12 Alder Lane, Willow Creek, IL 62001'] }
    }))
    await compose({ text: 'Dear Ms. Delgado,\n\n' + 'We will see to it. '.repeat(300), do: 'send' })
    const page = await agent.get(path)
    const href = /href="([^"]+\/letter)"/.exec(page.text)![1]!
    const response = await fetch(site.url + href, {
      headers: { cookie: `evenhand-session=${agent.cookies.get('evenhand-session')}` }
    })
    expect(response.headers.get('content-type')).toBe('application/pdf')
    const pdf = new PDFParse({ data: new Uint8Array(await response.arrayBuffer()) })
    const { pages } = await pdf.getText()
    expect(pages.length).toBeGreaterThan(1)
    for (const part of [
      'Town of Willow Creek',
      'Rosa Delgado\n12 Alder Lane\nWillow Creek\nIL 62001',
      `Receipt ${stood.receipt}`,
      'Dear Ms. Delgado,'
    ])
      expect(pages[0]!.text).toContain(part)
    expect((await agent.get('/desk')).text).toContain('Letter to print')
    const duty = /action="([^"]+\/duties\/[^"]+)"/.exec(page.text)![1]!
    await agent.post(duty, { _csrf: page.input('_csrf'), how: 'printed' })
    expect((await agent.get(path)).text).toContain('Printed and in the mail, you')
    const dutyId = duty.split('/').at(-1)!
    expect((await agent.get('/desk')).text).not.toContain(dutyId)
  })

  test('is for one name, also where the address begins with it', async () => {
    const address = 'ROSA  DELGADO\n12 Alder Lane\nWillow Creek'
    const letter = { to: 'other', otherWay: 'letter', otherAddress: address }
    await compose({ ...letter, text: 'It is filled.', do: 'send' })
    const summary = /<summary><strong>A letter to print and mail<\/strong>: <bdi>([^<]+)/
    expect(summary.exec((await agent.get(path)).text)![1]).toBe(
      'ROSA  DELGADO, 12 Alder Lane, Willow Creek'
    )
  })

  test('in a script that is not printed here is refused before it is made', async () => {
    ;({ stood, path } = await inHand({
      channel: 'postal',
      sender: { addresses: ['12 Alder Lane'] }
    }))
    await compose({ text: '水管坏了', do: 'send' })
    const page = await agent.get(path)
    expect(page.text).toContain('characters that cannot be printed here')
    expect(words(page)).toBe('水管坏了')
  })
})

describe('a note', () => {
  test('is read by staff alone, and by the colleague it names on their first page until they have read it', async () => {
    const ben = await signIn(site, 'agent', ['streets'])
    await site.runtime.db
      .updateTable('staff')
      .set({ name: 'Ben Okafor' })
      .where('id', '=', ben.staff.id)
      .execute()
    const secret = `Crew two is free, @Ben Okafor ${crypto.randomUUID()}`
    await compose({ note: secret, do: 'note' })
    expect((await agent.get(path)).text).toContain(secret)
    const home = await ben.get('/desk')
    expect(home.text).toContain('Notes for you')
    expect(home.text).toContain(`${path}#note-`)
    await ben.post(`${path}/mentions/read`, { _csrf: home.input('_csrf') })
    expect((await ben.get('/desk')).text).not.toContain('Notes for you')
    await compose({ text: 'We fill it on Monday.', do: 'send-close' })
    await dispatch()
    const everything = [
      (await agent.get(`/r/${stood.receipt}`)).text,
      JSON.stringify(await site.runtime.db.selectFrom('answers').selectAll().execute()),
      JSON.stringify(await site.runtime.db.selectFrom('events').selectAll().execute()),
      JSON.stringify(await site.runtime.db.selectFrom('outbound').selectAll().execute())
    ]
    for (const one of everything) expect(one).not.toContain('Crew two is free')
  })

  test('without words is refused, and what is typed is kept as a draft until it is saved', async () => {
    await compose({ note: ' ', do: 'note' })
    expect((await agent.get(path)).text).toContain('The note has no words yet')
    await compose({ note: 'half', do: 'draft-note' })
    expect((await agent.get(path)).text).toMatch(/<textarea id="note-text"[^>]*>\nhalf</)
  })
})

test('the resident’s answer joins the case, with what it quotes folded', async () => {
  await compose({ text: 'Which side of the street?', do: 'send' })
  const token = (await import('../../../helpers/contacts.ts')).tokenFor(site.runtime, stood.receipt)
  await stand(site.runtime, {
    to: town('streets'),
    sender: rosa,
    tokens: [token],
    text: 'The north side.\n\nOn Nov 28, 2026, Town of Willow Creek wrote:\n> Which side of the street?\n> ok'
  })
  const page = await agent.get(path)
  const [, own, folded] = /(The north side\.)<\/div>([\s\S]*?)<\/details>/.exec(page.text)!
  expect(own).toBe('The north side.')
  expect(folded).toContain('Quoted text, 3 lines')
  expect(folded).toContain('On Nov 28, 2026')
})

test('the page knows when its session goes idle, and one press tells the server that somebody is there', async () => {
  const page = await agent.get(path)
  expect(page.text).toContain('data-idle="7200"')
  await sql`update staff_sessions set last_seen_at = now() - interval '119 minutes'
    where staff_id = ${agent.staff.id}::uuid`.execute(site.runtime.db)
  expect((await agent.post('/desk/stay', { _csrf: page.input('_csrf') })).status).toBe(204)
  const { rows } = await sql<{ fresh: boolean }>`select last_seen_at > now() - interval '1 minute'
    as fresh from staff_sessions where staff_id = ${agent.staff.id}::uuid`.execute(site.runtime.db)
  expect(rows).toEqual([{ fresh: true }])
})
