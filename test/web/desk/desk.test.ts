import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { fromFile } from '../../../channels/web/from-file.ts'
import type { RawContact } from '../../../core/intake/channel.ts'
import { emptyLine } from '../../helpers/contacts.ts'
import { openPipeline, type Pipeline } from '../../helpers/pipeline.ts'
import { ask } from '../../helpers/replies.ts'
import { openSite, Visitor, type Page, type Site } from '../../helpers/site.ts'
import { signIn, type SignedIn } from '../../helpers/staff.ts'
import { until } from '../../helpers/until.ts'

let site: Site
let pipeline: Pipeline
beforeAll(async () => {
  site = await openSite()
  pipeline = openPipeline(site.runtime)
})
afterAll(() => pipeline.close().then(() => site.close()))

/** Contacts in their line, or in quarantine, in the order given. */
async function bringIn(...raws: RawContact[]): Promise<string[]> {
  const accepted = []
  for (const raw of raws) accepted.push(await site.runtime.acceptor.accept(raw))
  await pipeline.run(accepted.map(({ contactId }) => contactId))
  return accepted.map(({ receipt }) => receipt)
}

function contact(topic: string, message: string, more: Record<string, string> = {}): RawContact {
  return fromFile(
    'test.json',
    Buffer.from(JSON.stringify({ form: 'contact', fields: { topic, message, ...more } })),
    site.runtime.agency()
  )
}

function part(head: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`
}

/** A file in a form, which the stored original shows as multipart. */
function withFile(topic: string, message: string, name: string, content: string): RawContact {
  const bytes = Buffer.from(
    `${part('name="topic"', topic)}${part('name="message"', message)}${part(`name="attachments"; filename="${name}"\r\nContent-Type: text/html`, content)}--b--\r\n`
  )
  return { ...contact(topic, message), bytes, mediaType: 'multipart/form-data; boundary=b' }
}

async function act(
  agent: Visitor,
  path: string,
  fields: Record<string, string> = {}
): Promise<Page> {
  const page = await agent.get('/desk')
  return agent.post(path, { _csrf: page.input('_csrf'), ...fields })
}

async function takeFrom(agent: SignedIn, department: string): Promise<string> {
  const answer = await act(agent, `/desk/departments/${department}/take`)
  return answer.headers.get('location')!
}

describe("a department's line", () => {
  test('gives the case that arrived first, to one person only', async () => {
    const [first, second] = await bringIn(
      contact('parks', 'A bench is broken'),
      contact('parks', 'When does the pool open this summer?')
    )
    const [one, two] = [
      await signIn(site, 'agent', ['parks']),
      await signIn(site, 'agent', ['parks'])
    ]
    expect((await one.get('/desk')).text).toMatch(
      /<span data-number>2<\/span><span class="quiet"> waiting/
    )
    const [mine, theirs] = [await takeFrom(one, 'parks'), await takeFrom(two, 'parks')]
    expect((await one.get(mine)).text).toContain(first)
    expect((await two.get(theirs)).text).toContain(second)
    expect((await one.get('/desk')).text).toContain(`href="${mine}"`)
  })

  test('says so when nobody waits', async () => {
    const agent = await signIn(site, 'agent', ['clerk'])
    expect(await takeFrom(agent, 'clerk')).toBe('/desk')
    expect((await agent.get('/desk')).text).toContain('Nobody is waiting')
  })

  test('is closed to those who do not serve it', async () => {
    const agent = await signIn(site, 'agent', ['clerk'])
    expect((await act(agent, '/desk/departments/water/take')).status).toBe(403)
    expect((await agent.get('/desk')).text).not.toContain('/desk/departments/water/take')
  })
})

describe('a case in hand', () => {
  let agent: SignedIn
  let path: string
  let receipt: string
  beforeEach(async () => {
    agent = await signIn(site, 'agent', ['water'])
    ;[receipt] = (await bringIn(
      contact(
        'water',
        `No pressure since Monday <img src=x onerror=alert(1)> ${crypto.randomUUID()}`,
        { name: 'Ana Ruiz', email: 'ana@example.com' }
      )
    )) as [string]
    path = await takeFrom(agent, 'water')
  })

  test('shows what came, from whom and how it came here, inert', async () => {
    const page = await agent.get(path)
    for (const part of [
      receipt,
      'No pressure since Monday',
      'Ana Ruiz',
      'ana@example.com',
      'What is it about?',
      'Water or sewer',
      'taken, Test agent',
      'topic-water'
    ])
      expect(page.text).toContain(part)
    expect(page.text).not.toContain('<img src=x')
  })

  const verbs: [verb: string, fields: Record<string, string>, state: string, event: string][] = [
    ['return', { reason: 'I have to ask first' }, 'waiting', 'case.returned'],
    ['pass', { reason: 'Speaks Hmong' }, 'waiting', 'case.passed'],
    [
      'pause',
      { reason: 'Asked for the meter’s number', until: '2027-03-01' },
      'waiting-for-resident',
      'case.paused'
    ],
    ['transfer', { department: 'housing', reason: 'Rent question' }, 'waiting', 'case.transferred'],
    [
      'hand-off',
      { to: 'County water authority', reason: 'Their main' },
      'handed-off',
      'case.handed-off'
    ],
    [
      'close',
      { outcomeId: 'done', note: 'Called twice', reason: 'No address was given' },
      'closed',
      'case.closed'
    ]
  ]
  test.each(verbs)('%s', async (verb, fields, state, event) => {
    if (verb === 'pause') await ask(site.runtime, path.split('/').at(-1)!)
    expect((await act(agent, `${path}/${verb}`, fields)).headers.get('location')).toBe('/desk')
    const caseId = path.split('/').at(-1)!
    const row = await site.runtime.db
      .selectFrom('cases')
      .selectAll()
      .where('id', '=', caseId)
      .executeTakeFirstOrThrow()
    expect(row.state).toBe(state)
    const events = await site.runtime.db
      .selectFrom('events')
      .select(['kind', 'actor', 'data'])
      .where('case_id', '=', caseId)
      .orderBy('id')
      .execute()
    expect(events.at(-1)).toMatchObject({ kind: event, actor: `staff:${agent.staff.id}` })
  })

  test.each([
    ['return', {}],
    ['pass', {}],
    ['hand-off', { to: 'County' }],
    ['hand-off', { reason: 'x' }],
    ['pause', { reason: 'x', until: '2020-01-01' }],
    ['pause', { until: '2027-03-01' }],
    ['close', { note: 'x', reason: 'x' }],
    ['close', { outcomeId: 'done' }],
    ['close', { outcomeId: 'reply-sent', reason: 'x' }],
    ['close', { outcomeId: 'moon', reason: 'x' }],
    ['transfer', { department: 'moon' }]
  ])('%s without what it needs changes nothing: %j', async (verb, fields) => {
    const answer = await act(agent, `${path}/${verb}`, fields)
    const page = answer.status === 303 ? await agent.get(path) : answer
    expect(page.text).toContain('notice bad')
    expect(page.text).toContain('by you')
  })

  test('can be acted on by its holder only', async () => {
    const colleague = await signIn(site, 'supervisor', ['water'])
    expect((await colleague.get(path)).text).not.toContain(`${path}/close`)
    const refused = await act(colleague, `${path}/close`, { outcome: 'Not yours', reason: 'x' })
    expect(refused.text).toContain('You do not hold this case')
    expect(
      (
        await site.runtime.db
          .selectFrom('cases')
          .select('state')
          .where('id', '=', path.split('/').at(-1)!)
          .executeTakeFirstOrThrow()
      ).state
    ).toBe('taken')
  })

  test('about two matters is split, joined again by its receipt, and taken apart', async () => {
    const code = /<code>([^<]+)/.exec((await agent.get(path)).text)![1]!
    await act(agent, `${path}/split`, { reason: 'Also the meter is wrong' })
    const page = (await agent.get(path)).text
    const other = /href="(\/desk\/cases\/[^"]+)">The other case: Also the meter/.exec(page)![1]!
    expect((await act(agent, `${path}/join`, { receipt: 'x', reason: 'x' })).text).toContain(
      'Not done'
    )
    expect(
      (await act(agent, `${path}/join`, { receipt: code, reason: 'One' })).headers.get('location')
    ).toBe(path)
    expect((await agent.get(other)).text).toContain('Joined into an earlier case')
    expect((await agent.get(path)).text).toContain('Split off and joined again')
    const part = other.split('/').at(-1)!
    await act(agent, `${path}/parts/${part}/apart`, { reason: 'Two after all' })
    expect((await agent.get(other)).text).toContain('Waiting in line')
  })

  test('about two matters is split for another department, under the words that were typed', async () => {
    const page = (await agent.get(path)).text
    expect(page).toContain('no later and no earlier')
    const refused = await act(agent, `${path}/split`, { reason: 'A bench', into: 'moon' })
    expect(refused.text).toContain('Not done')
    await act(agent, `${path}/split`, { reason: 'Also a bench is broken', into: 'parks' })
    expect((await agent.get(path)).text).toContain('The other one is with Parks and Recreation.')
    const gardener = await signIn(site, 'agent', ['parks'])
    await until(async () => {
      const { headers } = await act(gardener, '/desk/departments/parks/take', {})
      return (await gardener.get(headers.get('location')!)).text.includes(
        '<h1>Also a bench is broken</h1>'
      )
    })
    expect((await gardener.get('/desk')).text).toContain('Also a bench is broken')
    await emptyLine(site.runtime, 'parks')
  })

  test('waits for its resident in a list, and is brought back from there', async () => {
    const wait = { reason: 'Asked for the number', until: '2027-03-01' }
    expect((await act(agent, `${path}/pause`, wait)).text).toContain('Reply first with what you')
    await ask(site.runtime, path.split('/').at(-1)!)
    await act(agent, `${path}/pause`, wait)
    const list = (await agent.get('/desk/paused')).text
    for (const part of [`href="${path}"`, 'Asked for the number', 'The clock is paused'])
      expect(list).toContain(part)
    const page = (await agent.get(path)).text
    for (const part of ['Waiting for the resident', 'March 1, 2027', `${path}/resume`])
      expect(page).toContain(part)
    await act(agent, `${path}/resume`, { reason: 'They called' })
    expect((await agent.get(path)).text).toContain('Waiting in line')
    const stranger = await signIn(site, 'agent', ['parks'])
    expect((await stranger.get('/desk/paused')).text).not.toContain(path)
  })

  test('is given back for its holder by a supervisor, from the list of held cases', async () => {
    const supervisor = await signIn(site, 'supervisor')
    const page = await supervisor.get('/desk/held')
    for (const part of ['No pressure since Monday', 'Test agent', `href="${path}"`])
      expect(page.text).toContain(part)
    expect((await agent.get('/desk/held')).status).toBe(403)
    expect((await act(agent, `${path}/free`, { reason: 'x' })).status).toBe(403)
    const freed = await act(supervisor, `${path}/free`, {
      holder: `staff:${agent.staff.id}`,
      reason: 'On leave',
      back: 'held'
    })
    expect(freed.headers.get('location')).toBe('/desk/held')
    expect((await supervisor.get(path)).text).toContain('given back for its holder')
    expect((await agent.get(path)).text).toContain('Waiting in line')
  })

  test('is unknown to another department, like one that does not exist', async () => {
    const stranger = await signIn(site, 'agent', ['parks'])
    const pages = await Promise.all(
      [
        path,
        '/desk/cases/00000000-0000-0000-0000-000000000000',
        '/desk/cases/x',
        "/desk/cases/'--"
      ].map((address) => stranger.get(address))
    )
    const told = pages.map(
      (page) =>
        `${page.status} ${page.text.replaceAll(/(?:name="_csrf" value|data-token)="[^"]+"/g, '')}`
    )
    expect(new Set(told).size).toBe(1)
    expect(pages[0]!.status).toBe(404)
  })

  test('are three at a time and no more; the desk says what to do', async () => {
    await bringIn(
      contact('water', `a ${crypto.randomUUID()}`),
      contact('water', `b ${crypto.randomUUID()}`),
      contact('water', `c ${crypto.randomUUID()}`)
    )
    const one = await signIn(site, 'agent', ['water'])
    const takeOne = () => act(one, '/desk/departments/water/take', {})
    for (let n = 0; n < 3; n += 1)
      expect((await takeOne()).headers.get('location')).toMatch('/desk/cases/')
    expect((await takeOne()).headers.get('location')).toBe('/desk')
    const page = (await one.get('/desk')).text
    for (const part of ['notice bad', 'You hold as many cases', 'you hold 3 of at most 3'])
      expect(page).toContain(part)
    for (const id of page.matchAll(/href="(\/desk\/cases\/[^"]+)"/g))
      await act(one, `${id[1]}/close`, { outcome: 'Done', reason: 'By phone' })
  })

  test('that ended can be reopened with a reason, at its place', async () => {
    await act(agent, `${path}/close`, { outcomeId: 'done', reason: 'By phone' })
    expect((await agent.get(path)).text).toContain(`${path}/reopen`)
    await act(agent, `${path}/reopen`, { reason: 'Broke again' })
    expect((await agent.get(path)).text).toContain('Waiting in line')
  })
})

describe('a document', () => {
  test('is only ever downloaded, whatever it claims to be', async () => {
    const agent = await signIn(site, 'agent', ['permits'])
    await bringIn(
      withFile('permits', 'My plan is attached', 'plan ü.html', '<script>alert(1)</script>')
    )
    const path = await takeFrom(agent, 'permits')
    const link = /href="([^"]+\/documents\/0)"/.exec((await agent.get(path)).text)![1]!
    const file = await agent.get(link)
    expect(file.text).toBe('<script>alert(1)</script>')
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="/)
    expect(file.headers.get('content-type')).toBe('application/octet-stream')
    expect(file.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(file.headers.get('x-content-type-options')).toBe('nosniff')
    const stranger = await signIn(site, 'agent', ['parks'])
    expect((await stranger.get(link)).status).toBe(404)
    expect((await agent.get(link.replace(/0$/, '7'))).status).toBe(404)
    expect((await agent.get(link.replace(/0$/, '-1'))).status).toBe(404)
  })
})

describe('quarantine', () => {
  test('shows why, gives the original and releases with a reason to the place it had', async () => {
    const [receipt] = await bringIn({
      ...contact('sanitation', 'x'),
      bytes: Buffer.from('not multipart'),
      mediaType: 'multipart/form-data; boundary=zzz'
    })
    const clerk = await signIn(site, 'mailroom', ['general'])
    const page = await clerk.get('/desk/quarantine')
    expect(page.text).toContain(receipt)
    expect(page.text).toContain('could not be read by machine')
    const id = /\/desk\/quarantine\/([0-9a-f-]{36})\/original/.exec(page.text)![1]!
    expect((await clerk.get(`/desk/quarantine/${id}/original`)).text).toBe('not multipart')
    await act(clerk, `/desk/quarantine/${id}/release`, { reason: '' })
    expect((await clerk.get('/desk/quarantine')).text).toContain('A reason is required')
    await act(clerk, `/desk/quarantine/${id}/release`, {
      reason: 'Harmless',
      seen: page.input('seen')
    })
    expect((await clerk.get('/desk/quarantine')).text).not.toContain(receipt)
    await pipeline.run([id])
    expect((await clerk.get(await takeFrom(clerk, 'general'))).text).toContain(receipt)
  })

  test('is not for agents', async () => {
    const agent = await signIn(site, 'agent', ['general'])
    expect((await agent.get('/desk/quarantine')).status).toBe(403)
    expect((await agent.get('/desk')).text).not.toContain('/desk/quarantine')
  })
})
